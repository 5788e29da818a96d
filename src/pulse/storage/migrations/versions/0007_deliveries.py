"""A delivery's lease has an owner, and a post in doubt a time for the next look."""

from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    """Add the columns. Leases of processes that ended before this run out by themselves."""
    op.execute(
        """ALTER TABLE social.deliveries
               ALTER COLUMN leased_until DROP NOT NULL,
               -- Whose lease it is.
               ADD COLUMN token uuid,
               -- When a post in doubt is looked for again. Nobody has a lease while this is set.
               ADD COLUMN look_at timestamptz"""
    )
