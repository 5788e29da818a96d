"""Stages of summaries, kept one by one, so that a crash repeats no paid call; what waits for a person; own tones."""

from alembic import op

from pulse.storage.tables import TENANT_COLUMN, protect

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Create the tables."""
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
    op.execute(
        """ALTER TABLE llm.summaries
            -- Sentences that break no rule and are not proven, with their doubts.
            ADD COLUMN doubtful jsonb NOT NULL DEFAULT '[]',
            ADD COLUMN tone text,
            ADD COLUMN prompt_version text,
            ADD COLUMN fallback text,
            ADD COLUMN unavailable text"""
    )
    op.execute(
        f"""CREATE TABLE llm.tones (
            {TENANT_COLUMN},
            niche text NOT NULL,
            name text NOT NULL,
            instructions text NOT NULL,
            examples jsonb NOT NULL,
            PRIMARY KEY (tenant_id, niche, name)
        )"""
    )
    protect("llm.tones")
