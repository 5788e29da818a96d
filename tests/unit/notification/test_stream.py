"""Places in the log, and events as they go over the wire."""

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.bus.events import Aggregate, StoredEvent
from pulse.kernel.clock import utc_now
from pulse.kernel.ids import new_id
from pulse.kernel.tenant import DEFAULT_TENANT
from pulse.notification import stream
from pulse.notification.broadcast import Broadcast
from pulse.notification.errors import BadPlace
from pulse.notification.stream import Frame, Place, frame, parse_place

JUST_READ = (1, 1)
json = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)


def stored(data: object) -> StoredEvent:
    return StoredEvent(
        id=new_id(),
        name="post.published",
        wire_version=1,
        aggregate=Aggregate("post", UUID(int=1)),
        version=3,
        tenant=DEFAULT_TENANT,
        occurred_at=datetime(2026, 11, 3, 9, tzinfo=UTC),
        data={"any": data},
        headers={"secret": "not shown"},
        position="812-44",
    )


@given(json)
def test_an_event_is_four_lines_whatever_it_says(data: object) -> None:
    written = frame(stored(data))
    lines = written.text.decode().splitlines()  # also at the line breaks that only some readers know
    assert lines[0] == "id: 812-44"
    assert lines[1] == "event: post.published"
    assert orjson.loads(lines[2].removeprefix("data: "))["data"] == {"any": data}
    assert lines[3:] == [""]
    assert b"not shown" not in written.text
    assert written.place == (812, 44)


@given(st.text())
def test_a_place_is_read_or_refused(text: str) -> None:
    try:
        transaction, position = parse_place(text)
    except BadPlace:
        return
    assert 0 <= transaction < 2**64
    assert 0 <= position < 2**63


@given(st.integers(0, 2**63), st.integers(0, 10**18 - 1))
def test_a_place_comes_back(transaction: int, position: int) -> None:
    assert parse_place(f"{transaction}-{position}") == (transaction, position)


class Behind:
    """A tail that does not reach back to the reader until the reader has looked into the log."""

    def __init__(self) -> None:
        self.frames: list[Frame] | None = None

    async def refresh(self) -> bool:
        return False

    def after(self, _place: Place) -> list[Frame] | None:
        return self.frames


async def test_what_happens_while_the_log_is_read_is_not_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    broadcast: Broadcast[Any] = Broadcast(Behind())
    new = frame(stored("new"))

    async def read(*_: object) -> list[Frame]:
        broadcast.source.frames = [new]
        broadcast.wake()
        return []

    monkeypatch.setattr(stream, "read", read)
    reader = stream.Reader(DEFAULT_TENANT, JUST_READ, utc_now() + timedelta(hours=1))
    async with contextlib.aclosing(stream.lines(broadcast, cast(Any, None), reader, utc_now)) as lines:
        assert await anext(lines) == b"retry: 2000\n\n"
        async with asyncio.timeout(1):
            assert await anext(lines) == new.text


@pytest.mark.parametrize("text", ["1", "-", "1-", "1--1", "1-1\n", "\uff11-\uff11", "9" * 20 + "-1"])
def test_what_is_no_place(text: str) -> None:
    with pytest.raises(BadPlace):
        parse_place(text)
