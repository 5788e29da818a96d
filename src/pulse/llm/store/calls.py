"""The ledger of paid calls, and the caps."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from pulse.llm.budget import Caps, Spent
from pulse.storage.engine import Transaction


async def lock(tx: Transaction) -> None:
    """Let only one reservation of a tenant be made at a time, until the transaction ends."""
    await tx.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('llm.calls ' || :tenant, 0))", tenant=str(tx.tenant)
    )


async def answered(tx: Transaction, request_hash: str) -> RowMapping | None:
    """Return the answer to the very same question, if it was asked and answered before."""
    return await tx.row(
        """SELECT answer, prompt_tokens, completion_tokens, provider, model FROM llm.calls
           WHERE tenant_id = :tenant AND request_hash = :hash AND state = 'answered' AND answer IS NOT NULL LIMIT 1""",
        tenant=tx.tenant,
        hash=request_hash,
    )


async def being_asked(tx: Transaction, request_hash: str, since: datetime) -> bool:
    """Say whether somebody asked the very same question after `since` and has not heard yet."""
    row = await tx.row(
        """SELECT 1 FROM llm.calls WHERE tenant_id = :tenant AND request_hash = :hash AND state = 'open'
               AND created_at > :since LIMIT 1""",
        tenant=tx.tenant,
        hash=request_hash,
        since=since,
    )
    return row is not None


async def spent(tx: Transaction, day: datetime, month: datetime, *, niche: str | None = None) -> Spent:
    """Return what the day and the month cost, and what is set aside; for one niche, where it is named."""
    row = await tx.row(
        """SELECT coalesce(sum(cost) FILTER (WHERE created_at >= :day), 0) AS day,
                  coalesce(sum(reserved) FILTER (WHERE created_at >= :day AND cost IS NULL), 0) AS day_reserved,
                  coalesce(sum(cost), 0) AS month,
                  coalesce(sum(reserved) FILTER (WHERE cost IS NULL), 0) AS month_reserved
           FROM llm.calls WHERE tenant_id = :tenant AND created_at >= :month
             AND (CAST(:niche AS text) IS NULL OR niche = :niche)""",
        tenant=tx.tenant,
        day=day,
        month=month,
        niche=niche,
    )
    return Spent(**{name: int(value) for name, value in row.items()}) if row else Spent()


async def reserve(tx: Transaction, call: dict[str, Any]) -> None:
    """Write a call down before it is made."""
    await tx.execute(
        """INSERT INTO llm.calls
               (id, request_hash, provider, model, stage, niche, story_id, prompt_version, sentence, state, request,
                reserved, created_at)
           VALUES (:id, :request_hash, :provider, :model, :stage, :niche, :story_id, :prompt_version, :sentence, :state,
                   :request, :reserved, :created_at)""",
        **call,
    )


async def settle(tx: Transaction, call_id: UUID, outcome: dict[str, Any]) -> None:
    """Write down how a call ended. `cost` None: it is not known, and what is set aside goes on counting."""
    await tx.execute(
        """UPDATE llm.calls SET state = :state, cost = :cost, prompt_tokens = :prompt_tokens,
               completion_tokens = :completion_tokens, cached_tokens = :cached_tokens, answer = :answer,
               error = :error, seconds = :seconds
           WHERE tenant_id = :tenant AND id = :id""",
        tenant=tx.tenant,
        id=call_id,
        **outcome,
    )


COSTS_BY = {
    "stage": "stage",
    "niche": "niche",
    "model": "model",
    "prompt": "prompt_version",
    "story": "CAST(story_id AS text)",
}
"""What costs can be added up by, and the column that says it."""


async def costs(tx: Transaction, by: str, since: datetime, limit: int) -> Sequence[RowMapping]:
    """Return what calls since a moment cost, by a key of `COSTS_BY`, the dearest first."""
    column = COSTS_BY[by]
    return await tx.rows(
        f"""SELECT {column} AS name, count(*) AS calls, coalesce(sum(prompt_tokens), 0) AS prompt_tokens,
                   coalesce(sum(completion_tokens), 0) AS completion_tokens,
                   coalesce(sum(cached_tokens), 0) AS cached_tokens, sum(coalesce(cost, reserved)) AS cost
            FROM llm.calls WHERE tenant_id = :tenant AND created_at >= :since
            GROUP BY 1 ORDER BY cost DESC, calls DESC, name LIMIT :limit""",
        tenant=tx.tenant,
        since=since,
        limit=limit,
    )


async def ledger(
    tx: Transaction,
    *,
    story_id: UUID | None,
    niche: str | None = None,
    stage: str | None = None,
    model: str | None = None,
    before: tuple[datetime, UUID] | None,
    limit: int,
) -> Sequence[RowMapping]:
    """Return calls of what is named, newest first, after the cursor `before`."""
    return await tx.rows(
        """SELECT id, created_at AS at, niche, story_id, stage, provider, model, state, reserved, cost,
                  coalesce(prompt_tokens, 0) AS prompt_tokens, coalesce(completion_tokens, 0) AS completion_tokens,
                  coalesce(cached_tokens, 0) AS cached_tokens, prompt_version, sentence, error, seconds
           FROM llm.calls
           WHERE tenant_id = :tenant AND (CAST(:story AS uuid) IS NULL OR story_id = :story)
             AND (CAST(:niche AS text) IS NULL OR niche = :niche)
             AND (CAST(:stage AS text) IS NULL OR stage = :stage)
             AND (CAST(:model AS text) IS NULL OR model = :model)
             AND (CAST(:at AS timestamptz) IS NULL
                  OR (created_at, id) < (CAST(:at AS timestamptz), CAST(:id AS uuid)))
           ORDER BY created_at DESC, id DESC LIMIT :limit""",
        tenant=tx.tenant,
        story=story_id,
        niche=niche,
        stage=stage,
        model=model,
        at=before[0] if before else None,
        id=before[1] if before else None,
        limit=limit,
    )


async def caps(tx: Transaction) -> dict[str | None, Caps]:
    """Return the caps that were set: the tenant's own under None, and those of its niches by name."""
    rows = await tx.rows("SELECT niche, day, month FROM llm.budgets WHERE tenant_id = :tenant", tenant=tx.tenant)
    return {row["niche"] or None: Caps(row["day"], row["month"]) for row in rows}


