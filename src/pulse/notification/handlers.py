"""What the notification room does with events and notices."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pulse.bus.events import StoredEvent
from pulse.http.errors import BadRequest
from pulse.http.pages import decode_cursor, encode_cursor
from pulse.kernel.tenant import TenantId
from pulse.notification import store
from pulse.notification.errors import NoSuchNotice
from pulse.notification.models import Notice, Notices
from pulse.notification.room import NotificationRoom
from pulse.storage.engine import Transaction

KEPT = timedelta(days=30)
"""How long a notice is kept, read or not."""


async def summary_ready(tx: Transaction, event: StoredEvent) -> None:
    """Tell that a story can be posted."""
    data = event.data
    dropped = f", {_counted(data['dropped'], 'sentence')} dropped" if data["dropped"] else ""
    await store.add(
        tx,
        Notice(
            id=event.id,
            kind="summary",
            title=f"Summary ready: {data['title']}",
            text=f"{data['niche']}: {_counted(data['sentences'], 'sentence')} with their sources{dropped}",
            link=f"/stories/{data['story_id']}",
            created_at=event.occurred_at,
            read_at=None,
        ),
    )


async def post_published(tx: Transaction, event: StoredEvent) -> None:
    """Tell that a post is out."""
    data = event.data
    url: str = data["url"]
    await store.add(
        tx,
        Notice(
            id=event.id,
            kind="post",
            title=f"Published on {data['channel_kind']}",
            text=f"{data['niche']}: {url}",
            # What a platform calls the post's address becomes a link: nothing but an address may.
            link=url if url.startswith(("https://", "http://")) else None,
            created_at=event.occurred_at,
            read_at=None,
        ),
    )


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


async def notices(room: NotificationRoom, tenant: TenantId, *, limit: int, cursor: str | None) -> Notices:
    """Return a page of notices, newest first. Raises `BadRequest` for a cursor that is not ours."""
    before = _place(cursor) if cursor else None
    async with room.database.transaction(tenant) as tx:
        rows = await store.notices(tx, before=before, limit=limit + 1)
        unread = await store.unread(tx)
    page = [Notice.model_validate(dict(row)) for row in rows[:limit]]
    more = encode_cursor(page[-1].created_at, page[-1].id) if len(rows) > limit else None
    return Notices(notices=page, next_cursor=more, unread=unread)


def _place(cursor: str) -> tuple[datetime, UUID]:
    at, identifier = decode_cursor(cursor, 2)
    try:
        return datetime.fromisoformat(at), UUID(identifier)
    except (ValueError, TypeError, AttributeError):
        raise BadRequest("the cursor is not one this API gave out") from None


async def mark_read(tx: Transaction, notice_id: UUID, now: datetime) -> tuple[int, Any]:
    """Mark a notice as read for the whole workspace; answers it. Raises `NoSuchNotice`."""
    row = await store.mark_read(tx, notice_id, now)
    if row is None:
        raise NoSuchNotice(f"there is no notice {notice_id}")
    return 200, Notice.model_validate(dict(row)).model_dump(mode="json")


async def forget_old_notices(room: NotificationRoom, tenant: TenantId) -> None:
    """Delete notices after their time."""
    async with room.database.transaction(tenant) as tx:
        await store.forget_before(tx, room.clock() - KEPT)
