"""Send a post exactly once.

The rule: nothing is sent but what the database holds, and an attempt is written down before it begins. Whoever finds
an attempt without an outcome reads back before sending again.
"""

import asyncio
import logging
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping

from pulse.kernel.errors import PulseError
from pulse.kernel.ids import new_id
from pulse.kernel.tenant import TenantId
from pulse.social import events, store
from pulse.social.channels.outcomes import (
    NotPublished,
    Outcome,
    Published,
    Reading,
    Refused,
    Retry,
    StillUnknown,
    Unknown,
)
from pulse.social.channels.port import Channel, Frozen
from pulse.social.errors import DeliveryBusy
from pulse.social.handlers import life
from pulse.social.handlers.channels import UNUSABLE, open_channel
from pulse.social.posts import DELIVERABLE, WAITING, State
from pulse.social.room import SocialRoom
from pulse.social.shapes import PostContent
from pulse.storage.engine import Transaction
from pulse.telemetry import metrics

_logger = logging.getLogger(__name__)
_LONGEST_WAIT = timedelta(hours=1)
_LOOKS = 4
"""A post is not looked for again before a quarter of the time it is in doubt has passed once more, an hour at most."""


async def deliver(room: SocialRoom, tenant: TenantId, payload: dict[str, Any]) -> None:
    """Do the next step of a post's delivery. Safe to run at any time, any number of times."""
    post_id = UUID(payload["post"])
    async with room.database.transaction(tenant) as tx:
        row = await life.locked(tx, post_id)
        if not _due(row, room.clock()):
            if State(row["state"]) in WAITING:
                # The queue's clock and ours differ, or somebody moved the time: come back then.
                key = f"{post_id}/{row['version']}/due"
                await room.bus.enqueue(tx, life.DELIVER, payload, at=row["scheduled_at"], key=key)
            return
        look_at = await store.next_look(tx, post_id)
        if State(row["state"]) is State.UNKNOWN and look_at is not None and look_at > room.clock():
            return  # other work will look for it then
    try:
        channel = await open_channel(room, tenant, row["channel_id"])
    except UNUSABLE as error:
        await _give_up(room, tenant, post_id, error)
        return
    began = room.clock()
    begun = await _begin(room, tenant, post_id, channel)
    if begun is None:
        return
    row, sealed, lease = begun
    if row["in_doubt"]:
        reading = await _bounded(room, channel.check(sealed, row["sent_at"]), "reading back took too long")
        if not isinstance(reading, NotPublished):
            ask = isinstance(reading, StillUnknown) and reading.after is None
            outcome = _as_outcome(reading)
            await _conclude(room, tenant, post_id, lease, outcome, settled=True, wait=_wait_of(reading), ask=ask)
            return
        await _attempt(room, tenant, post_id, lease)
    if room.clock() - began > timedelta(seconds=room.lease_seconds / 2):
        # This process was held up: another may have taken over. What it finds is an attempt in doubt.
        raise DeliveryBusy(f"post {post_id} was not sent in time by this worker")
    outcome = await _bounded(room, channel.deliver(sealed), "the platform did not answer in time")
    wait = _wait_of(outcome)
    if row["in_doubt"] and isinstance(outcome, Retry):
        # This attempt did nothing, but an earlier one may have: read back before the next, too.
        outcome = Unknown(outcome.reason)
    await _conclude(room, tenant, post_id, lease, _as_outcome(outcome), settled=False, wait=wait)


def _due(row: RowMapping, now: datetime) -> bool:
    asked = row["error"] is not None and row["error"].get("ask", False)
    return State(row["state"]) in DELIVERABLE and row["scheduled_at"] <= now and not asked


async def _begin(
    room: SocialRoom, tenant: TenantId, post_id: UUID, channel: Channel
) -> tuple[RowMapping, Frozen, UUID] | None:
    """Freeze the post if it is not, write the attempt down, and return the row as it was, what to send, and the lease.

    Returns None when there is nothing to send. Raises `DeliveryBusy` while another worker sends it.
    """
    await channel.prepare()
    now = room.clock()
    async with room.database.transaction(tenant) as tx:
        row = await life.locked(tx, post_id)
        if not _due(row, now):
            return None
        lease = await _lease(room, tx, post_id)
        if row["payload"] is None:
            rendered = channel.render(PostContent.model_validate(row["content"]))
            if isinstance(rendered, PulseError):
                await life.record(room, tx, row, events.PostFailed(**rendered.as_dict()))
                await store.release_delivery(tx, post_id, lease)
                return None
            frozen = channel.freeze(rendered, str(post_id), now)
            stored = events.PostFrozen(key=frozen.key, payload=frozen.model_dump(mode="json"))
            await life.record(room, tx, row, stored)
        doubtful = row
        if not row["in_doubt"]:
            current = await life.locked(tx, post_id)
            await life.record(room, tx, current, events.PostSending(attempt=current["attempts"] + 1))
        held = await life.locked(tx, post_id)
        # From here on only what the database gave back is sent.
        return doubtful, Frozen.model_validate(held["payload"]), lease


async def _lease(room: SocialRoom, tx: Transaction, post_id: UUID) -> UUID:
    """Take the right to send and return its token. Raises `DeliveryBusy` while another worker has it."""
    token, now = new_id(), room.clock()
    if not await store.lease_delivery(tx, post_id, token, now, now + timedelta(seconds=room.lease_seconds)):
        raise DeliveryBusy(f"post {post_id} is being sent by another worker")
    return token


