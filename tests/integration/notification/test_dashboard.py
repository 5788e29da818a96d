"""The live dashboard over real WebSockets."""

import asyncio
import contextlib
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import orjson
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from pulse.http.tokens import Principal, Role, Tokens, new_key
from pulse.kernel.tenant import DEFAULT_TENANT, TenantId
from pulse.news.events import NewsFetched
from pulse.notification import dashboard
from tests.integration.notification.running import Running

KEYS = {"articles_per_minute", "active_jobs", "success_rate", "engagement_score", "at"}


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the server that is started after this tell five times a second."""
    monkeypatch.setattr(dashboard, "PERIOD_SECONDS", 0.2)


async def message(viewer: ClientConnection) -> dict[str, Any]:
    async with asyncio.timeout(30):
        found: dict[str, Any] = orjson.loads(await viewer.recv())
    return found


async def close_code(viewer: ClientConnection, seconds: float = 5) -> int | None:
    """Return the code that the server closes with; messages before it are read and dropped."""
    async with asyncio.timeout(seconds):
        with contextlib.suppress(ConnectionClosed):
            async for _ in viewer:
                pass
    return viewer.close_code


async def test_one_message_a_second(server: Running) -> None:
    await server.append(NewsFetched(niche="sport", articles={uuid4(): [uuid4()]}, stories=[]))
    async with await server.viewer() as viewer:
        first = await message(viewer)
        started = time.monotonic()
        found = [await message(viewer) for _ in range(3)]
        took = time.monotonic() - started
    assert set(first) == KEYS
    assert took > 2.5
    assert found[-1]["active_jobs"] == 1, "the work of analytics waits"
    assert abs(datetime.fromisoformat(found[-1]["at"]) - datetime.now(UTC)) < timedelta(seconds=30)


async def test_all_viewers_get_what_was_asked_once(quick: None, server: Running, other: TenantId) -> None:
    viewers = await asyncio.gather(*(server.viewer() for _ in range(100)))
    stranger = await server.viewer(other)
    await server.append(NewsFetched(niche="sport", articles={uuid4(): [uuid4()]}, stories=[]))
    before, started = server.analytics.asked, time.monotonic()
    for _ in range(3):
        texts = await asyncio.gather(*(viewer.recv() for viewer in viewers))
    seconds = time.monotonic() - started
    assert len(set(texts)) <= 2, "two only if a message came in between"
    assert orjson.loads(texts[0])["active_jobs"] == 1
    assert (await message(stranger))["active_jobs"] == 0, "another tenant has its own"
    assert server.analytics.asked - before <= 2 * (seconds / 0.2 + 2), "once a period for each tenant"
    await asyncio.gather(*(viewer.close() for viewer in (*viewers, stranger)))
    await asyncio.sleep(0.5)
    quiet = server.analytics.asked
    await asyncio.sleep(0.5)
    assert server.analytics.asked == quiet, "nobody asks when nobody watches"


async def test_figures_are_unknown_while_analytics_is_gone(quick: None, server: Running) -> None:
    async with await server.viewer() as viewer:
        assert (await message(viewer))["active_jobs"] == 0
        server.analytics.gone = True
        await message(viewer)
        lost = await message(viewer)
        assert set(lost) == KEYS
        assert {lost[key] for key in KEYS - {"at"}} == {None}
        server.analytics.gone = False
        await message(viewer)
        assert (await message(viewer))["active_jobs"] == 0


async def test_no_good_token(server: Running) -> None:
    foreign = Tokens(new_key()).issue(Principal(DEFAULT_TENANT, "me", Role.OWNER), timedelta(hours=1))
    ours = f"http://{server.host}"
    for headers in (
        {},
        {"authorization": "Bearer nonsense"},
        {"authorization": "Basic bWU6bWU="},
        {"authorization": f"Bearer {foreign}"},
        server.bearer(seconds=-1),
        {"cookie": "pulse_session=old"},
        {"cookie": f"pulse_session={server.token()}", "authorization": "Bearer nonsense"},
    ):
        async with server.dashboard(headers, origin=ours) as viewer:
            assert await close_code(viewer) == 4401, headers


async def test_no_token_in_the_address(server: Running) -> None:
    async with server.dashboard({}, query=f"?token={server.token()}&access_token={server.token()}") as viewer:
        assert await close_code(viewer) == 4401


async def test_a_connection_ends_with_its_token(server: Running) -> None:
    async with await server.viewer(seconds=2) as viewer:
        await message(viewer)
        assert await close_code(viewer) == 4401


async def test_a_browser_comes_with_a_cookie_from_our_page(server: Running) -> None:
    cookie = {"cookie": f"theme=dark; pulse_session={server.token()}"}
    async with server.dashboard(cookie, origin=f"http://{server.host}") as viewer:
        assert set(await message(viewer)) == KEYS
    behind = cookie | {"x-pulse-host": "pulse.example"}
    async with server.dashboard(behind, origin="https://pulse.example") as viewer:
        assert set(await message(viewer)) == KEYS


async def test_other_sites_cannot_use_the_cookie(server: Running) -> None:
    for origin in ("https://evil.example", "null", None, "http://127.0.0.1:1", "http://[", f"file://{server.host}"):
        with pytest.raises(InvalidStatus) as refused:
            async with server.dashboard({"cookie": f"pulse_session={server.token()}"}, origin=origin):
                pass
        assert refused.value.response.status_code == 403


async def test_viewers_have_little_to_say(server: Running) -> None:
    async with await server.viewer() as viewer:
        await viewer.send("hello")
        await viewer.send(b"\x00" * 1024)
        await message(viewer)
        await viewer.send("x" * 1025)
        assert await close_code(viewer) == 1009


async def test_a_viewer_that_does_not_read_disturbs_nobody(quick: None, server: Running) -> None:
    silent = await server.viewer()
    silent.transport.pause_reading()
    async with await server.viewer() as viewer:
        started = time.monotonic()
        for _ in range(5):
            await message(viewer)
        assert time.monotonic() - started < 2.5
    silent.transport.abort()


async def test_stopping_ends_all_within_two_seconds(server: Running) -> None:
    viewers = await asyncio.gather(*(server.viewer() for _ in range(50)))
    silent = await server.viewer()
    silent.transport.pause_reading()
    await message(viewers[0])
    started = time.monotonic()
    assert server.service.on_stop is not None
    await server.service.on_stop()
    assert time.monotonic() - started < 2
    assert set(await asyncio.gather(*(close_code(viewer) for viewer in viewers))) == {1012}
    late = await server.viewer()
    assert await close_code(late) == 1012
    silent.transport.abort()
