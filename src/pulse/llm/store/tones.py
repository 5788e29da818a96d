"""Tones of a niche's own."""

from collections.abc import Sequence

from sqlalchemy import RowMapping

from pulse.storage.engine import Transaction


async def tones(tx: Transaction, niche: str | None = None) -> Sequence[RowMapping]:
    """Return the tones of a niche, or of all."""
    return await tx.rows(
        """SELECT niche, name, instructions, examples FROM llm.tones
           WHERE tenant_id = :tenant AND (CAST(:niche AS text) IS NULL OR niche = :niche) ORDER BY niche, name""",
        tenant=tx.tenant,
        niche=niche,
    )


async def put(tx: Transaction, niche: str, name: str, instructions: str, examples: Sequence[str]) -> None:
    """Add a tone, or change it."""
    await tx.execute(
        """INSERT INTO llm.tones (niche, name, instructions, examples) VALUES (:niche, :name, :instructions, :examples)
           ON CONFLICT (tenant_id, niche, name)
           DO UPDATE SET instructions = excluded.instructions, examples = excluded.examples""",
        niche=niche,
        name=name,
        instructions=instructions,
        examples=list(examples),
    )


async def remove(tx: Transaction, niche: str, name: str) -> bool:
    """Remove a tone; False when there is none."""
    result = await tx.execute(
        "DELETE FROM llm.tones WHERE tenant_id = :tenant AND niche = :niche AND name = :name",
        tenant=tx.tenant,
        niche=niche,
        name=name,
    )
    return bool(result.rowcount)
