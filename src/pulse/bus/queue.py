"""What lies in the work queue: for `pulse queue`, the live figures and the gauge."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from pulse.bus.declarations import PRIORITIES, Declarations, Priority
from pulse.settings import BusSettings
from pulse.storage.engine import Database, Transaction
from pulse.telemetry import metrics


@dataclass(frozen=True, slots=True)
class QueueRow:
    """The work of one tenant in one queue. No row is counted twice."""

    queue: str
    waiting: int
    """Due, and not tried yet."""
    later: int
    """Put in for a later time."""
    running: int
    """Under a lease that has not ended."""
    failed: int
    """Tried in vain, and will be tried again."""
    dead: int
    """Given up after the last attempt."""
    oldest: datetime | None
    """Since when the longest-waiting due row has been due."""


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Work that was given up."""

    id: int
    queue: str
    failed_at: datetime
    deliveries: int
    reason: str
    error: str | None


async def overview(tx: Transaction, *, lease_seconds: float = BusSettings().lease_seconds) -> list[QueueRow]:
    """Return what lies in each queue of the tenant; `lease_seconds` as the workers hold it."""
    rows = await tx.rows(
        """WITH work AS (
               SELECT queue, next_attempt_at <= now() AS due, attempts_count > 0 AS tried, next_attempt_at,
                      coalesce(acquired_at >= now() - make_interval(secs => :lease), false) AS leased
               FROM bus.work WHERE tenant_id = :tenant
           ), living AS (
               SELECT queue, count(*) FILTER (WHERE due AND NOT tried AND NOT leased) AS waiting,
                      count(*) FILTER (WHERE NOT due AND NOT tried AND NOT leased) AS later,
                      count(*) FILTER (WHERE leased) AS running,
                      count(*) FILTER (WHERE tried AND NOT leased) AS failed,
                      min(next_attempt_at) FILTER (WHERE due AND NOT leased) AS oldest
               FROM work GROUP BY queue
           ), dead AS (
               SELECT queue, count(*) AS dead FROM bus.dead_letters WHERE tenant_id = :tenant GROUP BY queue
           )
           SELECT queue, coalesce(waiting, 0) AS waiting, coalesce(later, 0) AS later, coalesce(running, 0) AS running,
                  coalesce(failed, 0) AS failed, coalesce(dead, 0) AS dead, oldest
           FROM living FULL JOIN dead USING (queue) ORDER BY queue""",
        tenant=tx.tenant,
        lease=float(lease_seconds),
    )
    return [QueueRow(**row) for row in rows]


async def active(tx: Transaction) -> int:
    """Return how many pieces of the tenant's work are being done or due."""
    # Work under a lease was due when it was taken, so it still is.
    return int(
        await tx.scalar(
            "SELECT count(*) FROM bus.work WHERE tenant_id = :tenant AND next_attempt_at <= now()", tenant=tx.tenant
        )
    )


async def dead_letters(tx: Transaction, queue: str | None = None, *, limit: int = 50) -> list[DeadLetter]:
    """Return the newest work given up, of one queue if named."""
    rows = await tx.rows(
        """SELECT id, queue, failed_at, deliveries_count AS deliveries, failure_reason AS reason,
                  last_exception AS error
           FROM bus.dead_letters WHERE tenant_id = :tenant AND (CAST(:queue AS text) IS NULL OR queue = :queue)
           ORDER BY failed_at DESC, id DESC LIMIT :limit""",
        tenant=tx.tenant,
        queue=queue,
        limit=limit,
    )
    return [DeadLetter(**row) for row in rows]


_CHOSEN = """tenant_id = :tenant AND (CAST(:queue AS text) IS NULL OR queue = :queue)
             AND (CAST(:ids AS bigint[]) IS NULL OR id = ANY(CAST(:ids AS bigint[])))"""


async def retry(tx: Transaction, queue: str | None = None, ids: Sequence[int] | None = None) -> int:
    """Put work given up back into its queue, as if new; return how many.

    All of the tenant's, or of one queue, or the dead letters `ids`. A dead letter whose work was put in again
    meanwhile (same queue and key) is only removed.
    """
    result = await tx.execute(
        f"""WITH chosen AS (
                DELETE FROM bus.dead_letters WHERE {_CHOSEN} RETURNING id, queue, payload, headers, timer_id)
            INSERT INTO bus.work (queue, payload, headers, timer_id)
            SELECT queue, payload, headers, timer_id FROM chosen ORDER BY id
            ON CONFLICT (queue, timer_id) WHERE timer_id IS NOT NULL DO NOTHING""",
        tenant=tx.tenant,
        queue=queue,
        ids=None if ids is None else list(ids),
    )
    return result.rowcount


async def hasten(tx: Transaction, queue: str | None = None) -> int:
    """Let work that failed be tried again at once instead of after its delay; return how many."""
    result = await tx.execute(
        """UPDATE bus.work SET next_attempt_at = now()
           WHERE tenant_id = :tenant AND (CAST(:queue AS text) IS NULL OR queue = :queue)
             AND attempts_count > 0 AND acquired_token IS NULL AND next_attempt_at > now()""",
        tenant=tx.tenant,
        queue=queue,
    )
    return result.rowcount


async def discard(tx: Transaction, queue: str | None = None, ids: Sequence[int] | None = None) -> int:
    """Throw work given up away: all of the tenant's, or of one queue, or the dead letters `ids`; return how many."""
    result = await tx.execute(
        f"DELETE FROM bus.dead_letters WHERE {_CHOSEN}",
        tenant=tx.tenant,
        queue=queue,
        ids=None if ids is None else list(ids),
    )
    return result.rowcount


def priorities(declarations: Iterable[Declarations]) -> dict[str, Priority]:
    """Return the priority of every queue that the services declare."""
    found: dict[str, Priority] = {}
    for service in declarations:
        found |= {service.reaction_queue(subscription): subscription.priority for subscription in service.subscriptions}
        found |= {job.name: job.priority for job in service.jobs}
    return found


async def measure(database: Database, declarations: Iterable[Declarations]) -> None:
    """Set the gauge of due, waiting work by priority, over all tenants. In one process of an installation."""
    known = priorities(declarations)
    waiting: dict[Priority, int] = dict.fromkeys(PRIORITIES, 0)
    for tenant in await database.tenants():
        async with database.transaction(tenant) as tx:
            rows = await tx.connection.execute(_WAITING, {"tenant": tenant})
            for queue, count in rows:
                waiting[known.get(queue, "normal")] += count
    for priority, count in waiting.items():
        metrics.queue_size.labels(priority).set(count)


_WAITING = text(
    """SELECT queue, count(*) FROM bus.work
       WHERE tenant_id = :tenant AND next_attempt_at <= now() AND acquired_token IS NULL GROUP BY queue"""
)
