"""The tone that a niche's summaries have where nobody asks for another."""

from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add the column. NULL: as the sources, or the model, have it."""
    op.execute("ALTER TABLE news.niches ADD COLUMN tone text")
