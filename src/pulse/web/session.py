"""Who is signed in: the bearer token, kept in a cookie that no script can read and no other site can send."""

from datetime import datetime
from urllib.parse import quote, urlsplit

from starlette.requests import HTTPConnection, Request
from starlette.responses import RedirectResponse, Response

from pulse.http.errors import NotAuthenticated
from pulse.http.tokens import Principal, Tokens
from pulse.settings import Settings
from pulse.web.errors import ForeignRequest

COOKIE = "pulse_session"


def signed_in(connection: HTTPConnection, tokens: Tokens) -> Principal:
    """Return who asks. Raises `NotAuthenticated`."""
    token = connection.cookies.get(COOKIE)
    if not token:
        raise NotAuthenticated("you are not signed in")
    return tokens.verify(token)


def open_session(response: Response, token: str, *, expires: datetime, now: datetime, secure: bool) -> None:
    """Put the token into the session cookie, until the token ends."""
    response.set_cookie(
        COOKIE,
        token,
        max_age=max(0, int((expires - now).total_seconds())),
        path="/",
        secure=secure,
        httponly=True,
        samesite="strict",
    )


def close_session(response: Response, *, secure: bool) -> None:
    """Take the session cookie away."""
    response.delete_cookie(COOKIE, path="/", secure=secure, httponly=True, samesite="strict")


def is_secure(request: Request, settings: Settings) -> bool:
    """Return whether browsers reach Pulse over https, also when a proxy in front ends the encryption."""
    return request.url.scheme == "https" or settings.http.public_url.startswith("https:")


def require_own_page(request: Request, settings: Settings) -> None:
    """Let a change through only when a page of ours asks for it. Raises `ForeignRequest`.

    The cookie's SameSite=Strict already keeps other sites out; this also keeps out sibling subdomains and old
    browsers. A browser says where a form comes from in Sec-Fetch-Site and in Origin; without either, it is refused.
    """
    site = request.headers.get("sec-fetch-site")
    if site is not None and site != "same-origin":
        raise ForeignRequest(f"the browser says that this came from elsewhere ({site})")
    origin = request.headers.get("origin")
    if origin is None and site is None:
        raise ForeignRequest("the browser does not say which page this came from")
    ours = {request.headers.get("host", ""), urlsplit(settings.http.public_url).netloc}
    if origin is not None and urlsplit(origin).netloc not in ours - {""}:
        raise ForeignRequest(f"this came from {origin}, not from Pulse")


def local_path(path: str) -> str:
    """Return `path` if it is one of this site, else the overview: what came in an address decides no redirect."""
    parts = urlsplit(path)
    safe = path.startswith("/") and not path.startswith(("//", "/\\")) and not parts.netloc and path.isprintable()
    return path if safe and "\\" not in path else "/"


def to_sign_in(request: Request, *, expired: bool = False) -> Response:
    """Send a browser without a session to the sign-in page, and from there back to where it wanted to go."""
    reason = "&reason=expired" if expired else ""
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    back = f"?next={quote(path, safe='')}" if request.method == "GET" and path != "/" else "?next=%2F"
    target = f"/sign-in{back}{reason}"
    if request.headers.get("hx-request"):
        return Response(status_code=401, headers={"hx-redirect": f"/sign-in?next=%2F{reason}"})
    return RedirectResponse(target, 303)
