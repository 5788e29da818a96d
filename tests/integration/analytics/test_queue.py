"""What lies in the queue, and what can be done about it."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from pulse.bus import queue
from pulse.bus.bus import Bus
from pulse.bus.declarations import Declarations, Job
from pulse.kernel.tenant import DEFAULT_TENANT, TenantId
from pulse.settings import BusSettings, StorageSettings
from pulse.storage.engine import DISPATCHER_ROLE, Database, open_database
from pulse.telemetry import metrics


class Worker:
    """Fails until it is told otherwise."""

    def __init__(self) -> None:
        self.done: list[Any] = []
        self.broken = True

    async def work(self, _tenant: TenantId, payload: dict[str, Any]) -> None:
        if self.broken:
            raise ValueError("the platform is on fire")
        self.done.append(payload["n"])


@pytest.fixture
def worker() -> Worker:
    return Worker()


@pytest.fixture
async def impatient(database: Database, database_url: str, worker: Worker) -> AsyncIterator[Bus]:
    """Give a bus that gives work up after its first attempt."""
    dispatcher = open_database(database_url, StorageSettings(pool_size=5), DISPATCHER_ROLE, json_objects=False)
    bus = Bus(database, dispatcher, BusSettings(workers=2, poll_seconds=0.1, max_attempts=1))
    jobs = (Job("test/deliver", worker.work, "high"), Job("test/other", worker.work))
    bus.declare(Declarations("test", jobs=jobs), serve=True)
    yield bus
    await bus.stop()
    await dispatcher.close()


async def put(
    bus: Bus, database: Database, job: str = "test/deliver", tenant: TenantId = DEFAULT_TENANT, **more: Any
) -> None:
    async with database.transaction(tenant) as tx:
        await bus.enqueue(tx, job, {"n": more.pop("n", 1)}, **more)


async def overview(database: Database, tenant: TenantId = DEFAULT_TENANT) -> dict[str, tuple[int, ...]]:
    async with database.transaction(tenant) as tx:
        rows = await queue.overview(tx, lease_seconds=60)
    return {row.queue: (row.waiting, row.later, row.running, row.failed, row.dead) for row in rows}


async def test_every_row_is_counted_in_one_place(database: Database, impatient: Bus, other: TenantId) -> None:
    for n in range(7):
        await put(impatient, database, n=n)
    await put(impatient, database, at=datetime.now(UTC) + timedelta(hours=1))
    await put(impatient, database, "test/other", other)
    lease = "acquired_token = gen_random_uuid(), acquired_at = now() - interval"
    states = (f"{lease} '0 s', attempts_count = 1", f"{lease} '61 s'", f"{lease} '61 s', attempts_count = 1")
    retries = ("attempts_count = 2, next_attempt_at = now() + interval '1 h'", "attempts_count = 2")
    async with database.transaction(DEFAULT_TENANT) as tx:
        ids = [row["id"] for row in await tx.rows("SELECT id FROM bus.work ORDER BY id")]
        for row, change in zip(ids, states + retries, strict=False):
            await tx.execute(f"UPDATE bus.work SET {change} WHERE id = :id", id=row)
    # waiting: the two untouched and the one whose first lease ended; failed: whatever was tried before.
    assert await overview(database) == {"test/deliver": (3, 1, 1, 3, 0)}
    assert await overview(database, other) == {"test/other": (1, 0, 0, 0, 0)}
    async with database.transaction(DEFAULT_TENANT) as tx:
        (row,) = await queue.overview(tx)
        assert row.oldest is not None
        assert row.oldest <= datetime.now(UTC)
        assert await queue.active(tx) == 6
        assert await queue.hasten(tx) == 1
        assert await queue.active(tx) == 7


async def test_dead_work_comes_back(database: Database, impatient: Bus, worker: Worker, other: TenantId) -> None:
    await put(impatient, database, n=1, key="post-1")
    await put(impatient, database, n=2)
    await put(impatient, database, "test/other", n=3)
    await put(impatient, database, tenant=other, n=4)
    await impatient.start()
    assert await impatient.drain(timeout=10)
    assert await overview(database) == {"test/deliver": (0, 0, 0, 0, 2), "test/other": (0, 0, 0, 0, 1)}
    async with database.transaction(DEFAULT_TENANT) as tx:
        letters = await queue.dead_letters(tx, "test/deliver")
    assert {letter.queue for letter in letters} == {"test/deliver"}
    assert "the platform is on fire" in (letters[0].error or "")
    assert letters[0].deliveries == 1

    worker.broken = False
    async with database.transaction(DEFAULT_TENANT) as tx:
        assert await queue.retry(tx, ids=[]) == 0
        assert await queue.retry(tx, "test/nothing") == 0
        assert await queue.retry(tx, "test/deliver") == 2
        assert await queue.discard(tx, ids=[letters[0].id]) == 0, "it is no longer there"
        assert await queue.discard(tx) == 1
    assert await impatient.drain(timeout=10)
    assert sorted(worker.done) == [1, 2]
    assert await overview(database) == {}
    assert await overview(database, other) == {"test/deliver": (0, 0, 0, 0, 1)}, "another tenant's stays"


async def test_dead_work_that_was_put_in_again_is_done_once(database: Database, impatient: Bus, worker: Worker) -> None:
    await put(impatient, database, n=1, key="post-1")
    await impatient.start()
    assert await impatient.drain(timeout=10)
    worker.broken = False
    await put(impatient, database, n=1, key="post-1", at=datetime.now(UTC) + timedelta(hours=1))
    async with database.transaction(DEFAULT_TENANT) as tx:
        assert await queue.retry(tx) == 0
    assert await overview(database) == {"test/deliver": (0, 1, 0, 0, 0)}


async def test_the_gauge_adds_up_all_tenants(database: Database, impatient: Bus, other: TenantId) -> None:
    for tenant in (DEFAULT_TENANT, other):
        await put(impatient, database, tenant=tenant)
    await put(impatient, database, "test/other")
    await put(impatient, database, at=datetime.now(UTC) + timedelta(hours=1))
    await queue.measure(database, impatient.declarations)
    found = {name: metrics.queue_size.labels(name)._value.get() for name in ("high", "normal", "low")}
    assert found == {"high": 2, "normal": 1, "low": 0}
