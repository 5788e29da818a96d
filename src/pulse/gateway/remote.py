"""A service in another process, as an ASGI application: requests and WebSockets are passed through.

Only paths of known services come here, and only to the addresses an operator configured.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
from starlette.requests import Request
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from pulse.gateway.errors import ServiceUnreachable
from pulse.http import problems

_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "te", "trailer", "transfer-encoding", "upgrade", "host"}
)
"""Headers that belong to one connection and are not passed on (RFC 9110, section 7.6.1)."""


class Remote:
    """Passes connections on to the service `name`; `address` says where it is now, or None."""

    def __init__(self, name: str, address: Callable[[], str | None]) -> None:
        self._name = name
        self._address = address
        self._http = httpx.AsyncClient(timeout=httpx.Timeout(60, connect=5), follow_redirects=False, trust_env=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        address = self._address()
        if scope["type"] == "websocket":
            await self._websocket(WebSocket(scope, receive, send), address)
        else:
            await self._request(Request(scope, receive), address, send)

    async def _request(self, request: Request, address: str | None, send: Send) -> None:
        target = f"{address}{request.url.path}" + (f"?{request.url.query}" if request.url.query else "")
        headers = [(name, value) for name, value in request.headers.items() if name not in _HOP_BY_HOP]
        try:
            if address is None:
                raise httpx.ConnectError("it is not running, and no address is set")
            # A stream of events is silent for longer than any answer may take.
            timeout = httpx.Timeout(60, read=None) if "text/event-stream" in request.headers.get("accept", "") else None
            sent = self._http.build_request(
                request.method,
                target,
                headers=headers,
                content=await request.body(),
                timeout=timeout or self._http.timeout,
            )
            answer = await self._http.send(sent, stream=True)
        except httpx.HTTPError as error:
            problem = problems.answer(ServiceUnreachable(f"the {self._name} service does not answer: {error}"))
            await problem(request.scope, request.receive, send)
            return
        response = StreamingResponse(self._body(answer), answer.status_code)
        response.raw_headers = [
            (name.lower(), value) for name, value in answer.headers.raw if name.lower().decode() not in _HOP_BY_HOP
        ]
        await response(request.scope, request.receive, send)

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
        target = f"{(address or '').replace('http', 'ws', 1)}{caller.url.path}"
        try:
            async with connect(
                target, additional_headers=passed, origin=origin, open_timeout=5, max_size=65_536
            ) as peer:
                await caller.accept()
                pumps = {asyncio.create_task(_to_peer(caller, peer)), asyncio.create_task(_to_caller(peer, caller))}
                _done, running = await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
                for pump in running:
                    pump.cancel()
                await asyncio.gather(*pumps, return_exceptions=True)
                with contextlib.suppress(RuntimeError):
                    await caller.close(peer.close_code or 1000)
        except (OSError, WebSocketException, TimeoutError):
            with contextlib.suppress(RuntimeError):
                await caller.close(1013)

    async def close(self) -> None:
        """Close its connections."""
        await self._http.aclose()


async def _to_peer(caller: WebSocket, peer: Any) -> None:
    with contextlib.suppress(WebSocketDisconnect, ConnectionClosed):
        while True:
            await peer.send(await caller.receive_text())


async def _to_caller(peer: Any, caller: WebSocket) -> None:
    with contextlib.suppress(ConnectionClosed, RuntimeError):
        async for message in peer:
            await caller.send_text(message)
