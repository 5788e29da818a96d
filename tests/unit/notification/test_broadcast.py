"""One source for all who follow a tenant."""

import asyncio
import time

import pytest

from pulse.kernel.ids import new_id
from pulse.kernel.tenant import DEFAULT_TENANT, TenantId
from pulse.notification.broadcast import Broadcasts, came, first_of
from pulse.notification.errors import ShuttingDown


class Counter:
    """A source that counts how often it is read, and fails when told."""

    def __init__(self, tenant: TenantId) -> None:
        self.tenant, self.reads, self.broken = tenant, 0, False

    async def refresh(self) -> bool:
        self.reads += 1
        if self.broken:
            raise ConnectionError("gone")
        return True


@pytest.fixture
def counters() -> Broadcasts[Counter]:
    return Broadcasts(Counter, 0.05)


async def watch(counters: Broadcasts[Counter], tenant: TenantId, seen: list[Counter]) -> None:
    with counters.follow(tenant) as broadcast:
        seen.append(broadcast.source)
        while not broadcast.stopping:
            await came(broadcast.change, 5)


async def test_one_source_for_each_tenant_however_many_follow(counters: Broadcasts[Counter]) -> None:
    other, seen = TenantId(new_id()), list[Counter]()
    started = time.monotonic()
    watchers = [asyncio.create_task(watch(counters, DEFAULT_TENANT, seen)) for _ in range(50)]
    watchers.append(asyncio.create_task(watch(counters, other, seen)))
    await asyncio.sleep(0.3)
    sources = set(seen)
    assert {source.tenant for source in sources} == {DEFAULT_TENANT, other}
    assert len(sources) == 2
    assert all(2 <= source.reads <= (time.monotonic() - started) / 0.05 + 2 for source in sources)
    await counters.stop()
    await asyncio.gather(*watchers)


async def test_a_source_that_nobody_follows_rests_and_one_that_is_followed_again_works(
    counters: Broadcasts[Counter],
) -> None:
    for _ in range(2):
        with counters.follow(DEFAULT_TENANT) as broadcast:
            assert await came(broadcast.change, 1)
        await asyncio.sleep(0.2)
        reads = broadcast.source.reads
        await asyncio.sleep(0.2)
        assert broadcast.source.reads == reads


async def test_followers_stay_when_the_source_fails(
    counters: Broadcasts[Counter], caplog: pytest.LogCaptureFixture
) -> None:
    with counters.follow(DEFAULT_TENANT) as broadcast:
        assert await came(broadcast.change, 1)
        broadcast.source.broken = True
        await asyncio.sleep(0.1)
        assert not await came(broadcast.change, 0.2)
        assert len(caplog.records) == 1, "said once"
        broadcast.source.broken = False
        assert await came(broadcast.change, 1)


async def test_no_change_is_missed_while_looking_elsewhere(counters: Broadcasts[Counter]) -> None:
    with counters.follow(DEFAULT_TENANT) as broadcast:
        change = broadcast.change
        await asyncio.sleep(0.2)
        assert await came(change, 0)


async def test_who_does_not_leave_is_cancelled(counters: Broadcasts[Counter]) -> None:
    async def stay() -> None:
        with counters.follow(DEFAULT_TENANT):
            await asyncio.sleep(60)

    stubborn = asyncio.create_task(stay())
    await asyncio.sleep(0.05)
    started = time.monotonic()
    await counters.stop(0.4)
    assert time.monotonic() - started < 1
    assert stubborn.cancelled() or stubborn.cancelling()
    with pytest.raises(ShuttingDown), counters.follow(DEFAULT_TENANT):
        pass


async def test_the_first_to_end_ends_the_others() -> None:
    ended: list[str] = []

    async def slow() -> int:
        try:
            await asyncio.sleep(60)
        finally:
            ended.append("slow")
        return 1

    async def quick() -> int:
        return 2

    async def broken() -> int:
        raise ValueError

    assert await first_of(slow(), quick()) == 2
    with pytest.raises(ValueError):  # noqa: PT011
        await first_of(slow(), broken())
    assert ended == ["slow", "slow"]
