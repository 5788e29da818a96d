"""All SQL of the notification room."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping

from pulse.notification.models import Notice
from pulse.storage.engine import Transaction

_COLUMNS = "id, kind, title, text, link, created_at, read_at"


async def add(tx: Transaction, notice: Notice) -> None:
    """Insert a notice."""
    await tx.execute(
        """INSERT INTO notification.notices (id, kind, title, text, link, created_at, read_at)
           VALUES (:id, :kind, :title, :text, :link, :created_at, :read_at)""",
        **notice.model_dump(),
    )


async def notices(tx: Transaction, *, before: tuple[datetime, UUID] | None, limit: int) -> Sequence[RowMapping]:
    """Return notices, newest first, after the cursor `before`."""
    return await tx.rows(
        f"""SELECT {_COLUMNS} FROM notification.notices
            WHERE tenant_id = :tenant
              AND (CAST(:at AS timestamptz) IS NULL OR (created_at, id) < (CAST(:at AS timestamptz), CAST(:id AS uuid)))
            ORDER BY created_at DESC, id DESC LIMIT :limit""",
        tenant=tx.tenant,
        at=before[0] if before else None,
        id=before[1] if before else None,
        limit=limit,
    )


async def unread(tx: Transaction) -> int:
    """Return how many notices nobody has read."""
    return int(
        await tx.scalar(
            "SELECT count(*) FROM notification.notices WHERE tenant_id = :tenant AND read_at IS NULL", tenant=tx.tenant
        )
    )


async def mark_read(tx: Transaction, notice_id: UUID, now: datetime) -> RowMapping | None:
    """Record that a notice was read, the first time it was, and return it; None when there is none."""
    return await tx.row(
        f"""UPDATE notification.notices SET read_at = coalesce(read_at, :now) WHERE id = :id RETURNING {_COLUMNS}""",
        id=notice_id,
        now=now,
    )


async def forget_before(tx: Transaction, moment: datetime) -> None:
    """Delete the notices of before a moment."""
    await tx.execute(
        "DELETE FROM notification.notices WHERE tenant_id = :tenant AND created_at < :moment",
        tenant=tx.tenant,
        moment=moment,
    )
