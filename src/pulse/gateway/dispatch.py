"""Which application answers a path. Plain ASGI: a dictionary look-up on the first segment."""

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from pulse.gateway.errors import NoSuchPath
from pulse.http import problems

PAGE_SEGMENTS = ("", "app", "static", "sign-in", "sign-out")
"""First segments of the addresses of pages; all others are the API's."""


class Dispatch:
    """Sends each connection to the application of its first path segment, else to `fallback`."""

    def __init__(self, segments: Mapping[str, ASGIApp], fallback: ASGIApp) -> None:
        self._segments = dict(segments)
        self._fallback = fallback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] not in ("http", "websocket"):
            return
        segment = scope["path"].lstrip("/").partition("/")[0]
        await self._segments.get(segment, self._fallback)(scope, receive, send)


class Unserved:
    """Answers a path that nobody serves: with the page that `pages` has for that to a browser, else with a problem."""

    def __init__(self, pages: ASGIApp) -> None:
        self._pages = pages

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        browses = scope["type"] == "http" and "text/html" in Headers(scope=scope).get("accept", "")
        await (self._pages if browses else no_such_path)(scope, receive, send)


async def no_such_path(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 404, or refuse a WebSocket."""
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 4404})
        return
    await problems.answer(NoSuchPath(f"nothing is served at {scope['path']}"))(scope, receive, send)
