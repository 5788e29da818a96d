"""The one guarded door to the outside: every request to an address that a person or a document gave goes through it."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any, Self

import aiohttp
import orjson
from aiohttp.abc import AbstractResolver

from pulse.fetch.allow import AllowList
from pulse.fetch.bodies import ACCEPT_ENCODING, BodyBroken, BodyTooLarge, decoder
from pulse.fetch.dialling import Attempt, Gate, ThreadResolver, current_attempt
from pulse.fetch.errors import (
    AddressRefused,
    BadAnswer,
    BadEncoding,
    BadRequest,
    BadUrl,
    ConnectFailed,
    Disconnected,
    FetchError,
    FetchTimedOut,
    HostNotFound,
    TlsFailed,
    TooLarge,
    TooManyRedirects,
)
from pulse.fetch.response import Redirect, Response
from pulse.fetch.slots import Slots
from pulse.fetch.target import Target, parse_target, redirect_target
from pulse.settings import FetchSettings

REDIRECTS = frozenset({301, 302, 303, 307, 308})
SAFE_METHODS = frozenset({"GET", "HEAD"})
SHARED_HEADERS = frozenset({"accept", "accept-language", "if-modified-since", "if-none-match", "user-agent"})
"""Headers that may follow a redirect to another origin. A token of any name belongs to the origin it was meant for."""

KEEP_ALIVE_SECONDS = 15.0
KEEP_ALIVE_ORIGINS = 256
"""Origins whose connections are kept for reuse; the others are closed after the answer, so that asking ten thousand
hosts does not use up the file descriptors."""


class Fetcher:
    """Asks the outside world, within limits. Use it as an async context manager; one for the whole process.

    Every address is checked where its socket is made. Cookies and proxies from the environment are not used.
    `resolver` stands in for the name service in tests; no resolver can make a refused address pass.
    """

    def __init__(self, settings: FetchSettings | None = None, *, resolver: AbstractResolver | None = None) -> None:
        self._settings = settings or FetchSettings()
        self._gate = Gate(AllowList.parse(self._settings.allow_hosts))
        self._slots = Slots(per_host=self._settings.per_host, total=self._settings.concurrency)
        self._resolver = resolver
        self._warm: OrderedDict[tuple[str, str, int], float] = OrderedDict()

    async def __aenter__(self) -> Self:
        self._names = self._resolver or ThreadResolver()
        self._session = self._open_session(force_close=False)
        # What must not be done twice gets a new connection: one that was idle may be closed by the server at the very
        # moment it is used, and nobody could tell whether the request arrived.
        self._once_session = self._open_session(force_close=True)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._session.close()
        await self._once_session.close()
        await self._names.close()

    def _open_session(self, *, force_close: bool) -> aiohttp.ClientSession:
        traces = []
        if force_close:
            trace = aiohttp.TraceConfig()
            trace.on_request_headers_sent.append(_mark_sent)
            traces.append(trace)
        connector = aiohttp.TCPConnector(
            resolver=self._names,
            ttl_dns_cache=60,
            limit=0,
            force_close=force_close,
            keepalive_timeout=None if force_close else KEEP_ALIVE_SECONDS,
            socket_factory=self._gate.make_socket,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
            auto_decompress=False,
            trust_env=False,
            trace_configs=traces,
        )

    async def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        accept: str = "*/*",
        max_bytes: int | None = None,
        timeout: float | None = None,
    ) -> Response:
        """Fetch a document, following redirects; any status is an answer.

        `timeout` is in seconds for everything together, `max_bytes` counts after decompression. Raises a `FetchError`.
        """
        return await self.request(
            "GET", url, headers={"Accept": accept} | dict(headers or {}), max_bytes=max_bytes, timeout=timeout
        )

    async def post(
        self,
        url: str,
        *,
        json: Any = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        max_bytes: int | None = None,
        timeout: float | None = None,
    ) -> Response:
        """Send a document; a redirect is returned, not followed.

        Raises a `FetchError` whose `sent` says whether the request may have arrived.
        """
        return await self.request(
            "POST", url, json=json, body=body, headers=headers, max_bytes=max_bytes, timeout=timeout
        )

    async def request(
        self,
        method: str,
        url: str,
        *,
        json: Any = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        allow_redirects: bool = True,
        max_bytes: int | None = None,
        timeout: float | None = None,
    ) -> Response:
        """Make one request of any method.

        Only GET and HEAD follow redirects. What HTTP calls idempotent (not POST, not PATCH) may go out a second time
        when the server closes the connection without a word. Raises a `FetchError`.
        """
        method = method.upper()
        target = parse_target(url)
        sending = {"User-Agent": self._settings.user_agent, "Accept-Encoding": ACCEPT_ENCODING}
        if json is not None:
            body = orjson.dumps(json)
            sending["Content-Type"] = "application/json"
        if target.authorization is not None:
            sending["Authorization"] = target.authorization
        sending.update(headers or {})
        _check_headers(sending, target)
        follow = self._settings.max_redirects if allow_redirects and method in SAFE_METHODS else -1
        seconds = self._settings.timeout_seconds if timeout is None else timeout
        limit = self._settings.max_bytes if max_bytes is None else max_bytes
        attempt = Attempt()
        await self._slots.take(target.host)
        token = current_attempt.set(attempt)
        try:
            async with asyncio.timeout(seconds):
                return await self._follow(method, target, sending, body, limit, follow, attempt)
        except TimeoutError:
            raise FetchTimedOut(
                f"{target.url} gave no complete answer within {seconds:g} seconds",
                url=str(target.url),
                sent=attempt.sent or method in SAFE_METHODS,
            ) from None
        finally:
            current_attempt.reset(token)
            self._slots.give_back(target.host)

    async def _follow(
        self,
        method: str,
        target: Target,
        headers: dict[str, str],
        body: bytes | None,
        limit: int,
        follow: int,
        attempt: Attempt,
    ) -> Response:
        redirects: list[Redirect] = []
        while True:
            status, received, content = await self._once(method, target, headers, body, limit, attempt)
            location = received.get("Location") if status in REDIRECTS and follow >= 0 else None
            if not location:
                return Response(status, str(target.url), received, content, tuple(redirects))
            if len(redirects) == follow:
                raise TooManyRedirects(
                    f"{redirects[0].url if redirects else target.url} redirects more than {follow} times",
                    url=str(target.url),
                    sent=True,
                )
            there = redirect_target(target, location)
            redirects.append(Redirect(str(target.url), status, str(there.url)))
            if there.origin != target.origin:
                headers = {name: value for name, value in headers.items() if name.lower() in SHARED_HEADERS}
                headers["Accept-Encoding"] = ACCEPT_ENCODING
            target = there

    async def _once(
        self, method: str, target: Target, headers: dict[str, str], body: bytes | None, limit: int, attempt: Attempt
    ) -> tuple[int, Mapping[str, str], bytes]:
        attempt.host, attempt.port = target.host, target.port
        self._refuse_literal(target, attempt)
        if method in SAFE_METHODS:
            session, context = self._session, None
            if not self._keep_alive(target.origin):
                headers = headers | {"Connection": "close"}
        else:
            session, context = self._once_session, attempt
        try:
            async with session.request(
                method, target.url, data=body, headers=headers, allow_redirects=False, trace_request_ctx=context
            ) as answer:
                attempt.sent = True
                content = b"" if method == "HEAD" else await _read(answer, target, limit)
                return answer.status, answer.headers, content
        except (aiohttp.ClientError, OSError, ValueError) as error:
            if isinstance(error, TimeoutError):
                raise
            raise _named(error, target, attempt, traced=context is not None) from None

    def _refuse_literal(self, target: Target, attempt: Attempt) -> None:
        """Say no to an address written out in the URL before anything is tried; names are judged when dialled."""
        if ":" in target.host or target.host.rstrip(".")[-1:].isdigit():
            reason = self._gate.reason_against(target.host, target.port, target.host)
            if reason is not None:
                raise AddressRefused(f"{target.url} is in {reason}", url=str(target.url), sent=attempt.sent)

    def _keep_alive(self, origin: tuple[str, str, int]) -> bool:
        """Tell whether the connection to this origin is worth keeping: it is among those used last."""
        now = time.monotonic()
        while self._warm and now - next(iter(self._warm.values())) > KEEP_ALIVE_SECONDS:
            self._warm.popitem(last=False)
        if origin not in self._warm and len(self._warm) >= KEEP_ALIVE_ORIGINS:
            return False
        self._warm[origin] = now
        self._warm.move_to_end(origin)
        return True


def _check_headers(headers: Mapping[str, str], target: Target) -> None:
    for name, value in headers.items():
        if any(character in "\r\n\0" for character in name + value) or not name:
            raise BadRequest(
                f"{target.url}: the header {name[:80]!r} has a line break in it", url=str(target.url), sent=False
            )


async def _mark_sent(_session: aiohttp.ClientSession, context: Any, _params: object) -> None:
    context.trace_request_ctx.sent = True


async def _read(answer: aiohttp.ClientResponse, target: Target, limit: int) -> bytes:
    """Read a body to its end, within the limit. Raises `TooLarge`, `BadEncoding` and what aiohttp raises."""
    try:
        decode = decoder(answer.headers.get("Content-Encoding", ""), limit)
        if answer.content_length is not None and answer.content_length > limit:
            raise BodyTooLarge
        pieces = [decode.feed(piece) async for piece in answer.content.iter_any()]
        decode.finish()
    except BodyTooLarge:
        answer.close()
        raise TooLarge(f"{target.url} answers with more than {limit} bytes", url=str(target.url), sent=True) from None
    except BodyBroken as error:
        answer.close()
        raise BadEncoding(f"{target.url}: {error}", url=str(target.url), sent=True) from None
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _named(error: Exception, target: Target, attempt: Attempt, *, traced: bool) -> FetchError:
    """Turn what aiohttp raises into one of our names."""
    kind: type[FetchError]
    before = True
    match error:
        case aiohttp.ClientConnectorDNSError():
            kind, text = HostNotFound, f"the host is not known ({error.os_error})"
        case aiohttp.ClientConnectorCertificateError():
            kind, text = TlsFailed, f"TLS failed ({error.certificate_error})"
        case aiohttp.ClientSSLError():
            kind, text = TlsFailed, f"TLS failed ({error.os_error})"
        case aiohttp.ClientConnectorError() if attempt.refused:
            kind, text = AddressRefused, f"the host resolves to {', '.join(dict.fromkeys(attempt.refused))}"
        case aiohttp.ClientConnectorError():
            kind, text = ConnectFailed, f"no connection ({error.os_error})"
        case aiohttp.InvalidURL():
            kind, text = BadUrl, f"not an address to fetch ({error})"
        case aiohttp.ClientResponseError():
            kind, text, before = BadAnswer, f"not an HTTP answer ({error.message[:200]})", False
        case aiohttp.ClientPayloadError():
            kind, text, before = Disconnected, f"the answer broke off ({error})", False
        case ValueError():
            kind, text, before = BadAnswer, f"not understood ({error})", False
        case _:
            kind, text, before = Disconnected, f"the connection was lost ({error or type(error).__name__})", False
    # Without a trace nobody knows when the request went out, so it counts as gone unless it failed before that.
    url = str(target.url)
    return kind(f"{url}: {text}", url=url, sent=attempt.sent if traced or before else True)
