"""Notices to the people of a workspace."""

from alembic import op

from pulse.storage.tables import TENANT_COLUMN, protect, schema

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Create the notification room's table."""
    schema("notification")
    op.execute(
        f"""CREATE TABLE notification.notices (
            {TENANT_COLUMN},
            id uuid PRIMARY KEY,
            kind text NOT NULL,
            title text NOT NULL,
            text text NOT NULL,
            link text,
            created_at timestamptz NOT NULL,
            read_at timestamptz
        )"""
    )
    op.execute("CREATE INDEX notices_newest ON notification.notices (tenant_id, created_at DESC, id DESC)")
    op.execute("CREATE INDEX notices_unread ON notification.notices (tenant_id) WHERE read_at IS NULL")
    protect("notification.notices")
