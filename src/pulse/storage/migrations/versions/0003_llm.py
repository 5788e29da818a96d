"""Summaries."""

from alembic import op

from pulse.storage.tables import TENANT_COLUMN, protect, schema

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Create the llm room's tables."""
    schema("llm")
    op.execute(
        f"""CREATE TABLE llm.summaries (
            {TENANT_COLUMN},
            id uuid PRIMARY KEY,
            story_id uuid,
            niche text,
            -- Of everything the summary was made from: the same input is never summarised twice.
            input_hash text NOT NULL,
            title text NOT NULL,
            language text,
            text text NOT NULL,
            sentences jsonb NOT NULL,
            dropped jsonb NOT NULL,
            stages jsonb NOT NULL,
            confidence double precision NOT NULL,
            engine text NOT NULL,
            model text NOT NULL,
            verifier text NOT NULL,
            seconds double precision NOT NULL,
            created_at timestamptz NOT NULL,
            UNIQUE (tenant_id, input_hash)
        )"""
    )
    op.execute("CREATE INDEX summaries_of_story ON llm.summaries (tenant_id, story_id, created_at DESC)")
    protect("llm.summaries")
