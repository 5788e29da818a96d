"""The promise: kill anything at any moment, and every post goes out exactly once.

300 kills of workers and of Postgres at random points, against a real Bluesky PDS and the Mastodon double that fails in
its documented ways. The naive worker is there to show that the loop would notice.
"""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.chaos import kill_loop, naive
from tests.doubles.mastodon_process import MastodonProcess
from tests.servers.pds import Pds, PdsUnavailable, running_pds

SEED = 20261123


@pytest.fixture(scope="module")
def pds() -> Iterator[Pds]:
    try:
        with running_pds() as pds:
            yield pds
    except PdsUnavailable as reason:
        pytest.skip(str(reason))


def loop(kills: int, home: Path, pds: Pds, worker: kill_loop.Worker = kill_loop.work) -> kill_loop.Result:
    with MastodonProcess() as double:
        return asyncio.run(kill_loop.run(kills, seed=SEED, home=home, pds=pds, double=double, worker=worker))


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_three_hundred_kills_lose_nothing_and_double_nothing(pds: Pds, tmp_path: Path) -> None:
    result = loop(300, tmp_path, pds)
    print(result)
    assert result.kills == 300
    assert result.postgres_kills > 10
    assert result.posts > 300, "too few posts were under way for the kills to hit anything"
    assert (result.lost, result.duplicated, result.not_published) == ([], 0, [])
    assert result.seconds_after_last_kill < 2 * kill_loop.LEASE_SECONDS + kill_loop.GRACE_SECONDS


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_loop_catches_a_worker_that_claims_sends_and_marks(pds: Pds, tmp_path: Path) -> None:
    result = loop(60, tmp_path, pds, worker=naive.work)
    print(result)
    assert result.duplicated > 0
