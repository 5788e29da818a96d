"""Stages of summaries, kept one by one, so that a crash repeats no paid call."""

from alembic import op

from pulse.storage.tables import TENANT_COLUMN, protect

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the table."""
    op.execute(
        f"""CREATE TABLE llm.stages (
            {TENANT_COLUMN},
            -- A hash of everything the stage is made from.
            key text NOT NULL,
            name text NOT NULL,
            output jsonb NOT NULL,
            created_at timestamptz NOT NULL DEFAULT now(),
            PRIMARY KEY (tenant_id, key)
        )"""
    )
    protect("llm.stages")
