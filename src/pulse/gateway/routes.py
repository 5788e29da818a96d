"""What the gateway answers itself: the API document and its page, and the public pages."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from fastapi import APIRouter
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive, Scope, Send

_DOCS = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Pulse API</title><style>body{{font:16px/1.5 system-ui;max-width:52rem;margin:2rem auto;padding:0 1rem}}
code{{background:#8882;padding:.1em .3em;border-radius:.2em}}td{{padding:.2em .8em .2em 0;vertical-align:top}}
:root{{color-scheme:light dark}}code{{overflow-wrap:anywhere}}
@media(max-width:40rem){{tr,td{{display:block}}tr{{padding:.4em 0}}}}</style>
<h1>Pulse API</h1>
<p>The machine-readable document is <a href="/openapi.json">/openapi.json</a>.</p><table>{rows}</table></html>"""

_SITE_HEADERS = {
    "content-security-policy": "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; sandbox allow-popups allow-top-navigation-by-user-activation",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
}
"""They share their address with the dashboard: what a feed might smuggle in must not act as one signed in."""


def router(document: Callable[[], dict[str, Any]]) -> APIRouter:
    """Return the gateway's own routes. `document` gives the OpenAPI document."""
    router = APIRouter(include_in_schema=False)

    @router.get("/openapi.json")
    async def openapi() -> Response:
        return JSONResponse(document())

    @router.get("/docs")
    async def docs() -> Response:
        rows = "".join(
            f"<tr><td><code>{method.upper()}</code><td><code>{path}</code><td>{operation.get('summary', '')}"
            for path, operations in sorted(document()["paths"].items())
            for method, operation in operations.items()
        )
        policy = "default-src 'none'; style-src 'unsafe-inline'"
        return HTMLResponse(_DOCS.format(rows=rows), headers={"content-security-policy": policy})

    return router


class PublicPages:
    """Serves a folder of public pages under a path: the site (/site), the receipts of all posts (/receipts)."""

    def __init__(self, path: str, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._path = path
        self._files = StaticFiles(directory=folder, html=True)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 4404})
            return

        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_SITE_HEADERS)
            await send(message)

        try:
            await self._files({**scope, "root_path": scope.get("root_path", "") + self._path}, receive, guarded)
        except HTTPException as error:
            await PlainTextResponse(error.detail, error.status_code)(scope, receive, guarded)
