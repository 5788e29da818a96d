"""The promise: kill a worker at any moment, and no question that a model answered is paid for again.

What was in flight when its worker died is asked again, because no provider says what it answered; the ledger knows
each of these calls and goes on counting what it may have cost. The naive worker shows that the loop would notice.
"""

import asyncio
from pathlib import Path

import pytest

from tests.chaos import paid_loop

SEED = 20261125


@pytest.mark.slow
def test_nothing_is_paid_for_twice_but_what_was_in_flight(tmp_path: Path) -> None:
    result = asyncio.run(paid_loop.run(25, seed=SEED, home=tmp_path))
    assert result.summaries == result.stories
    assert result.kills == 25
    assert result.repeated <= result.unknown
    assert result.unbooked == 0
    assert result.settled <= result.billed <= result.settled + result.unknown * paid_loop.COST
    assert result.billed <= result.ledger


@pytest.mark.slow
def test_a_worker_that_keeps_nothing_and_books_afterwards_is_caught(tmp_path: Path) -> None:
    result = asyncio.run(paid_loop.run(15, seed=SEED, home=tmp_path, worker=paid_loop.naive_work))
    assert not result.kept
    assert result.repeated > result.unknown
