"""Whether a source says when it published an article."""

from alembic import op

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add the column. Of what is there already nobody knows."""
    op.execute("ALTER TABLE news.articles ADD COLUMN dated boolean NOT NULL DEFAULT false")
