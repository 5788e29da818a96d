"""One request of a signed-in person: asks the services on their behalf and answers with a page."""

from dataclasses import dataclass
from typing import Any

from jinja2 import Environment
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from pulse.http.errors import PeerUnavailable
from pulse.http.tokens import Permission, Principal
from pulse.i18n import LANGUAGES, choose, translator
from pulse.kernel.errors import PulseError
from pulse.kernel.ids import new_id
from pulse.web import forms, wording
from pulse.web.errors import ServiceAway
from pulse.web.forms import Form
from pulse.web.room import WebRoom
from pulse.web.templates import render
from pulse.web.trouble import Trouble, trouble

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "pulse_theme"
LANGUAGE_COOKIE = "pulse_language"


def page(
    env: Environment,
    request: Request,
    principal: Principal | None,
    template: str,
    *,
    status: int = 200,
    headers: dict[str, str] | None = None,
    **context: Any,
) -> HTMLResponse:
    """Return a template as the answer, with what every page needs to know."""
    theme = request.cookies.get(THEME_COOKIE, "auto")
    language = choose(request.headers.get("accept-language", ""), request.cookies.get(LANGUAGE_COOKIE))
    known = {
        "translator": translator(language),
        "language": language,
        "languages": LANGUAGES,
        "path": request.url.path,
        "principal": principal,
        "may_write": bool(principal and principal.may(Permission.WRITE)),
        "may_approve": bool(principal and principal.may(Permission.APPROVE)),
        "may_manage": bool(principal and principal.may(Permission.MANAGE)),
        "theme": theme if theme in THEMES else "auto",
        "notice": wording.DONE.get(request.query_params.get("done", "")),
        "new_key": lambda: new_id().hex,
    }
    spoken = {"content-language": language, "vary": "accept-language, cookie"}
    return HTMLResponse(render(env, template, **known, **context), status, spoken | (headers or {}))


@dataclass(frozen=True, slots=True)
class Visit:
    """A request, who makes it, and what is needed to answer."""

    room: WebRoom
    env: Environment
    request: Request
    principal: Principal

    async def ask(
        self,
        service: str,
        method: str,
        path: str,
        *,
        json: Any = None,
        query: dict[str, Any] | None = None,
        key: str | None = None,
    ) -> Any:
        """Ask a service on behalf of the person; their role decides there. Raises `ServiceAway`, `PeerRefused`."""
        try:
            return await self.room.peers[service].ask(
                method,
                path,
                self.principal.tenant,
                json=json,
                query=query,
                on_behalf=self.principal,
                idempotency_key=key or None,
            )
        except PeerUnavailable as error:
            raise ServiceAway(f"the {service} service does not answer", why=error.message) from error

    async def section(self, service: str, path: str, query: dict[str, Any] | None = None) -> Any | Trouble:
        """Ask for one part of a page: what goes wrong is shown in its place and spoils no other part."""
        try:
            return await self.ask(service, "GET", path, query=query)
        except PulseError as error:
            return trouble(error)

    async def form(self) -> Form:
        """Return the form that was sent. Raises `BadForm`, `BodyTooLarge`."""
        return await forms.read(self.request, self.room.settings.http.max_body_bytes)

    @property
    def fragment(self) -> str | None:
        """Return the id of the element that htmx will put the answer into, or None when a whole page is wanted."""
        headers = self.request.headers
        if headers.get("hx-request") != "true" or headers.get("hx-history-restore-request") == "true":
            return None
        return headers.get("hx-target") or ""

    def query(self, name: str) -> str | None:
        """Return a parameter of the address, or None when it is not there or empty."""
        return self.request.query_params.get(name, "").strip() or None

    def page(self, template: str, *, status: int = 200, **context: Any) -> HTMLResponse:
        """Answer with a page, or with a fragment of one."""
        return page(self.env, self.request, self.principal, template, status=status, **context)

    def go(self, path: str) -> Response:
        """Send the browser on after a change."""
        return RedirectResponse(path, 303)
