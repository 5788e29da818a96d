"""The event log: versions, exactly one winner, order of commit, nothing half written."""

import asyncio
from typing import ClassVar
from uuid import uuid4

import pytest

from pulse.bus import log
from pulse.bus.bus import Bus
from pulse.bus.declarations import Declarations, Projection
from pulse.bus.errors import ConcurrentAppend
from pulse.bus.events import Aggregate, Event, StoredEvent
from pulse.kernel.tenant import DEFAULT_TENANT
from pulse.storage.engine import Database, Transaction


class Counted(Event):
    name: ClassVar[str] = "test.counted"
    number: int


async def append(bus: Bus, database: Database, aggregate: Aggregate, number: int, expected: int | None = None) -> int:
    async with database.transaction(DEFAULT_TENANT) as tx:
        return (await bus.append(tx, Counted(number=number), aggregate, expected_version=expected)).version


async def test_of_concurrent_appends_at_one_version_exactly_one_wins(bus: Bus, database: Database) -> None:
    aggregate = Aggregate("test", uuid4())
    outcomes = await asyncio.gather(
        *(append(bus, database, aggregate, number, expected=0) for number in range(8)), return_exceptions=True
    )
    assert [outcome for outcome in outcomes if outcome == 1] == [1]
    assert sum(isinstance(outcome, ConcurrentAppend) for outcome in outcomes) == 7


async def test_appends_without_an_expectation_queue(bus: Bus, database: Database) -> None:
    aggregate = Aggregate("test", uuid4())
    versions = await asyncio.gather(*(append(bus, database, aggregate, number) for number in range(8)))
    assert sorted(versions) == list(range(1, 9))
    async with database.transaction(DEFAULT_TENANT) as tx:
        assert [event.version for event in await log.history(tx, aggregate)] == list(range(1, 9))


async def test_an_event_of_a_change_that_failed_never_was(bus: Bus, database: Database) -> None:
    aggregate = Aggregate("test", uuid4())

    async def fail() -> None:
        async with database.transaction(DEFAULT_TENANT) as tx:
            await bus.append(tx, Counted(number=1), aggregate)
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        await fail()
    async with database.transaction(DEFAULT_TENANT) as tx:
        assert await log.history(tx, aggregate) == []


async def test_a_reader_never_overtakes_a_transaction_that_is_still_open(bus: Bus, database: Database) -> None:
    async with database.transaction(DEFAULT_TENANT) as slow:
        await bus.append(slow, Counted(number=1), Aggregate("test", uuid4()))
        await append(bus, database, Aggregate("test", uuid4()), 2)
        async with database.transaction(DEFAULT_TENANT) as tx:
            assert await log.after(tx, "", limit=10) == []
    async with database.transaction(DEFAULT_TENANT) as tx:
        seen = await log.after(tx, "", limit=10)
        assert [event.data["number"] for event in seen] == [1, 2]
        assert await log.after(tx, seen[0].position, limit=10) == seen[1:]
        assert await log.newest_place(tx) == seen[-1].position


async def test_the_log_cannot_be_changed(bus: Bus, database: Database) -> None:
    await append(bus, database, Aggregate("test", uuid4()), 1)
    for statement in ("UPDATE bus.events SET name = 'x'", "DELETE FROM bus.events"):
        with pytest.raises(Exception, match="permission denied"):
            async with database.transaction(DEFAULT_TENANT) as tx:
                await tx.execute(statement)


async def test_a_projection_is_folded_in_the_same_transaction(bus: Bus, database: Database) -> None:
    folded: list[int] = []

    async def apply(_tx: Transaction, event: StoredEvent) -> None:
        folded.append(event.data["number"])

    bus.declare(
        Declarations("test", publishes=(Counted,), projections=(Projection((), (Counted,), apply),)), serve=False
    )
    await append(bus, database, Aggregate("test", uuid4()), 5)
    assert folded == [5]
