"""Stages of summaries."""

from sqlalchemy import RowMapping

from pulse.llm.shapes import Stage
from pulse.storage.engine import Transaction


async def find(tx: Transaction, key: str) -> RowMapping | None:
    """Return the stage with a key."""
    return await tx.row(
        "SELECT name, key, output FROM llm.stages WHERE tenant_id = :tenant AND key = :key", tenant=tx.tenant, key=key
    )


async def keep(tx: Transaction, stage: Stage) -> None:
    """Keep a stage; what another worker kept under its key before stays."""
    await tx.execute(
        """INSERT INTO llm.stages (name, key, output) VALUES (:name, :key, :output)
           ON CONFLICT (tenant_id, key) DO NOTHING""",
        name=stage.name,
        key=stage.key,
        output=dict(stage.output),
    )
