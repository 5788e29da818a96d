"""A service in another process, as an ASGI application: requests and WebSockets are passed through.

Only paths of known services come here, and only to the addresses an operator configured.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any
from urllib.parse import quote

import httpx
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException

from pulse.gateway.errors import ServiceUnreachable
from pulse.http import problems
from pulse.http.errors import BodyTooLarge
from pulse.kernel.errors import PulseError

_HOP_BY_HOP = frozenset(
    {
        *("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer"),
        *("transfer-encoding", "upgrade", "host", "expect"),
    }
)
"""Headers that belong to one connection and are not passed on (RFC 9110, section 7.6.1)."""


_UNSENDABLE = {1005: 1000, 1006: 1012, 1015: 1012}
"""Close codes that only say how a connection ended, and what is sent on instead (RFC 6455, section 7.4.1)."""


class Remote:
    """Passes connections on to the service `name`; `address` says where it is now, or None."""

    def __init__(self, name: str, address: Callable[[], str | None], max_body_bytes: int) -> None:
        self._name = name
        self._address = address
        self._max_body_bytes = max_body_bytes
        self._http = httpx.AsyncClient(
            timeout=httpx.Timeout(60, connect=5),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=20),  # each reader of events holds one
            follow_redirects=False,
            trust_env=False,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        address = self._address()
        if scope["type"] == "websocket":
            await self._websocket(WebSocket(scope, receive, send), address)
            return
        try:
            await self._request(Request(scope, receive), address, send)
        except PulseError as error:
            await problems.answer(error)(scope, receive, send)
        except ClientDisconnect:
            return

    async def _request(self, request: Request, address: str | None, send: Send) -> None:
        headers = [(name, value) for name, value in request.headers.raw if name.decode("latin-1") not in _HOP_BY_HOP]
        body = await self._read(request)
        # A stream of events is silent for longer than any answer may take.
        streams = "text/event-stream" in request.headers.get("accept", "")
        timeout = httpx.Timeout(60, connect=5, read=None) if streams else self._http.timeout
        try:
            if address is None:
                raise httpx.ConnectError("it is not running, and no address is set")
            sent = self._http.build_request(
                request.method, address + _target(request.scope), headers=headers, content=body, timeout=timeout
            )
            answer = await self._http.send(sent, stream=True)
        except httpx.HTTPError as error:
            raise ServiceUnreachable(f"the {self._name} service does not answer: {error!r}") from error
        response = StreamingResponse(self._body(answer), answer.status_code)
        response.raw_headers = [
            (name.lower(), value) for name, value in answer.headers.raw if name.lower().decode() not in _HOP_BY_HOP
        ]
        await response(request.scope, request.receive, send)

    async def _read(self, request: Request) -> bytes:
        body = bytearray()
        async for part in request.stream():
            body += part
            if len(body) > self._max_body_bytes:
                raise BodyTooLarge(f"the body has more than {self._max_body_bytes} bytes")
        return bytes(body)

    async def _body(self, answer: httpx.Response) -> AsyncIterator[bytes]:
        try:
            async for part in answer.aiter_raw():
                yield part
        finally:
            await answer.aclose()

    async def _websocket(self, caller: WebSocket, address: str | None) -> None:
        passed = {
            name: value
            for name, value in caller.headers.items()
            if name in ("authorization", "cookie", "origin", "traceparent")
        }
        origin: Any = passed.pop("origin", None)
        # The service compares Origin with Host: it must see the host the browser asked for.
        passed["x-pulse-host"] = caller.headers.get("host", "")
        target = f"{(address or '').replace('http', 'ws', 1)}{_target(caller.scope)}"
        try:
            async with connect(
                target, additional_headers=passed, origin=origin, open_timeout=5, max_size=65_536, proxy=None
            ) as peer:
                await caller.accept()
                await _pump(caller, peer)
        except InvalidStatus as refused:
            await self._deny(caller, Response(bytes(refused.response.body), refused.response.status_code))
        except (OSError, WebSocketException, TimeoutError) as error:
            unreachable = ServiceUnreachable(f"the {self._name} service does not answer: {error!r}")
            await self._deny(caller, problems.answer(unreachable))

    async def _deny(self, caller: WebSocket, answer: Response) -> None:
        handshaking = caller.application_state is WebSocketState.CONNECTING
        if handshaking and "websocket.http.response" in caller.scope.get("extensions", {}):
            await caller.send_denial_response(answer)
        else:
            await _close(caller, 1013)

    async def close(self) -> None:
        """Close its connections."""
        await self._http.aclose()


def _target(scope: Scope) -> str:
    """Return path and query as the caller wrote them: decoding and encoding again would lose `%2F` and `%3F`."""
    path = (scope.get("raw_path") or quote(scope["path"]).encode()).decode("latin-1")
    query = scope.get("query_string", b"").decode("latin-1")
    return f"{path}?{query}" if query else path


async def _pump(caller: WebSocket, peer: ClientConnection) -> None:
    """Pass messages both ways until one side closes; then close the other with the same code."""
    pumps = {asyncio.create_task(_to_peer(caller, peer)), asyncio.create_task(_to_caller(peer, caller))}
    try:
        await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for pump in pumps:
            pump.cancel()
        await asyncio.gather(*pumps, return_exceptions=True)
    if peer.close_code is not None:
        await _close(caller, peer.close_code, peer.close_reason or "")


async def _to_peer(caller: WebSocket, peer: ClientConnection) -> None:
    with contextlib.suppress(ConnectionClosed):
        while True:
            message = await caller.receive()
            if message["type"] == "websocket.disconnect":
                code = message.get("code") or 1005
                await peer.close(_UNSENDABLE.get(code, code), message.get("reason") or "")
                return
            await peer.send(message["text"] if message.get("text") is not None else message["bytes"])


async def _to_caller(peer: ClientConnection, caller: WebSocket) -> None:
    with contextlib.suppress(ConnectionClosed, RuntimeError, WebSocketDisconnect):
        async for message in peer:
            await (caller.send_text(message) if isinstance(message, str) else caller.send_bytes(message))


async def _close(caller: WebSocket, code: int, reason: str = "") -> None:
    with contextlib.suppress(RuntimeError, WebSocketDisconnect):
        await caller.close(_UNSENDABLE.get(code, code), reason)
