"""The pages as one ASGI application: the table of addresses, who may see them, and what errors look like."""

import logging
from collections.abc import Awaitable, Callable

from jinja2 import Environment
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, ExceptionHandler

from pulse.http.application import Observed
from pulse.http.errors import NotAuthenticated
from pulse.i18n import message
from pulse.kernel.errors import Kind, PulseError
from pulse.telemetry import tracing
from pulse.web.assets import Assets
from pulse.web.errors import NoSuchPage
from pulse.web.guard import Guarded
from pulse.web.pages import (
    budget,
    channels,
    editor,
    help_page,
    niches,
    overview,
    posts,
    prompts,
    sign_in,
    sources,
    stories,
)
from pulse.web.room import WebRoom as WebRoom
from pulse.web.session import COOKIE, require_own_page, signed_in, to_sign_in
from pulse.web.templates import environment
from pulse.web.trouble import Trouble, trouble
from pulse.web.visit import Visit, page

Page = Callable[[Visit], Awaitable[Response]]

PAGES: tuple[tuple[str, str, Page], ...] = (
    ("GET", "/", overview.show),
    ("GET", "/app/overview/lists", overview.lists),
    ("GET", "/app/stories", stories.listing),
    ("GET", "/app/stories/{story_id:uuid}", stories.one),
    ("POST", "/app/stories/{story_id:uuid}/summarize", stories.summarize),
    ("GET", "/app/stories/{story_id:uuid}/edit", editor.show),
    ("POST", "/app/stories/{story_id:uuid}/check", editor.check),
    ("POST", "/app/stories/{story_id:uuid}/save", editor.save),
    ("GET", "/app/stories/{story_id:uuid}/prompts", prompts.show),
    ("POST", "/app/stories/{story_id:uuid}/prompts", prompts.compare),
    ("GET", "/app/posts", posts.listing),
    ("GET", "/app/posts/{post_id:uuid}", posts.one),
    ("GET", "/app/posts/{post_id:uuid}/card", posts.card),
    ("POST", "/app/posts/{post_id:uuid}/{action:str}", posts.act),
    ("GET", "/app/sources", sources.listing),
    ("POST", "/app/sources", sources.add),
    ("GET", "/app/sources/export", sources.export),
    ("POST", "/app/sources/import", sources.bring_in),
    ("POST", "/app/sources/{source_id:uuid}/{action:str}", sources.act),
    ("GET", "/app/channels", channels.listing),
    ("POST", "/app/channels", channels.add),
    ("POST", "/app/channels/{channel_id:uuid}/{action:str}", channels.act),
    ("GET", "/app/niches", niches.listing),
    ("POST", "/app/niches", niches.add),
    ("POST", "/app/niches/{name:str}", niches.change),
    ("POST", "/app/niches/{name:str}/publishing", niches.publishing),
    ("GET", "/app/budget", budget.show),
    ("POST", "/app/budget", budget.change),
    ("GET", "/app/help", help_page.show),
)
"""Method, address, page. All need a session."""

_logger = logging.getLogger(__name__)


def application(room: WebRoom) -> ASGIApp:
    """Return the pages of `room`, to be served at `/` beside the API."""
    assets = Assets()
    if "vendor/htmx.min.js" not in assets:
        _logger.warning("the pages' JavaScript is not built: run `python scripts/build_web.py`; the pages work without")
    env = environment(assets, room.clock)
    doors = sign_in.Doors(room, env)
    routes = [
        Route("/static/{version}/{name:path}", assets.serve),
        Route("/sign-in", doors.show),
        Route("/sign-in", doors.enter, methods=["POST"]),
        Route("/sign-out", doors.leave, methods=["POST"]),
        Route("/app/theme", doors.theme, methods=["POST"]),
        Route("/app/language", doors.language, methods=["POST"]),
        *(Route(path, _endpoint(room, env, doors, handler), methods=[method]) for method, path, handler in PAGES),
    ]
    handlers: dict[type[Exception] | int, ExceptionHandler] = {
        PulseError: _on_named(room, env),
        HTTPException: _on_http(room, env),
        Exception: _on_unforeseen(room, env),
    }
    app = Starlette(routes=routes, exception_handlers=handlers)
    app.router.redirect_slashes = False
    # The pages say themselves, in words, when a form is too large; this bound only backs them up.
    return Guarded(Observed(app, service="web", max_body_bytes=2 * room.settings.http.max_body_bytes))


def _endpoint(
    room: WebRoom, env: Environment, doors: "sign_in.Doors", handler: Page
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        if request.method == "GET" and request.url.path == "/" and "token" in request.query_params:
            return await doors.enter_by_link(request)
        if request.method == "POST":
            require_own_page(request, room.settings)
        return await handler(Visit(room, env, request, signed_in(request, room.tokens)))

    return endpoint


def _on_named(room: WebRoom, env: Environment) -> ExceptionHandler:
    async def handle(request: Request, error: Exception) -> Response:
        assert isinstance(error, PulseError)
        if isinstance(error, NotAuthenticated):
            return _sign_in_first(env, request)
        if error.kind is Kind.INTERNAL:
            _logger.warning("%s: %s", error.code, error.message)
        return _show(room, env, request, trouble(error))

    return handle


def _on_http(room: WebRoom, env: Environment) -> ExceptionHandler:
    async def handle(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        missing = trouble(NoSuchPage(f"there is no page at {request.url.path}"))
        return _show(
            room, env, request, Trouble(status, missing.title, missing.message, missing.next_step, missing.code)
        )

    return handle


def _on_unforeseen(room: WebRoom, env: Environment) -> ExceptionHandler:
    async def handle(request: Request, _error: Exception) -> Response:
        trace = tracing.current_trace_id()
        return _show(
            room,
            env,
            request,
            Trouble(
                500,
                message("Something went wrong"),
                message("Pulse did not foresee this."),
                f"Look at the log for the trace id {trace}, and report it." if trace else PulseError.next_step,
                "web.unexpected",
            ),
        )

    return handle


def _sign_in_first(env: Environment, request: Request) -> Response:
    navigates = request.headers.get("sec-fetch-mode") == "navigate"
    if request.method == "GET" and request.headers.get("sec-fetch-site") == "cross-site" and navigates:
        # Who follows a link from another site brings no SameSite=Strict cookie. Our own page asking again does.
        return page(env, request, None, "opening.html")
    return to_sign_in(request, expired=COOKIE in request.cookies)


def _show(room: WebRoom, env: Environment, request: Request, problem: Trouble) -> Response:
    try:
        principal = signed_in(request, room.tokens)
    except NotAuthenticated:
        principal = None
    if request.headers.get("hx-request") == "true":
        target = {"hx-retarget": "#notices", "hx-reswap": "innerHTML", "hx-reselect": "unset"}
        return page(env, request, principal, "_trouble.html", status=problem.status, headers=target, trouble=problem)
    return page(env, request, principal, "error.html", status=problem.status, trouble=problem)