async def set_caps(tx: Transaction, wanted: Caps, niche: str | None = None) -> None:
    """Set the tenant's own caps, or those of a niche; a niche without any cap has only the tenant's."""
    if niche is not None and wanted == Caps(None, None):
        await tx.execute(
            "DELETE FROM llm.budgets WHERE tenant_id = :tenant AND niche = :niche", tenant=tx.tenant, niche=niche
        )
        return
    await tx.execute(
        """INSERT INTO llm.budgets (niche, day, month) VALUES (:niche, :day, :month)
           ON CONFLICT (tenant_id, niche) DO UPDATE SET day = excluded.day, month = excluded.month""",
        niche=niche or "",
        day=wanted.day,
        month=wanted.month,
    )


async def of_story(
    tx: Transaction, story_id: UUID, after: datetime | None, until: datetime
) -> tuple[int, dict[str, int]]:
    """Return what the calls for a story cost in a time, and of that what was asked about single sentences, by text."""
    rows = await tx.rows(
        """SELECT sentence, sum(coalesce(cost, reserved)) AS cost FROM llm.calls
           WHERE tenant_id = :tenant AND story_id = :story AND created_at <= :until
             AND (CAST(:after AS timestamptz) IS NULL OR created_at > :after)
           GROUP BY sentence""",
        tenant=tx.tenant,
        story=story_id,
        after=after,
        until=until,
    )
    return sum(int(row["cost"]) for row in rows), {row["sentence"]: int(row["cost"]) for row in rows if row["sentence"]}
