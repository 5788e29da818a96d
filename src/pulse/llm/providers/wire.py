"""The one HTTP client that a library of providers may use: one request a call, of a limited size, and remembered.

What a failure was, and whether it was billed, is decided on what went over the wire and not on how a library words it.
"""

import asyncio
from concurrent.futures import Future
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import httpx2


@dataclass
class Call:
    """What one call sent and got: `status` is None until an answer has come whole."""

    loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)
    sent: bool = False
    error: Exception | None = None
    too_large: bool = False
    status: int | None = None
    retry_after: str | None = None
    body: bytes = b""
    waiting: "Future[httpx2.Response] | None" = None


class SecondRequest(RuntimeError):
    """A library wanted to ask again by itself. It would be paid for twice, and nobody would know."""


class Wire(httpx2.AsyncClient):
    """Sends what belongs to the call that `call` holds. Keeps no connection open, so that nothing is to be closed."""

    def __init__(self, timeout_seconds: float, max_bytes: int) -> None:
        limits = httpx2.Limits(max_connections=None, max_keepalive_connections=0)
        super().__init__(timeout=timeout_seconds, limits=limits, follow_redirects=False)
        self._max_bytes = max_bytes

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        """Send once; the answer is read whole whatever `options` say. Raises `SecondRequest` and httpx2's errors."""
        this = call.get()
        if this.sent:
            raise SecondRequest("a call is sent once")
        this.sent = True
        try:
            response = await super().send(request, **options | {"stream": True, "follow_redirects": False})
            try:
                body = await self._read(this, response)
            finally:
                await response.aclose()
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError) as error:
            this.error = error
            raise
        this.status, this.body = response.status_code, body
        this.retry_after = response.headers.get("retry-after")
        # The body is unpacked: what says how it was packed goes.
        headers = [item for item in response.headers.multi_items() if item[0] not in _PACKING]
        return httpx2.Response(this.status, headers=headers, content=body, request=request)

    def send_from_thread(self, request: httpx2.Request) -> httpx2.Response:
        """Send for a library that blocks its thread; who ends the call ends the wait as well."""
        this = call.get()
        this.waiting = asyncio.run_coroutine_threadsafe(self.send(request), this.loop)
        return this.waiting.result()

    async def _read(self, this: Call, response: httpx2.Response) -> bytes:
        chunks, size = [], 0
        async for chunk in response.aiter_bytes():
            size += len(chunk)
            if size > self._max_bytes:
                this.too_large = True
                raise httpx2.ReadError(f"more than {self._max_bytes} bytes", request=response.request)
            chunks.append(chunk)
        return b"".join(chunks)


_PACKING = frozenset({"content-encoding", "content-length", "transfer-encoding"})

call: ContextVar[Call] = ContextVar("call")
"""The call that is being made in this task, and in the threads it waits for."""
