"""Rebuild a service's projected tables from the log, and compare them with the live ones."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import text

from pulse.bus import log
from pulse.bus.declarations import Declarations, Reaction
from pulse.bus.errors import NotProjected
from pulse.kernel.tenant import TenantId
from pulse.storage.engine import Database, Transaction


@dataclass(frozen=True, slots=True)
class TableReplay:
    """One table before and after: how many rows, and whether they are the same to the letter."""

    before: int
    after: int
    equal: bool


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What a rebuild did, or with `check` would have done."""

    service: str
    events: int
    """Applied, of the tenant's log."""
    tables: dict[str, TableReplay]
    equal: bool
    """Every table came out as it was."""
    kept: bool
    """False after a mere check: the tables are untouched."""


async def rebuild(
    database: Database, declarations: Iterable[Declarations], service: str, tenant: TenantId, *, check: bool
) -> ReplayReport:
    """Empty the projected tables of `service` for one tenant and fold the log into them again, in one transaction.

    With `check` the transaction's work is undone: only the report remains. Writers of these tables, of all
    tenants, wait meanwhile; readers do not. Raises `NotProjected`.
    """
    kept = {found.service: found for found in declarations if found.projections}
    found = kept.get(service)
    if found is None:
        raise NotProjected(f"{service} keeps no tables that the log could rebuild; these do: {', '.join(sorted(kept))}")
    tables = sorted({table for projection in found.projections for table in projection.tables})
    async with database.transaction(tenant) as tx:
        await tx.execute("SET LOCAL lock_timeout = '10s'")
        # EXCLUSIVE, so that whoever has locked a row to change it is done before its row is deleted. Once it is
        # granted, every event that these tables hold is committed, and no other can reach them.
        await tx.execute(f"LOCK TABLE {', '.join(tables)} IN EXCLUSIVE MODE")
        before = {table: await _fingerprint(tx, table) for table in tables}
        attempt = await tx.connection.begin_nested()
        for table in tables:
            await tx.execute(f"DELETE FROM {table}")
        events = await _fold(tx, found)
        after = {table: await _fingerprint(tx, table) for table in tables}
        await (attempt.rollback() if check else attempt.commit())
    return ReplayReport(
        service=service,
        events=events,
        tables={
            table: TableReplay(before[table][0], after[table][0], before[table] == after[table]) for table in tables
        },
        equal=before == after,
        kept=not check,
    )


async def _fold(tx: Transaction, declarations: Declarations) -> int:
    applies: dict[str, list[Reaction]] = {}
    for projection in declarations.projections:
        for kind in projection.events:
            applies.setdefault(kind.name, []).append(projection.apply)
    count = 0
    # In the order of writing, not of commit: `log.after` would hold back what other rooms' open transactions
    # overtake, and the versions of one aggregate are written in order whichever commits first. Of others'
    # events only those that the live tables have taken in: the queue still holds the work for the rest.
    events = await tx.connection.stream(
        _EVENTS,
        {
            "tenant": tx.tenant,
            "names": list(applies),
            "own": [kind.name for kind in declarations.publishes],
            "queues": [declarations.reaction_queue(subscription) for subscription in declarations.subscriptions],
        },
    )
    async for row in events:
        event = await log.read(tx, row.id)
        if event is not None:
            for apply in applies[event.name]:
                await apply(tx, event)
            count += 1
    return count


_EVENTS = text(
    """SELECT event.id FROM bus.events AS event
       WHERE event.tenant_id = :tenant AND event.name = ANY(CAST(:names AS text[]))
         AND (event.name = ANY(CAST(:own AS text[])) OR EXISTS (
             SELECT FROM bus.applied
             WHERE applied.event_id = event.id AND applied.subscription = ANY(CAST(:queues AS text[]))))
       ORDER BY event.position"""
)


async def _fingerprint(tx: Transaction, table: str) -> tuple[int, str]:
    """Return how many rows the tenant has in a table, and a digest of all their columns in a fixed order."""
    row = await tx.row(
        f"""SELECT count(*) AS rows, coalesce(md5(string_agg(digest, '' ORDER BY digest)), '') AS digest
            FROM (SELECT md5(projected::text) AS digest FROM {table} AS projected) AS digests"""
    )
    return (row["rows"], row["digest"]) if row else (0, "")
