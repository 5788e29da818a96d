"""The FastAPI application around one service: errors, metrics, traces, size limits, health."""

import re
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import JSONResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from pulse import __version__
from pulse.http import problems
from pulse.http.errors import BodyTooLarge
from pulse.http.tokens import Tokens
from pulse.telemetry import metrics, tracing

_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
"""Those that become a label of a metric; what callers make up does not."""
_LENGTH = re.compile(r"[0-9]{1,18}")


class Problem(BaseModel):
    """What every failure looks like (RFC 9457)."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    next_step: str | None = None
    trace_id: str | None = None


def build(
    service: str,
    routers: Sequence[APIRouter],
    tokens: Tokens,
    *,
    ready: Callable[[], Awaitable[dict[str, Any]]],
    max_body_bytes: int,
) -> FastAPI:
    """Return the application of one service. `ready` raises when the service cannot do its work."""
    app = FastAPI(title="Pulse API", version=__version__, docs_url=None, redoc_url=None, openapi_url=None)
    app.state.tokens = tokens
    problems.install(app)
    for router in routers:
        app.include_router(router, responses=problems.PROBLEM_RESPONSES)
    app.include_router(_health(service, ready))
    app.add_middleware(Observed, service=service, max_body_bytes=max_body_bytes)
    return app


def _health(service: str, ready: Callable[[], Awaitable[dict[str, Any]]]) -> APIRouter:
    router = APIRouter(include_in_schema=False)

    @router.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "ok", "service": service}

    @router.get("/health/ready")
    async def readiness(_request: Request) -> Response:
        try:
            return JSONResponse({"status": "ok", "service": service} | await ready())
        except Exception as error:  # whatever keeps it from working makes it not ready
            return problems.problem(
                503, "http.not_ready", f"{service} is not ready: {error}", "Wait, or look at its log."
            )

    @router.get("/metrics")
    async def prometheus() -> Response:
        return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)

    return router


class Observed:
    """Middleware: a span, metrics and a bound on the body for each request. Plain ASGI: it is on every path."""

    def __init__(self, app: ASGIApp, *, service: str, max_body_bytes: int) -> None:
        self._app, self._service, self._limit = app, service, max_body_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one connection."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500
        stream = False
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > self._limit:
                raise BodyTooLarge(f"the body has more than {self._limit} bytes")
            return message

        async def noted(message: Message) -> None:
            nonlocal status, stream
            if message["type"] == "http.response.start":
                status = message["status"]
                stream = Headers(raw=message["headers"]).get("content-type", "").startswith("text/event-stream")
            await send(message)

        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        with tracing.continued(f"{scope['method']} {self._service}", headers) as span:
            try:
                if error := _announced_too_large(scope, self._limit):
                    await problems.answer(error)(scope, receive, noted)
                else:
                    await self._app(scope, counted, noted)
            finally:
                route = getattr(scope.get("route"), "path", "(none)")
                method = scope["method"] if scope["method"] in _METHODS else "OTHER"
                span.set_attribute("http.route", route)
                span.set_attribute("http.response.status_code", status)
                metrics.http_requests.labels(self._service, method, route, str(status)).inc()
                if not stream:  # how long a reader stays says nothing of how fast we answer
                    seconds = time.perf_counter() - started
                    metrics.http_duration.labels(self._service, method, route).observe(seconds)


def _announced_too_large(scope: Scope, limit: int) -> BodyTooLarge | None:
    announced = Headers(scope=scope).get("content-length", "0")
    if _LENGTH.fullmatch(announced) and int(announced) <= limit:
        return None
    return BodyTooLarge(f"Content-Length is {announced[:20]!r}, and bodies have {limit} bytes at most")
