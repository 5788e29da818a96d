"""In and out, with a token that `pulse token` or `pulse up` printed."""

from datetime import datetime

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pulse.http.errors import NotAuthenticated
from pulse.web import forms
from pulse.web.room import WebRoom
from pulse.web.session import close_session, is_secure, local_path, open_session, require_own_page
from pulse.web.visit import THEME_COOKIE, THEMES, page

_YEAR = 365 * 86_400


class Doors:
    """The addresses that need no session."""

    def __init__(self, room: WebRoom, env: Environment) -> None:
        self._room, self._env = room, env

    async def show(self, request: Request) -> Response:
        """Ask for a token."""
        expired = request.query_params.get("reason") == "expired"
        message = "Your session has ended. Sign in again to go on." if expired else ""
        return self._form(request, next_path=request.query_params.get("next", "/"), message=message)

    async def enter(self, request: Request) -> Response:
        """Take a token from the form."""
        require_own_page(request, self._room.settings)
        form = await forms.read(request, self._room.settings.http.max_body_bytes)
        return self._open(request, form.text("token"), local_path(form.text("next", "/")))

    async def enter_by_link(self, request: Request) -> Response:
        """Take a token from the link that `pulse up` prints, and get it out of the address.

        Only a link that was typed or opened from outside the browser signs in at once: another site must not be able
        to sign somebody in under a name of its choice.
        """
        token = request.query_params["token"]
        if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
            return self._form(
                request, next_path="/", token=token, message="Another site sent you here. Sign in with its token?"
            )
        return self._open(request, token, "/")

    async def leave(self, request: Request) -> Response:
        """Sign out."""
        require_own_page(request, self._room.settings)
        response = RedirectResponse("/sign-in?done=signed-out", 303)
        close_session(response, secure=is_secure(request, self._room.settings))
        return response

    async def theme(self, request: Request) -> Response:
        """Remember light, dark, or as the system has it."""
        require_own_page(request, self._room.settings)
        form = await forms.read(request, 10_000)
        response = RedirectResponse(local_path(form.text("back", "/")), 303)
        chosen = form.text("theme")
        if chosen in THEMES:
            secure = is_secure(request, self._room.settings)
            response.set_cookie(THEME_COOKIE, chosen, max_age=_YEAR, path="/", secure=secure, samesite="lax")
        return response

    def _open(self, request: Request, token: str, next_path: str) -> Response:
        now: datetime = self._room.clock()
        try:
            _principal, expires = self._room.tokens.verify_until("".join(token.split()))
        except NotAuthenticated as error:
            message = "That token has expired." if "expired" in error.message else "That is not a token of this Pulse."
            return self._form(request, next_path=next_path, message=message, status=401)
        response = RedirectResponse(next_path, 303)
        secure = is_secure(request, self._room.settings)
        open_session(response, "".join(token.split()), expires=expires, now=now, secure=secure)
        return response

    def _form(
        self, request: Request, *, next_path: str, message: str = "", token: str = "", status: int = 200
    ) -> Response:
        return page(
            self._env,
            request,
            None,
            "sign_in.html",
            status=status,
            next_path=local_path(next_path),
            message=message,
            token=token,
        )
