"""A signed-in session at a Bluesky server, kept alive.

Bluesky allows 30 sign-ins in five minutes and 300 a day for an account, so a session is kept and refreshed; a refresh
token is good for one use, so there is one refresh under way at a time, a new session is stored before it is used, and
before one is declared dead the stored one is read again: another process may have refreshed it.
"""

import asyncio
import json
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from pydantic import SecretStr

from pulse.fetch.errors import FetchError
from pulse.kernel.clock import Clock, utc_now
from pulse.social.channels.answers import object_of, outcome_of_error, text_at, wait_asked_for, words_of
from pulse.social.channels.outcomes import Refused, Retry, Unknown
from pulse.social.channels.port import Http, HttpAnswer
from pulse.social.errors import CredentialsRefused, ForbiddenByPlatform, NoSuchService
from pulse.social.shapes import Shape

SIGN_INS = 30
SIGN_IN_SECONDS = 300.0
TIMEOUT_SECONDS = 20.0


class Session(Shape):
    """The tokens of a signed-in account. Secret."""

    did: str
    access: str
    refresh: str


class SessionStore(Protocol):
    """Where a session outlives the process."""

    async def load(self) -> Session | None:
        """Return the stored session."""
        ...

    async def save(self, session: Session) -> None:
        """Store a session, for good when this returns."""
        ...


class SessionInMemory:
    """A store that forgets."""

    def __init__(self, session: Session | None = None) -> None:
        self.session = session

    async def load(self) -> Session | None:
        """Return the stored session."""
        return self.session

    async def save(self, session: Session) -> None:
        """Store a session until the process ends."""
        self.session = session


@dataclass(frozen=True, slots=True)
class Login:
    """What a person gives to let Pulse post: the server's address, handle (or DID or e-mail), and an app password."""

    service: str
    identifier: str
    password: SecretStr

    def method(self, name: str) -> str:
        """Return the address of an XRPC method."""
        return f"{self.service.rstrip('/')}/xrpc/{name}"


async def sign_in(http: Http, login: Login, clock: Clock = utc_now) -> Session | Refused | Retry:
    """Begin a session: also the way to find an account's DID and to try its password."""
    body = json.dumps({"identifier": login.identifier, "password": login.password.get_secret_value()}).encode()
    return await _ask(http, login, "createSession", {"Content-Type": "application/json"}, body, clock)


class SessionKeeper:
    """Gives out a session that works. Keep one for each account: it counts the sign-ins."""

    def __init__(self, http: Http, login: Login, store: SessionStore, clock: Clock = utc_now) -> None:
        self._http = http
        self._login = login
        self._store = store
        self._clock = clock
        self._session: Session | None = None
        self._one_at_a_time = asyncio.Lock()
        self._renewals: set[asyncio.Future[Session | Refused | Retry]] = set()
        self._sign_ins: deque[float] = deque(maxlen=SIGN_INS)

    async def current(self) -> Session | Refused | Retry:
        """Return the session at hand, beginning one if there is none."""
        return self._session or await self._finish(self._renew(None))

    async def instead_of(self, stale: Session) -> Session | Refused | Retry:
        """Return another session, because the server no longer takes this one."""
        return await self._finish(self._renew(stale))

    async def _finish(self, renewal: Coroutine[Any, Any, Session | Refused | Retry]) -> Session | Refused | Retry:
        """Await a renewal that goes on when the caller is cancelled: a new token that nobody stores is lost."""
        task = asyncio.ensure_future(renewal)
        self._renewals.add(task)
        task.add_done_callback(self._renewals.discard)
        return await asyncio.shield(task)

    async def _renew(self, stale: Session | None) -> Session | Refused | Retry:
        async with self._one_at_a_time:
            if self._session is not None and self._session != stale:
                return self._session
            stored = await self._store.load()
            if stored is not None and stored != stale:
                self._session = stored
                return stored
            return await self._refresh(stored) if stored is not None else await self._sign_in()

    async def _refresh(self, session: Session) -> Session | Refused | Retry:
        headers = {"Authorization": f"Bearer {session.refresh}"}
        renewed = await _ask(self._http, self._login, "refreshSession", headers, None, self._clock)
        if isinstance(renewed, Retry):
            return renewed
        if isinstance(renewed, Refused):
            stored = await self._store.load()
            if stored is not None and stored != session:
                self._session = stored
                return stored
            return await self._sign_in()
        return await self._keep(renewed)

    async def _sign_in(self) -> Session | Refused | Retry:
        now = self._clock().timestamp()
        if len(self._sign_ins) == SIGN_INS and now - self._sign_ins[0] < SIGN_IN_SECONDS:
            return Retry("too many sign-ins in five minutes", SIGN_IN_SECONDS - (now - self._sign_ins[0]))
        self._sign_ins.append(now)
        session = await sign_in(self._http, self._login, self._clock)
        return await self._keep(session) if isinstance(session, Session) else session

    async def _keep(self, session: Session) -> Session:
        await self._store.save(session)
        self._session = session
        return session


async def _ask(
    http: Http, login: Login, name: str, headers: dict[str, str], body: bytes | None, clock: Clock
) -> Session | Refused | Retry:
    """Call a method of `com.atproto.server` that answers with a session.

    Nothing is published by it, so a doubt about its outcome is only a reason to try again.
    """
    try:
        answer = await http.request(
            "POST", login.method(f"com.atproto.server.{name}"), headers=headers, body=body, timeout=TIMEOUT_SECONDS
        )
    except FetchError as error:
        outcome = outcome_of_error(error)
        return Retry(outcome.reason) if isinstance(outcome, Unknown) else outcome
    return _session_of(answer, login, clock)


def _session_of(answer: HttpAnswer, login: Login, clock: Clock) -> Session | Refused | Retry:
    if answer.status == 200:
        said = object_of(answer)
        did, access, refresh = (text_at(said, name) for name in ("did", "accessJwt", "refreshJwt"))
        if did and access and refresh:
            return Session(did=did, access=access, refresh=refresh)
        return Refused.because(NoSuchService(f"{login.service} does not answer like a Bluesky server"))
    if answer.status == 429 or answer.status >= 500:
        return Retry(words_of(answer), wait_asked_for(answer, clock()))
    if answer.status in (400, 401):
        return Refused.because(CredentialsRefused(f"{login.identifier} at {login.service}: {words_of(answer)}"))
    if answer.status == 403:
        return Refused.because(ForbiddenByPlatform(f"{login.identifier} at {login.service}: {words_of(answer)}"))
    return Refused.because(NoSuchService(f"{login.service}: {words_of(answer)}"))
