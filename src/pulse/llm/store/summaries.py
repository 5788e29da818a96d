"""All SQL of the llm room."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from pulse.storage.engine import Transaction

_SHOWN = """id, story_id, niche, title, language, text, sentences, dropped, confidence, engine, model, verifier,
    created_at, doubtful, tone, prompt_version, fallback, unavailable"""
_COLUMNS = (
    "id", "story_id", "niche", "input_hash", "title", "language", "text", "sentences", "dropped", "stages",
    "confidence", "engine", "model", "verifier", "seconds", "created_at", "doubtful", "tone", "prompt_version",
    "fallback", "unavailable",
)  # fmt: skip


async def add_summary(tx: Transaction, summary: dict[str, Any]) -> bool:
    """Insert a summary; False when the same input was summarised before."""
    names = ", ".join(_COLUMNS)
    values = ", ".join(f":{name}" for name in _COLUMNS)
    result = await tx.execute(
        f"INSERT INTO llm.summaries ({names}) VALUES ({values}) ON CONFLICT (tenant_id, input_hash) DO NOTHING",
        **summary,
    )
    return bool(result.rowcount)


async def summary(tx: Transaction, summary_id: UUID) -> RowMapping | None:
    """Return one summary."""
    return await tx.row(f"SELECT {_SHOWN}, stages, seconds FROM llm.summaries WHERE id = :id", id=summary_id)


async def summary_of(tx: Transaction, input_hash: str) -> RowMapping | None:
    """Return the summary made from this very input, if there is one."""
    return await tx.row(
        f"SELECT {_SHOWN} FROM llm.summaries WHERE tenant_id = :tenant AND input_hash = :hash",
        tenant=tx.tenant,
        hash=input_hash,
    )


async def known_inputs(tx: Transaction, hashes: Sequence[str]) -> set[str]:
    """Return which of the inputs have a summary."""
    rows = await tx.rows(
        "SELECT input_hash FROM llm.summaries WHERE tenant_id = :tenant AND input_hash = ANY(CAST(:hashes AS text[]))",
        tenant=tx.tenant,
        hashes=list(hashes),
    )
    return {row["input_hash"] for row in rows}


async def written_before(tx: Transaction, story_id: UUID, moment: datetime) -> datetime | None:
    """Return when the last summary of a story before a moment was written, if there is one."""
    row = await tx.row(
        """SELECT max(created_at) AS at FROM llm.summaries
           WHERE tenant_id = :tenant AND story_id = :story AND created_at < :moment""",
        tenant=tx.tenant,
        story=story_id,
        moment=moment,
    )
    return row["at"] if row else None


async def summaries(
    tx: Transaction, *, story_id: UUID | None, before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[RowMapping]:
    """Return summaries, newest first, after the cursor `before`."""
    return await tx.rows(
        f"""SELECT {_SHOWN} FROM llm.summaries
            WHERE tenant_id = :tenant AND (CAST(:story AS uuid) IS NULL OR story_id = :story)
              AND (CAST(:at AS timestamptz) IS NULL
                   OR (created_at, id) < (CAST(:at AS timestamptz), CAST(:id AS uuid)))
            ORDER BY created_at DESC, id DESC LIMIT :limit""",
        tenant=tx.tenant,
        story=story_id,
        at=before[0] if before else None,
        id=before[1] if before else None,
        limit=limit,
    )
