"""What a call was about, what its model had read before, and caps of single niches."""

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the columns. Caps without a niche are the tenant's."""
    op.execute(
        """ALTER TABLE llm.calls
               ADD COLUMN cached_tokens integer,
               ADD COLUMN prompt_version text,
               ADD COLUMN sentence text"""
    )
    op.execute("CREATE INDEX calls_by_story ON llm.calls (tenant_id, story_id) WHERE story_id IS NOT NULL")
    op.execute("ALTER TABLE llm.budgets ADD COLUMN niche text NOT NULL DEFAULT ''")
    op.execute("ALTER TABLE llm.budgets DROP CONSTRAINT budgets_pkey")
    op.execute("ALTER TABLE llm.budgets ADD PRIMARY KEY (tenant_id, niche)")
