"""The queue: done once with its effect, tried again, given up into the dead letters, on time, of every tenant."""

import asyncio
from datetime import datetime, timedelta
from typing import Any, ClassVar
from uuid import uuid4

import pytest

from pulse.bus import log
from pulse.bus.bus import Bus
from pulse.bus.declarations import Declarations, Every, Job, Subscription
from pulse.bus.errors import UnknownQueue
from pulse.bus.events import Aggregate, Event, StoredEvent
from pulse.kernel.clock import utc_now
from pulse.kernel.tenant import DEFAULT_TENANT, TenantId
from pulse.settings import BusSettings, StorageSettings
from pulse.storage.engine import DISPATCHER_ROLE, Database, Transaction, open_database


class Happened(Event):
    name: ClassVar[str] = "test.happened"
    number: int


async def happen(bus: Bus, database: Database, number: int) -> StoredEvent:
    async with database.transaction(DEFAULT_TENANT) as tx:
        return await bus.append(tx, Happened(number=number), Aggregate("test", uuid4()))


async def test_two_subscribers_each_get_every_event_once(bus: Bus, database: Database) -> None:
    got: dict[str, list[int]] = {"one": [], "two": []}

    def subscriber(name: str) -> Declarations:
        async def react(_tx: Transaction, event: StoredEvent) -> None:
            got[name].append(event.data["number"])

        return Declarations(name, subscriptions=(Subscription(Happened, react),))

    bus.declare(Declarations("test", publishes=(Happened,)), serve=True)
    for name in got:
        bus.declare(subscriber(name), serve=True)
    await bus.start()
    for number in range(10):
        await happen(bus, database, number)
    assert await bus.drain(timeout=10)
    assert {name: sorted(numbers) for name, numbers in got.items()} == {"one": [*range(10)], "two": [*range(10)]}


async def test_an_event_that_comes_twice_acts_once(bus: Bus, database: Database) -> None:
    acted = 0

    async def react(_tx: Transaction, _event: StoredEvent) -> None:
        nonlocal acted
        acted += 1

    declarations = Declarations("test", publishes=(Happened,), subscriptions=(Subscription(Happened, react),))
    bus.declare(declarations, serve=False)
    event = await happen(bus, database, 1)
    queue = declarations.reaction_queue(declarations.subscriptions[0])
    for _ in range(3):
        await bus.work(queue, DEFAULT_TENANT, {"event": str(event.id)}, {})
    assert acted == 1


async def test_a_reaction_that_fails_leaves_nothing_and_is_tried_again(bus: Bus, database: Database) -> None:
    attempts = 0

    async def react(tx: Transaction, event: StoredEvent) -> None:
        nonlocal attempts
        attempts += 1
        await tx.execute("INSERT INTO bus.idempotency (key, fingerprint, status, body) VALUES ('effect', '', 0, '1')")
        if attempts < 3:
            raise RuntimeError("not yet")

    bus.declare(Declarations("test", publishes=(Happened,), subscriptions=(Subscription(Happened, react),)), serve=True)
    await bus.start()
    event = await happen(bus, database, 1)
    async with asyncio.timeout(15):
        while True:
            async with database.transaction(DEFAULT_TENANT) as tx:
                if not await log.mark_applied(tx, "test/test.happened", event.id):
                    break
                await tx.connection.rollback()
            await asyncio.sleep(0.05)
    assert attempts == 3
    async with database.transaction(DEFAULT_TENANT) as tx:
        assert await tx.scalar("SELECT count(*) FROM bus.idempotency") == 1


async def test_work_that_never_succeeds_ends_in_the_dead_letters(database: Database, database_url: str) -> None:
    dispatcher = open_database(database_url, StorageSettings(), DISPATCHER_ROLE, json_objects=False)
    bus = Bus(database, dispatcher, BusSettings(workers=1, poll_seconds=0.1, retry_seconds=0.05, max_attempts=2))

    async def fail(_tenant: TenantId, _payload: dict[str, Any]) -> None:
        raise RuntimeError("never")

    bus.declare(Declarations("test", jobs=(Job("test/fail", fail),)), serve=True)
    await bus.start()
    async with database.transaction(DEFAULT_TENANT) as tx:
        await bus.enqueue(tx, "test/fail", {"a": 1})
    try:
        async with asyncio.timeout(15):
            while True:
                async with database.transaction(DEFAULT_TENANT) as tx:
                    dead = await tx.rows("SELECT queue, last_exception, tenant_id FROM bus.dead_letters")
                if dead:
                    break
                await asyncio.sleep(0.05)
    finally:
        await bus.stop()
        await dispatcher.close()
    assert [(row["queue"], row["tenant_id"]) for row in dead] == [("test/fail", DEFAULT_TENANT)]
    assert "never" in dead[0]["last_exception"]


async def test_work_waits_for_its_time_and_can_be_taken_back(bus: Bus, database: Database) -> None:
    done: dict[str, datetime] = {}

    async def note(_tenant: TenantId, payload: dict[str, Any]) -> None:
        assert payload["name"] not in done
        done[payload["name"]] = utc_now()

    bus.declare(Declarations("test", jobs=(Job("test/note", note),)), serve=True)
    async with database.transaction(DEFAULT_TENANT) as tx:
        later = utc_now() + timedelta(seconds=1.2)
        await bus.enqueue(tx, "test/note", {"name": "later"}, at=later, key="later")
        await bus.enqueue(tx, "test/note", {"name": "never"}, at=utc_now() + timedelta(hours=1), key="never")
        await bus.enqueue(tx, "test/note", {"name": "now"}, key="now")
        await bus.enqueue(tx, "test/note", {"name": "now"}, key="now")
        assert await bus.cancel(tx, "test/note", "never")
        assert not await bus.cancel(tx, "test/note", "unheard of")
    await bus.start()
    assert await bus.drain(timeout=15)
    assert list(done) == ["now", "later"]
    assert done["now"] < later <= done["later"]
    async with database.transaction(DEFAULT_TENANT) as tx:
        assert await tx.scalar("SELECT count(*) FROM bus.work") == 0


async def test_work_of_a_process_that_died_is_done_by_another(bus: Bus, database: Database) -> None:
    done = asyncio.Event()

    async def finish(_tenant: TenantId, _payload: dict[str, Any]) -> None:
        done.set()

    bus.declare(Declarations("test", jobs=(Job("test/finish", finish),)), serve=True)
    async with database.transaction(DEFAULT_TENANT) as tx:
        await bus.enqueue(tx, "test/finish", {})
        # As a worker leaves it that was killed longer ago than a lease lasts.
        await tx.execute(
            """UPDATE bus.work SET acquired_token = gen_random_uuid(), acquired_at = now() - interval '1 hour',
                                   deliveries_count = 1"""
        )
    await bus.start()
    async with asyncio.timeout(10):
        await done.wait()


async def test_schedules_run_again_after_a_failure(bus: Bus) -> None:
    runs = 0

    async def tick(tenant: TenantId) -> None:
        nonlocal runs
        runs += 1
        raise RuntimeError("this run fails")

    bus.declare(Declarations("test", schedules=(Every("tick", 0.05, tick),)), serve=True)
    await bus.start()
    async with asyncio.timeout(10):
        while runs < 3:
            await asyncio.sleep(0.02)


async def test_a_job_nobody_declares_is_refused(bus: Bus, database: Database) -> None:
    async with database.transaction(DEFAULT_TENANT) as tx:
        with pytest.raises(UnknownQueue):
            await bus.enqueue(tx, "test/unheard_of", {})