async def _attempt(room: SocialRoom, tenant: TenantId, post_id: UUID, lease: UUID) -> None:
    """Write down that a post that was in doubt, and is certainly not there, is sent again.

    Raises `DeliveryBusy` when another worker has taken over.
    """
    async with room.database.transaction(tenant) as tx:
        row = await life.locked(tx, post_id)
        if not await store.holds_delivery(tx, post_id, lease):
            raise DeliveryBusy(f"post {post_id} was taken over by another worker")
        await life.record(room, tx, row, events.PostSending(attempt=row["attempts"] + 1))


async def _bounded(room: SocialRoom, call: Any, reason: str) -> Any:
    """Await a call to a platform, well within the lease. A time-out means unknown, never failed."""
    seconds = min(room.settings.deliver_timeout_seconds, room.lease_seconds / 2)
    try:
        async with asyncio.timeout(seconds):
            return await call
    except TimeoutError:
        return Unknown(f"{reason} ({seconds:g} s)")
    except Exception as error:
        # An adapter that breaks may have sent the post before it broke.
        _logger.exception("a channel failed in an unforeseen way")
        return Unknown(f"the channel failed: {error!r}")


def _as_outcome(reading: Outcome | Reading) -> Outcome:
    return Unknown(reading.reason) if isinstance(reading, (StillUnknown, NotPublished)) else reading


def _wait_of(reading: Outcome | Reading) -> float | None:
    return reading.after if isinstance(reading, (StillUnknown, Retry)) else None


async def _give_up(room: SocialRoom, tenant: TenantId, post_id: UUID, error: PulseError) -> None:
    """Record that the post's channel cannot be used."""
    async with room.database.transaction(tenant) as tx:
        row = await life.locked(tx, post_id)
        if _due(row, room.clock()):
            lease = await _lease(room, tx, post_id)
            # Where an attempt may have arrived, nobody but a person can look now.
            ask = row["in_doubt"]
            end = Unknown(f"{error.message} {error.next_step}") if ask else Refused.because(error)
            await _record(room, tx, row, lease, end, settled=False, wait=None, ask=ask)


async def _conclude(
    room: SocialRoom,
    tenant: TenantId,
    post_id: UUID,
    lease: UUID,
    outcome: Outcome,
    *,
    settled: bool,
    wait: float | None = None,
    ask: bool = False,
) -> None:
    """Record how an attempt ended, and what happens next.

    Raises `DeliveryBusy` when another worker has taken over: for that one, this is an attempt in doubt.
    """
    async with room.database.transaction(tenant) as tx:
        row = await life.locked(tx, post_id)
        if not await store.holds_delivery(tx, post_id, lease):
            raise DeliveryBusy(f"post {post_id} was taken over by another worker")
        if State(row["state"]) in DELIVERABLE:
            await _record(room, tx, row, lease, outcome, settled=settled, wait=wait, ask=ask)


async def _record(
    room: SocialRoom,
    tx: Transaction,
    row: RowMapping,
    lease: UUID,
    outcome: Outcome,
    *,
    settled: bool,
    wait: float | None,
    ask: bool,
) -> None:
    metrics.deliveries.labels(row["channel_kind"], type(outcome).__name__.lower()).inc()
    post_id, version, now = row["id"], row["version"], room.clock()
    look_at = None
    match outcome:
        case Published(remote_id, url):
            await life.publish(room, tx, row, remote_id=remote_id, url=url, settled=settled)
            await store.change_channel(tx, row["channel_id"], {"last_error": None})
            metrics.posts_published.labels(row["channel_kind"]).inc()
        case Refused(code, message, next_step):
            await life.record(room, tx, row, events.PostFailed(code=code, message=message, next_step=next_step))
            await store.change_channel(tx, row["channel_id"], {"last_error": f"{message} {next_step}"})
        case Retry(reason):
            until = now + _pause(room, row["attempts"], wait)
            stored = await life.record(room, tx, row, events.PostDeferred(reason=reason, until=until))
            await life.enqueue_delivery(room, tx, post_id, stored.version, until)
        case Unknown(reason):
            if State(row["state"]) is not State.UNKNOWN or row["error"] != {"message": reason, "ask": ask}:
                # The same doubt once more is no event: a platform may be down for days.
                version = (await life.record(room, tx, row, events.PostUncertain(reason=reason, ask=ask))).version
            if not ask:  # else a person says what became of it
                look_at = now + max(_pause(room, row["attempts"], wait), _since(row["sent_at"], now) / _LOOKS)
                await life.enqueue_delivery(room, tx, post_id, version, look_at)
    await store.release_delivery(tx, post_id, lease, look_at)


def _pause(room: SocialRoom, attempts: int, wait: float | None) -> timedelta:
    if wait is not None:
        return min(timedelta(seconds=wait), timedelta(days=1))
    return min(timedelta(seconds=room.settings.settle_seconds * 2 ** min(attempts, 12)), _LONGEST_WAIT)


def _since(sent_at: datetime, now: datetime) -> timedelta:
    return min(now - sent_at, _LOOKS * _LONGEST_WAIT)


async def sweep(room: SocialRoom, tenant: TenantId) -> None:
    """Put deliveries back into the queue that should long have happened: work that was lost or given up."""
    before = room.clock() - timedelta(seconds=2 * room.lease_seconds)
    async with room.database.transaction(tenant) as tx:
        for post_id in await store.overdue(tx, before):
            await room.bus.enqueue(tx, life.DELIVER, {"post": str(post_id)}, key=f"{post_id}/sweep")
