"""In and out, with a token that `pulse token` or `pulse up` printed."""

from collections.abc import Collection
from datetime import datetime

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from pulse.http.errors import NotAuthenticated
from pulse.i18n import LANGUAGES, message
from pulse.web import forms
from pulse.web.room import WebRoom
from pulse.web.session import close_session, is_secure, local_path, open_session, require_own_page
from pulse.web.visit import LANGUAGE_COOKIE, THEME_COOKIE, THEMES, page

_YEAR = 365 * 86_400


class Doors:
    """The addresses that need no session."""

    def __init__(self, room: WebRoom, env: Environment) -> None:
        self._room, self._env = room, env

    async def show(self, request: Request) -> Response:
        """Ask for a token."""
        expired = request.query_params.get("reason") == "expired"
        said = message("Your session has ended. Sign in again to go on.") if expired else ""
        return self._form(request, next_path=request.query_params.get("next", "/"), said=said)

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
            said = message("Another site sent you here. Sign in with its token?")
            return self._form(request, next_path="/", token=token, said=said)
        return self._open(request, token, "/")

    async def leave(self, request: Request) -> Response:
        """Sign out."""
        require_own_page(request, self._room.settings)
        response = RedirectResponse("/sign-in?done=signed-out", 303)
        close_session(response, secure=is_secure(request, self._room.settings))
        return response

    async def theme(self, request: Request) -> Response:
        """Remember light, dark, or as the system has it."""
        return await self._remember(request, "theme", THEMES, THEME_COOKIE)

    async def language(self, request: Request) -> Response:
        """Remember the language of the pages."""
        return await self._remember(request, "language", LANGUAGES, LANGUAGE_COOKIE)

    async def _remember(self, request: Request, field: str, choices: Collection[str], cookie: str) -> Response:
        require_own_page(request, self._room.settings)
        form = await forms.read(request, 10_000)
        response = RedirectResponse(local_path(form.text("back", "/")), 303)
        chosen = form.text(field)
        if chosen in choices:
            secure = is_secure(request, self._room.settings)
            response.set_cookie(cookie, chosen, max_age=_YEAR, path="/", secure=secure, samesite="lax")
        return response

    def _open(self, request: Request, token: str, next_path: str) -> Response:
        now: datetime = self._room.clock()
        try:
            _principal, expires = self._room.tokens.verify_until("".join(token.split()))
        except NotAuthenticated as error:
            expired = "expired" in error.message
            said = message("That token has expired.") if expired else message("That is not a token of this Pulse.")
            return self._form(request, next_path=next_path, said=said, status=401)
        response = RedirectResponse(next_path, 303)
        secure = is_secure(request, self._room.settings)
        open_session(response, "".join(token.split()), expires=expires, now=now, secure=secure)
        return response

    def _form(
        self, request: Request, *, next_path: str, said: str = "", token: str = "", status: int = 200
    ) -> Response:
        return page(
            self._env,
            request,
            None,
            "sign_in.html",
            status=status,
            next_path=local_path(next_path),
            said=said,
            token=token,
        )
