"""All SQL of the event log."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.exc import IntegrityError

from pulse.bus.errors import ConcurrentAppend
from pulse.bus.events import Aggregate, Event, StoredEvent
from pulse.kernel.ids import new_id
from pulse.kernel.tenant import TenantId
from pulse.storage.engine import Transaction

_COLUMNS = """id, name, wire_version, aggregate_type, aggregate_id, aggregate_version, tenant_id, occurred_at, data,
    headers, transaction_id::text || '-' || position AS place"""


async def append(
    tx: Transaction,
    event: Event,
    aggregate: Aggregate,
    *,
    occurred_at: datetime,
    headers: dict[str, str],
    expected_version: int | None = None,
) -> StoredEvent:
    """Write `event` as the aggregate's next version.

    With `expected_version` (the version read before the change; 0 for a new aggregate) the append fails with
    `ConcurrentAppend` when another came first: of concurrent appends exactly one wins. Without, they queue.
    """
    if expected_version is None:
        await tx.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))", key=f"{aggregate.type}{aggregate.id}"
        )
        expected_version = await version_of(tx, aggregate)
    stored = StoredEvent(
        id=new_id(),
        name=event.name,
        wire_version=event.wire_version,
        aggregate=aggregate,
        version=expected_version + 1,
        tenant=tx.tenant,
        occurred_at=occurred_at,
        data=event.model_dump(mode="json"),
        headers=headers,
    )
    try:
        await tx.execute(
            """INSERT INTO bus.events (id, name, wire_version, aggregate_type, aggregate_id, aggregate_version,
                                       occurred_at, data, headers)
               VALUES (:id, :name, :wire_version, :type, :aggregate, :version, :occurred_at, :data, :headers)""",
            id=stored.id,
            name=stored.name,
            wire_version=stored.wire_version,
            type=aggregate.type,
            aggregate=aggregate.id,
            version=stored.version,
            occurred_at=occurred_at,
            data=stored.data,
            headers=headers,
        )
    except IntegrityError as error:
        message = f"{aggregate.type} {aggregate.id} is past version {expected_version}"
        raise ConcurrentAppend(message) from error
    return stored


async def version_of(tx: Transaction, aggregate: Aggregate) -> int:
    """Return the version of the aggregate's newest event, 0 when it has none."""
    return int(
        await tx.scalar(
            """SELECT coalesce(max(aggregate_version), 0) FROM bus.events
               WHERE tenant_id = :tenant AND aggregate_type = :type AND aggregate_id = :id""",
            tenant=tx.tenant,
            type=aggregate.type,
            id=aggregate.id,
        )
    )


async def read(tx: Transaction, event_id: UUID) -> StoredEvent | None:
    """Return one event of the tenant, or None."""
    row = await tx.row(f"SELECT {_COLUMNS} FROM bus.events WHERE id = :id", id=event_id)
    return _stored(row) if row else None


async def history(tx: Transaction, aggregate: Aggregate) -> list[StoredEvent]:
    """Return all events of one aggregate, oldest first."""
    rows = await tx.rows(
        f"""SELECT {_COLUMNS} FROM bus.events
            WHERE tenant_id = :tenant AND aggregate_type = :type AND aggregate_id = :id
            ORDER BY aggregate_version""",
        tenant=tx.tenant,
        type=aggregate.type,
        id=aggregate.id,
    )
    return [_stored(row) for row in rows]


async def after(tx: Transaction, place: str, *, limit: int, names: Sequence[str] = ()) -> list[StoredEvent]:
    """Return up to `limit` events that come after `place` ("" for the beginning), in the order of commit.

    Events of transactions newer than the oldest one still open are held back: they would otherwise be
    overtaken by an event that commits later with a smaller position, and a reader would miss that one.
    """
    transaction, _, position = place.partition("-")
    rows = await tx.rows(
        f"""SELECT {_COLUMNS} FROM bus.events
            WHERE tenant_id = :tenant
              AND (transaction_id, position) > (CAST(:transaction AS xid8), CAST(:position AS bigint))
              AND transaction_id < pg_snapshot_xmin(pg_current_snapshot())
              AND (CAST(:any AS boolean) OR name = ANY(CAST(:names AS text[])))
            ORDER BY transaction_id, position LIMIT :limit""",
        tenant=tx.tenant,
        transaction=int(transaction or 0),
        position=int(position or 0),
        any=not names,
        names=list(names),
        limit=limit,
    )
    return [_stored(row) for row in rows]


async def newest_place(tx: Transaction) -> str:
    """Return the place after the newest event that `after` would return."""
    place = await tx.scalar(
        """SELECT transaction_id::text || '-' || position FROM bus.events
           WHERE tenant_id = :tenant AND transaction_id < pg_snapshot_xmin(pg_current_snapshot())
           ORDER BY transaction_id DESC, position DESC LIMIT 1""",
        tenant=tx.tenant,
    )
    return place or ""


async def mark_applied(tx: Transaction, subscription: str, event_id: UUID) -> bool:
    """Record that `subscription` does the event's work in this transaction; False when it was done before."""
    result = await tx.execute(
        """INSERT INTO bus.applied (subscription, event_id) VALUES (:subscription, :event_id)
           ON CONFLICT DO NOTHING""",
        subscription=subscription,
        event_id=event_id,
    )
    return bool(result.rowcount)


def _stored(row: RowMapping) -> StoredEvent:
    data: dict[str, Any] = row["data"]
    return StoredEvent(
        id=row["id"],
        name=row["name"],
        wire_version=row["wire_version"],
        aggregate=Aggregate(row["aggregate_type"], row["aggregate_id"]),
        version=row["aggregate_version"],
        tenant=TenantId(row["tenant_id"]),
        occurred_at=row["occurred_at"],
        data=data,
        headers=row["headers"],
        position=row["place"],
    )
