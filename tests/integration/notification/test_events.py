"""The event stream over a real connection."""

import asyncio
import socket
import time
from uuid import uuid4

import pytest

from pulse.bus import log
from pulse.bus.events import Event
from pulse.kernel.tenant import DEFAULT_TENANT, TenantId
from pulse.notification import stream
from pulse.social.events import PostFailed, PostPublished
from tests.integration.notification.running import Running, take


def published(url: str = "https://social.example/1") -> PostPublished:
    return PostPublished(
        niche="sport", channel_id=uuid4(), channel_kind="mastodon", story_id=None, remote_id="1", url=url, settled=False
    )


async def test_events_come_live_and_whole(server: Running) -> None:
    async with server.events() as (answer, events):
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        assert answer.headers["cache-control"] == "no-store"
        assert "content-length" not in answer.headers
        assert await anext(events) == {"retry": "2000"}
        stored = await server.append(published("https://social.example/ä\n\u2028x"))
        (event,) = await take(events, 1, seconds=2)
    assert event["event"] == "post.published"
    assert event["data"] == {
        "id": str(stored.id),
        "name": "post.published",
        "wire_version": 1,
        "aggregate": {"type": "thing", "id": str(stored.aggregate.id), "version": 1},
        "occurred_at": stored.occurred_at.isoformat(),
        "data": stored.data,
    }


async def test_a_stream_begins_with_now_and_resumes_where_it_was(server: Running) -> None:
    first, second = published(), published()
    await server.append(first)
    async with server.events() as (_, events):
        kept = await server.append(second)
        (seen,) = await take(events, 1)
        assert seen["data"]["id"] == str(kept.id), "what was there before is not repeated"
    missed = [await server.append(published()) for _ in range(3)]
    async with server.events(last_event_id=seen["id"]) as (_, events):
        found = await take(events, 3)
        missed.append(await server.append(published()))
        found += await take(events, 1)
    assert [event["data"]["id"] for event in found] == [str(event.id) for event in missed]


async def test_a_reader_far_behind_gets_every_event_once(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "PAGE", 7)
    monkeypatch.setattr(stream, "MEMORY_EVENTS", 5)
    start = await server.append(published())
    async with server.database.transaction(DEFAULT_TENANT) as tx:
        place = await log.newest_place(tx)
        await log.read(tx, start.id)
    old = [await server.append(published()) for _ in range(40)]
    async with server.events(last_event_id=place) as (_, events), server.events() as (_, beside):
        found = await take(events, 20)
        new = [await server.append(published()) for _ in range(30)]
        found += await take(events, 50)
        follower = await take(beside, 30)
    assert [event["data"]["id"] for event in found] == [str(event.id) for event in old + new]
    assert [event["data"]["id"] for event in follower] == [str(event.id) for event in new]


async def test_the_order_is_that_of_commit_and_nothing_is_skipped(server: Running) -> None:
    async with server.events() as (_, events):
        async with server.database.transaction(DEFAULT_TENANT) as slow:
            first = await server.append(published(), tx=slow)
            second = await server.append(published())
            await asyncio.sleep(1.2)  # two rounds of reading with the first not committed
        found = await take(events, 2)
    assert [event["data"]["id"] for event in found] == [str(first.id), str(second.id)]


async def test_another_tenant_sees_nothing(server: Running, other: TenantId) -> None:
    async with server.events(server.bearer(other), last_event_id="0-0") as (_, events):
        await server.append(published())
        theirs: Event = PostFailed(code="c", message="m", next_step="n")
        await server.append(theirs, other)
        (event,) = await take(events, 1)
        assert event["event"] == "post.failed"
    async with server.database.transaction(DEFAULT_TENANT) as tx:
        place = await log.newest_place(tx)
    async with server.events(server.bearer(other), last_event_id=place) as (_, events):
        await server.append(published())
        await server.append(theirs, other)
        found = await take(events, 2)
        assert [event["event"] for event in found] == ["post.failed", "post.failed"], "a place is no key to its events"


async def test_an_id_of_the_future_continues_with_now(server: Running) -> None:
    async with server.events(last_event_id="9999999999999999999-1") as (_, events):
        stored = await server.append(published())
        assert (await take(events, 1))[0]["data"]["id"] == str(stored.id)


async def test_ids_that_are_not_ours(server: Running) -> None:
    for bad in ("x", "1", "1-", "-1", "1-1-1", "1-1; DROP TABLE", "99999999999999999999-1", "1-" + "9" * 30):
        async with server.events(last_event_id=bad) as (answer, _):
            assert answer.status_code == 422, bad
            assert b"notification.bad_place" in await answer.aread()


async def test_who_may_listen(server: Running) -> None:
    session = {"cookie": f"pulse_session={server.token()}"}
    for headers, status in (
        ({}, 401),
        ({"authorization": "Bearer nonsense"}, 401),
        (server.bearer(seconds=-1), 401),
        (session, 200),
        (session | {"origin": f"http://{server.host}"}, 200),
        (session | {"origin": "https://evil.example"}, 403),
        ({"cookie": "pulse_session=old"}, 401),
        (session | {"authorization": "Bearer nonsense"}, 401),
    ):
        async with server.events(headers) as (answer, _):
            assert answer.status_code == status, headers


async def test_a_stream_ends_with_its_token(server: Running) -> None:
    async with server.events(server.bearer(seconds=2)) as (answer, events):
        assert answer.status_code == 200
        async with asyncio.timeout(4):
            assert [event async for event in events if "comment" not in event] == [{"retry": "2000"}]


async def test_silence_is_broken_by_comments(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0.2)
    async with server.events() as (_, events), asyncio.timeout(5):
        while "comment" not in await anext(events):
            pass


async def test_stopping_ends_all_streams_cleanly(server: Running) -> None:
    async with server.events() as (_, one), server.events() as (_, two):
        await anext(one)
        await anext(two)
        started = time.monotonic()
        assert server.service.on_stop is not None
        await server.service.on_stop()
        # The end of the chunked body arrives: a connection cut off would raise.
        assert [event async for event in one] == [event async for event in two] == []
        assert time.monotonic() - started < 2
    async with server.events() as (answer, _):
        assert answer.status_code == 503


async def test_a_reader_that_takes_nothing_is_dropped(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "SEND_SECONDS", 2)
    with socket.create_connection(("127.0.0.1", server.port)) as reader:
        reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65_536)
        request = f"GET /events HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {server.token()}\r\n\r\n"
        reader.sendall(request.encode())
        await asyncio.sleep(0.5)
        big = published("https://social.example/" + "x" * 500_000)
        async with server.events() as (_, events):
            for _ in range(14):
                await server.append(big)
            assert len(await take(events, 14, seconds=30)) == 14, "others are not held up"
            await asyncio.sleep(3)
        reader.settimeout(20)
        received = b""
        while part := await asyncio.to_thread(reader.recv, 1_000_000):
            received += part
    assert not received.endswith(b"0\r\n\r\n"), "dropped, not ended"
    assert len(received) < 14 * 500_000, "what it did not take was not kept for it"
