"""The bus: append an event and hand it out, put work into the queue, take it out again.

The queue is FastStream with faststream-outbox: leases, retries with backoff, delays, dead letters. This file is
the only one that knows it.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from faststream_outbox import OutboxBroker, make_dlq_table, make_outbox_table
from faststream_outbox.annotations import OutboxMessage
from faststream_outbox.retry import ExponentialRetry
from sqlalchemy import MetaData

from pulse.bus import log
from pulse.bus.declarations import PRIORITIES, Declarations, Every, Priority, Reaction
from pulse.bus.errors import UnknownEvent, UnknownQueue
from pulse.bus.events import Aggregate, Event, StoredEvent
from pulse.kernel.clock import Clock, utc_now
from pulse.kernel.tenant import TenantId
from pulse.settings import BusSettings
from pulse.storage.engine import Database, Transaction
from pulse.telemetry import context, tracing

_metadata = MetaData(schema="bus")
WORK = make_outbox_table(_metadata, "work")
DEAD_LETTERS = make_dlq_table(_metadata, "dead_letters")

_logger = logging.getLogger(__name__)
_SOON = timedelta(seconds=10)
_Consumer = Callable[[TenantId, dict[str, Any]], Awaitable[None]]


class Bus:
    """One for each process. Knows the declarations of all services, serves those that run here.

    `database` acts as the application, `dispatcher` as the role that sees the queue of every tenant.
    """

    def __init__(self, database: Database, dispatcher: Database, settings: BusSettings, clock: Clock = utc_now) -> None:
        self._database = database
        self._settings = settings
        self._clock = clock
        self._broker = OutboxBroker(
            dispatcher.engine, outbox_table=WORK, dlq_table=DEAD_LETTERS, logger=None, graceful_timeout=3.0
        )
        self._events: dict[str, type[Event]] = {}
        self._routes: dict[str, list[str]] = {}
        self._projections: dict[str, list[Reaction]] = {}
        self._consumers: dict[str, _Consumer] = {}
        self._priorities: dict[str, Priority] = {}
        self._served: list[str] = []
        self._schedules: list[tuple[str, Every]] = []
        self._loops: list[asyncio.Task[None]] = []
        self.declarations: list[Declarations] = []

    def declare(self, declarations: Declarations, *, serve: bool) -> None:
        """Make a service known: its events are routed; with `serve`, its work is done in this process."""
        self.declarations.append(declarations)
        for event in declarations.publishes:
            self._events[event.name] = event
        for projection in declarations.projections:
            for event in set(projection.events) & set(declarations.publishes):
                self._projections.setdefault(event.name, []).append(projection.apply)
        for subscription in declarations.subscriptions:
            queue = declarations.reaction_queue(subscription)
            self._routes.setdefault(subscription.event.name, []).append(queue)
            self._priorities[queue] = subscription.priority
            self._consumers[queue] = self._reaction(queue, subscription.react)
        for job in declarations.jobs:
            self._priorities[job.name] = job.priority
            self._consumers[job.name] = job.work
        if serve:
            self._served += [declarations.reaction_queue(subscription) for subscription in declarations.subscriptions]
            self._served += [job.name for job in declarations.jobs]
            self._schedules += [(declarations.service, every) for every in declarations.schedules]

    async def append(
        self,
        tx: Transaction,
        event: Event,
        aggregate: Aggregate,
        *,
        expected_version: int | None = None,
    ) -> StoredEvent:
        """Write `event` to the log, fold it into its service's own tables, hand it to its subscribers: all in `tx`.

        Raises `ConcurrentAppend` when `expected_version` is given and is no longer the newest.
        """
        headers = tracing.inject({"tenant": str(tx.tenant)})
        stored = await log.append(
            tx,
            event,
            aggregate,
            occurred_at=self._clock(),
            headers=headers,
            expected_version=expected_version,
        )
        for apply in self._projections.get(stored.name, ()):
            await apply(tx, stored)
        await self._hand_out(tx, stored)
        return stored

    async def _hand_out(self, tx: Transaction, event: StoredEvent) -> None:
        """Give the event to its subscribers. A broker's relay belongs here, and nowhere else."""
        for queue in self._routes.get(event.name, ()):
            await self._put(tx, queue, {"event": str(event.id)})

    async def enqueue(
        self,
        tx: Transaction,
        job: str,
        payload: dict[str, Any],
        *,
        at: datetime | None = None,
        key: str | None = None,
    ) -> None:
        """Put a job into the queue, to run now or `at` a time. While work with the same `key` waits, none is added."""
        if job not in self._consumers:
            raise UnknownQueue(f"no service declares the job {job!r}")
        await self._put(tx, job, payload, at=at, key=key)

    async def cancel(self, tx: Transaction, job: str, key: str) -> bool:
        """Take waiting work back; False when it was not there or is already being done."""
        return await self._broker.cancel_timer(queue=job, timer_id=f"{tx.tenant}/{key}", session=tx.connection)

    async def _put(
        self,
        tx: Transaction,
        queue: str,
        payload: dict[str, Any],
        *,
        at: datetime | None = None,
        key: str | None = None,
    ) -> None:
        await self._broker.publish(
            payload,
            queue=queue,
            session=tx.connection,
            headers=tracing.inject({"tenant": str(tx.tenant)}),
            activate_at=at,
            timer_id=f"{tx.tenant}/{key}" if key else None,
        )

    def _reaction(self, queue: str, react: Reaction) -> _Consumer:
        async def consume(tenant: TenantId, payload: dict[str, Any]) -> None:
            event_id = UUID(payload["event"])
            async with self._database.transaction(tenant) as tx:
                event = await log.read(tx, event_id)
                if event is None:
                    raise UnknownEvent(f"event {event_id} is not in the log of tenant {tenant}")
                if await log.mark_applied(tx, queue, event_id):
                    with context.bound(aggregate=f"{event.aggregate.type}/{event.aggregate.id}"):
                        await react(tx, event)

        return consume

    async def start(self, *, schedules: bool = True) -> None:
        """Begin to do the work of the served services; without `schedules` only what is in the queue."""
        for priority in PRIORITIES:
            queues = [queue for queue in self._served if self._priorities[queue] == priority]
            if queues:
                self._subscribe(queues)
        await self._broker.start()
        if schedules:
            self._loops = [asyncio.create_task(self._repeat(service, every)) for service, every in self._schedules]

    async def stop(self) -> None:
        """Stop taking work, and wait for what is being done. What does not end in time runs again after its lease."""
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        self._loops = []
        await self._broker.stop()

    def _subscribe(self, queues: Sequence[str]) -> None:
        settings = self._settings
        subscriber = self._broker.subscriber(
            list(queues),
            max_workers=settings.workers,
            fetch_batch_size=settings.workers,
            min_fetch_interval=settings.poll_seconds / 4,
            max_fetch_interval=settings.poll_seconds,
            lease_ttl_seconds=settings.lease_seconds,
            retry_strategy=ExponentialRetry(
                initial_delay_seconds=settings.retry_seconds,
                max_delay_seconds=settings.max_retry_seconds,
                max_attempts=settings.max_attempts,
                jitter_factor=0.5,
            ),
        )

        async def dispatch(body: dict[str, Any], message: OutboxMessage) -> None:
            queue = message.raw_message.queue
            headers = {name: str(value) for name, value in message.headers.items()}
            await self.work(queue, TenantId(UUID(headers["tenant"])), body, headers)

        subscriber(dispatch)

    async def work(self, queue: str, tenant: TenantId, payload: dict[str, Any], headers: dict[str, str]) -> None:
        """Do one piece of work, under its tenant and its trace."""
        consumer = self._consumers.get(queue)
        if consumer is None:
            raise UnknownQueue(f"nothing here serves the queue {queue!r}")
        with context.bound(tenant=str(tenant), queue=queue), tracing.continued(queue, headers):
            try:
                await consumer(tenant, payload)
            except Exception:
                _logger.warning("work failed and will be tried again", exc_info=True, extra={"payload": payload})
                raise

    async def _repeat(self, service: str, every: Every) -> None:
        while True:
            pause = every.seconds
            try:
                for tenant in await self._database.tenants():
                    with context.bound(tenant=str(tenant), queue=f"{service}/{every.name}"):
                        await every.tick(tenant)
            except Exception:
                # A schedule outlives what goes wrong in one of its runs (a database that restarts, say).
                pause = min(pause, _SOON.total_seconds())
                _logger.warning("schedule %s/%s failed; next run in %s s", service, every.name, pause, exc_info=True)
            await asyncio.sleep(pause)

    async def drain(self, *, timeout: float) -> bool:
        """Wait until nothing waits that is due now or soon, nor runs: for one pass (`pulse run`) and tests.

        Work that failed is waited for while its next attempt is near. Returns False when some is left then, or when
        `timeout` seconds are over.
        """
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while True:
                    soon, failed = await self._open_work()
                    if not soon:
                        return not failed
                    await asyncio.sleep(0.05)
        return False

    async def _open_work(self) -> tuple[int, int]:
        soon = failed = 0
        for tenant in await self._database.tenants():
            async with self._database.transaction(tenant) as tx:
                row = await tx.row(
                    """SELECT count(*) FILTER (WHERE next_attempt_at <= now() + CAST(:soon AS interval)) AS soon,
                              count(*) FILTER (WHERE attempts_count > 0) AS failed FROM bus.work""",
                    soon=_SOON,
                )
            soon += row["soon"] if row else 0
            failed += row["failed"] if row else 0
        return soon, failed
