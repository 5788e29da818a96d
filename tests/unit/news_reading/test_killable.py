"""Work that hangs, eats memory or dies ends there, and the next call finds a fresh child."""

import asyncio
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from pulse.news.killable import Killable, WorkFailed, WorkKilled


@pytest.fixture
def child(monkeypatch: pytest.MonkeyPatch) -> Iterator[Killable]:
    # The child does not look for modules where it is started, so it has to be told.
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[3]))
    killable = Killable("tests.unit.news_reading.killable_work:work", seconds=0.3)
    yield killable
    killable.close()


def test_the_child_stays_between_calls(child: Killable) -> None:
    first, second = child.call(b"x" * 1_000_000), child.call(b"")
    assert (first["size"], second["size"]) == (1_000_000, 0)
    assert first["pid"] == second["pid"] != os.getpid()


@pytest.mark.parametrize("what", ["spin", "sleep", "die"])
def test_killed(child: Killable, what: str) -> None:
    before = child.call(b"")["pid"]
    begin = time.monotonic()
    with pytest.raises(WorkKilled):
        child.call(b"", what=what)
    assert time.monotonic() - begin < 3
    with pytest.raises(ProcessLookupError):
        os.kill(before, 0)
    assert child.call(b"abc")["size"] == 3


@pytest.mark.parametrize("what", ["fail", "eat"])
def test_failed(child: Killable, what: str) -> None:
    with pytest.raises(WorkFailed):
        child.call(b"", what=what)
    assert child.call(b"abc")["size"] == 3


def test_a_print_is_not_an_answer(child: Killable) -> None:
    assert child.call(b"ab", what="print")["size"] == 2


async def test_calls_take_turns(child: Killable) -> None:
    sizes = await asyncio.gather(*(child.call_async(b"x" * size) for size in range(20)))
    assert [answer["size"] for answer in sizes] == list(range(20))


def test_the_child_ends_with_its_input(child: Killable) -> None:
    pid = child.call(b"")["pid"]
    assert child._child is not None
    assert child._child.stdin is not None
    child._child.stdin.close()
    assert child._child.wait(timeout=5) == 0
    assert child.call(b"")["pid"] != pid
