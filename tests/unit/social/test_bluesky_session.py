"""Keeping a Bluesky session alive: kept, stored before use, refreshed once, and signed in anew only as the last way."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pydantic import SecretStr

from pulse.fetch.errors import ConnectFailed, FetchTimedOut
from pulse.social.channels.bluesky_session import SIGN_INS, Login, Session, SessionInMemory, SessionKeeper
from pulse.social.channels.outcomes import Refused, Retry

LOGIN = Login("https://pds.example.com/", "newsroom.example.com", SecretStr("app-password"))
NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@dataclass
class Answer:
    status: int
    body: bytes = b"{}"
    headers: Mapping[str, str] = field(default_factory=dict)


class Server:
    """Signs in and refreshes as a PDS does: a refresh token is good once."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.refresh = ""
        self.next: list[Answer | Exception] = []
        self.count = 0

    async def request(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Answer:
        name = url.rpartition(".")[2]
        self.asked.append(name)
        await asyncio.sleep(0)
        if self.next:
            planned = self.next.pop(0)
            if isinstance(planned, Exception):
                raise planned
            return planned
        if name == "refreshSession" and (headers or {}).get("Authorization") != f"Bearer {self.refresh}":
            return Answer(400, b'{"error": "ExpiredToken", "message": "Token has been revoked"}')
        self.count += 1
        self.refresh = f"refresh-{self.count}"
        return Answer(
            200,
            json.dumps({"did": "did:plc:a", "accessJwt": f"access-{self.count}", "refreshJwt": self.refresh}).encode(),
        )


def session(number: int) -> Session:
    return Session(did="did:plc:a", access=f"access-{number}", refresh=f"refresh-{number}")


async def test_signs_in_once_and_keeps_the_session() -> None:
    server, store = Server(), SessionInMemory()
    keeper = SessionKeeper(server, LOGIN, store)

    sessions = await asyncio.gather(*(keeper.current() for _ in range(20)))

    assert sessions == [session(1)] * 20
    assert server.asked == ["createSession"]
    assert store.session == session(1)


async def test_a_stored_session_is_used_without_asking() -> None:
    server = Server()
    assert await SessionKeeper(server, LOGIN, SessionInMemory(session(7))).current() == session(7)
    assert server.asked == []


async def test_one_refresh_for_all_who_found_the_session_stale() -> None:
    server, store = Server(), SessionInMemory()
    keeper = SessionKeeper(server, LOGIN, store)
    stale = await keeper.current()
    assert isinstance(stale, Session)

    renewed = await asyncio.gather(*(keeper.instead_of(stale) for _ in range(20)))

    assert renewed == [session(2)] * 20
    assert server.asked == ["createSession", "refreshSession"]
    assert store.session == session(2)


async def test_the_new_session_is_stored_before_it_is_used() -> None:
    events: list[str] = []

    class Slow(SessionInMemory):
        async def save(self, session: Session) -> None:
            await asyncio.sleep(0.01)
            await super().save(session)
            events.append(f"stored {session.access}")

    keeper = SessionKeeper(Server(), LOGIN, Slow())
    current = await keeper.current()
    assert isinstance(current, Session)
    events.append(f"used {current.access}")
    assert events == ["stored access-1", "used access-1"]


async def test_a_caller_that_gives_up_in_the_middle_loses_no_token() -> None:
    server, store = Server(), SessionInMemory(session(1))
    server.refresh, server.count = "refresh-1", 1
    keeper = SessionKeeper(server, LOGIN, store)
    asking = asyncio.ensure_future(keeper.instead_of(session(1)))
    while not server.asked:
        await asyncio.sleep(0)
    asking.cancel()

    assert await keeper.instead_of(session(1)) == session(2)
    assert store.session == session(2)
    assert server.asked == ["refreshSession"]


async def test_what_another_process_stored_is_taken_before_refreshing() -> None:
    server, store = Server(), SessionInMemory(session(1))
    keeper = SessionKeeper(server, LOGIN, store)
    await keeper.current()
    store.session = session(2)

    assert await keeper.instead_of(session(1)) == session(2)
    assert server.asked == []


async def test_when_a_refresh_is_refused_the_store_is_read_again_and_then_the_password_used() -> None:
    server = Server()

    class RefreshedElsewhere(SessionInMemory):
        loads = 0

        async def load(self) -> Session | None:
            self.loads += 1
            return session(9) if self.loads >= 3 else session(1)

    keeper = SessionKeeper(server, LOGIN, RefreshedElsewhere())
    assert await keeper.current() == session(1)
    assert await keeper.instead_of(session(1)) == session(9)
    assert server.asked == ["refreshSession"]

    alone = SessionKeeper(server, LOGIN, SessionInMemory(session(1)))
    await alone.current()
    assert await alone.instead_of(session(1)) == session(1)
    assert server.asked == ["refreshSession", "refreshSession", "createSession"]


async def test_a_server_that_cannot_be_asked_is_a_retry_and_no_session_is_given_up() -> None:
    server, store = Server(), SessionInMemory(session(1))
    keeper = SessionKeeper(server, LOGIN, store)
    await keeper.current()
    url = "https://pds.example.com"
    server.next = [FetchTimedOut("late", url=url, sent=True), ConnectFailed("down", url=url, sent=False), Answer(502)]

    for _ in range(3):
        assert isinstance(await keeper.instead_of(session(1)), Retry)

    assert store.session == session(1)
    assert server.asked == ["refreshSession"] * 3


async def test_the_rate_limit_of_a_sign_in_is_obeyed() -> None:
    server = Server()
    reset = int((NOW + timedelta(seconds=90)).timestamp())
    server.next = [Answer(429, b'{"error": "RateLimitExceeded"}', {"ratelimit-reset": str(reset)})]
    outcome = await SessionKeeper(server, LOGIN, SessionInMemory(), lambda: NOW).current()
    assert outcome == Retry("HTTP 429, RateLimitExceeded", 90.0)


async def test_no_more_than_thirty_sign_ins_in_five_minutes() -> None:
    server, now = Server(), NOW
    server.next = [Answer(500) for _ in range(100)]
    keeper = SessionKeeper(server, LOGIN, SessionInMemory(), lambda: now)
    for _ in range(SIGN_INS):
        await keeper.current()

    held_back = await keeper.current()
    now = NOW + timedelta(seconds=301)
    await keeper.current()

    assert held_back == Retry("too many sign-ins in five minutes", 300.0)
    assert len(server.asked) == SIGN_INS + 1


async def test_a_wrong_password_is_refused_by_name() -> None:
    server = Server()
    server.next = [Answer(401, b'{"error": "AuthenticationRequired", "message": "Invalid identifier or password"}')]
    outcome = await SessionKeeper(server, LOGIN, SessionInMemory()).current()
    assert isinstance(outcome, Refused)
    assert outcome.code == "social.credentials_refused"
    assert "Invalid identifier or password" in outcome.message
    assert "app-password" not in outcome.message


async def test_a_page_of_something_else_is_no_bluesky_server() -> None:
    server = Server()
    server.next = [Answer(200, b"<html>welcome</html>")]
    outcome = await SessionKeeper(server, LOGIN, SessionInMemory()).current()
    assert isinstance(outcome, Refused)
    assert outcome.code == "social.no_such_service"
