"""What people and Pulse decide about a post: approve, reject, cancel, retry, settle by hand."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import RowMapping

from pulse.bus import log
from pulse.bus.events import Aggregate, Event, StoredEvent
from pulse.social import events, posts, store
from pulse.social.errors import PostNotFound, WrongState
from pulse.social.models import Post
from pulse.social.room import SocialRoom
from pulse.storage.engine import Transaction

DELIVER = "social/deliver"
RECEIPT = "social/receipt"


async def locked(tx: Transaction, post_id: UUID) -> RowMapping:
    """Return a post that nobody else changes until the transaction ends. Raises `PostNotFound`."""
    row = await store.post(tx, post_id, lock=True)
    if row is None:
        raise PostNotFound(f"there is no post {post_id}")
    return row


async def record(room: SocialRoom, tx: Transaction, row: RowMapping, event: Event) -> StoredEvent:
    """Let `event` happen to a locked post. Raises `WrongState` when it may not, `ConcurrentAppend` when it is stale."""
    posts.after(posts.State(row["state"]), event, room.clock())
    return await room.bus.append(tx, event, aggregate(row["id"]), expected_version=row["version"])


def aggregate(post_id: UUID) -> Aggregate:
    """Return the aggregate of a post."""
    return Aggregate("post", post_id)


async def approve(
    room: SocialRoom, tx: Transaction, post_id: UUID, by: str, scheduled_at: datetime | None = None
) -> None:
    """Let a draft go, now or at a time, and put its delivery into the queue."""
    row = await locked(tx, post_id)
    at = max(scheduled_at or room.clock(), room.clock())
    stored = await record(room, tx, row, events.PostApproved(by=by, scheduled_at=at))
    await enqueue_delivery(room, tx, post_id, stored.version, at)


async def reject(room: SocialRoom, tx: Transaction, post_id: UUID, by: str, reason: str) -> None:
    """Turn a draft down."""
    await record(room, tx, await locked(tx, post_id), events.PostRejected(by=by, reason=reason))


async def cancel(room: SocialRoom, tx: Transaction, post_id: UUID, by: str, reason: str) -> None:
    """Take back what was not sent yet."""
    await record(room, tx, await locked(tx, post_id), events.PostCancelled(by=by, reason=reason))


async def retry(room: SocialRoom, tx: Transaction, post_id: UUID, by: str) -> None:
    """Send a refused post again, rendered anew."""
    stored = await record(room, tx, await locked(tx, post_id), events.PostRetried(by=by))
    await enqueue_delivery(room, tx, post_id, stored.version, room.clock())


async def settle(room: SocialRoom, tx: Transaction, post_id: UUID, by: str, url: str | None) -> None:
    """Say what nobody but a person can know: an uncertain post is on the platform at `url`, or it is not.

    Raises `WrongState` unless it is uncertain.
    """
    row = await locked(tx, post_id)
    if row["state"] != posts.State.UNKNOWN:
        # While an attempt is under way it may yet arrive, whatever anybody saw.
        raise WrongState(f"a post that is {row['state']} is not uncertain", state=row["state"])
    await store.forget_look(tx, post_id)
    if url:
        await publish(room, tx, row, remote_id=url, url=url, settled=True)
        return
    reason = f"{by} looked: it is not on the platform"
    stored = await record(room, tx, row, events.PostDeferred(reason=reason, until=room.clock()))
    await enqueue_delivery(room, tx, post_id, stored.version, room.clock())


async def publish(
    room: SocialRoom, tx: Transaction, row: RowMapping, *, remote_id: str, url: str, settled: bool
) -> None:
    """Record that the platform has a locked post, and have its public receipt written."""
    event = events.PostPublished(
        niche=row["niche"],
        channel_id=row["channel_id"],
        channel_kind=row["channel_kind"],
        story_id=row["story_id"],
        remote_id=remote_id,
        url=url,
        settled=settled,
    )
    await record(room, tx, row, event)
    await room.bus.enqueue(tx, RECEIPT, {"post": str(row["id"])})


async def enqueue_delivery(room: SocialRoom, tx: Transaction, post_id: UUID, version: int, at: datetime) -> None:
    """Put the next delivery of a post into the queue; one for each version of it and each time."""
    key = f"{post_id}/{version}/{at.timestamp():.6f}"
    await room.bus.enqueue(tx, DELIVER, {"post": str(post_id)}, at=at if at > room.clock() else None, key=key)


async def shown(tx: Transaction, post_id: UUID) -> Post:
    """Return a post as it is shown. Raises `PostNotFound`."""
    row = await store.post(tx, post_id)
    if row is None:
        raise PostNotFound(f"there is no post {post_id}")
    return Post.model_validate(dict(row))


async def history(tx: Transaction, post_id: UUID) -> list[StoredEvent]:
    """Return everything that happened to a post, oldest first."""
    return await log.history(tx, aggregate(post_id))
