"""Who opens a stream: by bearer token, or by the session cookie of a page of ours."""

from datetime import datetime
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from pulse.http.access import bearer
from pulse.http.errors import NotAuthenticated, NotPermitted
from pulse.http.tokens import Permission, Principal, Tokens
from pulse.notification.errors import ForeignOrigin

COOKIE = "pulse_session"
"""Holds the bearer token of a signed-in browser, which cannot set headers on a WebSocket or an EventSource."""


def reader(connection: HTTPConnection, tokens: Tokens) -> tuple[Principal, datetime]:
    """Return who asks, and until when the token is good.

    Raises `NotAuthenticated`, `NotPermitted`, and `ForeignOrigin` when the token came in a cookie that a browser
    sends along for any page. Tokens in addresses are not accepted: addresses end up in logs.
    """
    if "authorization" in connection.headers:
        token = bearer(connection)
    elif token := connection.cookies.get(COOKIE, ""):
        _check_origin(connection)
    else:
        raise NotAuthenticated("the request carries neither a bearer token nor a session")
    principal, expires = tokens.verify_until(token)
    if not principal.may(Permission.READ):
        raise NotPermitted(f"the role {principal.role.value} may not {Permission.READ.value}")
    return principal, expires


def _check_origin(connection: HTTPConnection) -> None:
    origin = connection.headers.get("origin")
    if origin is None and connection.scope["type"] == "http":
        return  # a browser names the origin of every WebSocket, and of every request to another site
    # The gateway of another process names the host that the browser asked for. No page can set that header.
    hosts = {connection.headers.get(name, "").lower() for name in ("host", "x-pulse-host")} - {""}
    if origin is None or _host(origin) not in hosts:
        raise ForeignOrigin(f"the stream was opened from {origin}, not from Pulse")


def _host(origin: str) -> str | None:
    try:
        parts = urlsplit(origin)
    except ValueError:
        return None
    return parts.netloc.lower() if parts.scheme in ("http", "https") else None
