"""Questions that wait for a batch, and batches."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from pulse.storage.engine import Transaction


async def waits(tx: Transaction, request_hash: str) -> bool:
    """Say whether the very same question waits for a batch, or is in one."""
    row = await tx.row(
        "SELECT 1 FROM llm.calls WHERE tenant_id = :tenant AND request_hash = :hash AND state = 'waiting' LIMIT 1",
        tenant=tx.tenant,
        hash=request_hash,
    )
    return row is not None


async def failed(tx: Transaction, request_hash: str) -> str | None:
    """Return why a batch gave no answer to the very same question, if one did not."""
    row = await tx.row(
        """SELECT error FROM llm.calls WHERE tenant_id = :tenant AND request_hash = :hash AND state = 'failed'
               AND batch_id IS NOT NULL ORDER BY created_at DESC LIMIT 1""",
        tenant=tx.tenant,
        hash=request_hash,
    )
    return row["error"] if row else None


async def gather(tx: Transaction, batch: dict[str, Any], before: datetime, most: int) -> int:
    """Put the questions for a model that waited since `before` into a new batch; return how many, 0: there is none.

    The transaction holds the lock of `calls.lock`.
    """
    rows = await tx.rows(
        """SELECT id FROM llm.calls WHERE tenant_id = :tenant AND state = 'waiting' AND batch_id IS NULL
               AND provider = :provider AND model = :model AND created_at <= :before
           ORDER BY created_at, id LIMIT :most""",
        tenant=tx.tenant,
        provider=batch["provider"],
        model=batch["model"],
        before=before,
        most=most,
    )
    if not rows:
        return 0
    await tx.execute(
        """INSERT INTO llm.batches (id, provider, model, state, look_at, created_at)
           VALUES (:id, :provider, :model, 'submitting', :created_at, :created_at)""",
        **batch,
    )
    await tx.execute(
        "UPDATE llm.calls SET batch_id = :batch WHERE tenant_id = :tenant AND id = ANY(CAST(:ids AS uuid[]))",
        tenant=tx.tenant,
        batch=batch["id"],
        ids=[row["id"] for row in rows],
    )
    return len(rows)


async def claim(tx: Transaction, now: datetime, until: datetime) -> Sequence[RowMapping]:
    """Return the batches that are to be looked at; nobody else looks at them before `until`."""
    return await tx.rows(
        """UPDATE llm.batches SET look_at = :until, attempts = attempts + 1
           WHERE tenant_id = :tenant AND id IN (
               SELECT id FROM llm.batches WHERE tenant_id = :tenant AND state <> 'ended' AND look_at <= :now
               ORDER BY look_at FOR UPDATE SKIP LOCKED)
           RETURNING id, provider, model, state, name, attempts""",
        tenant=tx.tenant,
        now=now,
        until=until,
    )


async def questions(tx: Transaction, batch_id: UUID) -> Sequence[RowMapping]:
    """Return the calls of a batch that have no answer yet, with what they ask."""
    return await tx.rows(
        """SELECT id, request, story_id, request_hash FROM llm.calls
           WHERE tenant_id = :tenant AND batch_id = :batch AND state = 'waiting' ORDER BY id""",
        tenant=tx.tenant,
        batch=batch_id,
    )


async def change(tx: Transaction, batch_id: UUID, state: str, name: str | None, look_at: datetime) -> None:
    """Write down how far a batch is, and when it is looked at again."""
    await tx.execute(
        """UPDATE llm.batches SET state = :state, name = coalesce(:name, name), look_at = :look_at
           WHERE tenant_id = :tenant AND id = :id""",
        tenant=tx.tenant,
        id=batch_id,
        state=state,
        name=name,
        look_at=look_at,
    )
