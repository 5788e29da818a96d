"""All SQL of the social room."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping
from sqlalchemy.exc import IntegrityError

from pulse.bus.events import StoredEvent
from pulse.social import events
from pulse.social.errors import ChannelExists
from pulse.social.posts import DELIVERABLE, State
from pulse.storage.engine import Transaction

_POST = """p.id, p.version, p.state, p.niche, p.channel_id, p.channel_kind, p.summary_id, p.story_id, p.score,
    p.content, p.text, p.doubts, p.approved_by, p.scheduled_at, p.key, p.payload, p.frozen_at, p.sent_at, p.in_doubt,
    p.attempts, p.remote_id, p.url, p.settled, p.error, p.created_at, p.updated_at, p.published_at, c.name AS channel"""
_FROM = "FROM social.posts p LEFT JOIN social.channels c ON c.id = p.channel_id"


async def apply(tx: Transaction, event: StoredEvent) -> None:
    """Fold one event of a post's life into `social.posts`: the only writer of that table."""
    data = event.data
    common = {"id": event.aggregate.id, "version": event.version, "at": event.occurred_at}
    if event.name == events.PostDrafted.name:
        await tx.execute(
            """INSERT INTO social.posts (id, version, state, niche, channel_id, channel_kind, summary_id, story_id,
                                         score, content, text, doubts, created_at, updated_at)
               VALUES (:id, :version, 'draft', :niche, CAST(:channel_id AS uuid), :channel_kind,
                       CAST(:summary_id AS uuid), CAST(:story_id AS uuid), :score, :content, :text, :doubts,
                       :at, :at)""",
            **common,
            **{name: data[name] for name in ("niche", "channel_id", "channel_kind", "summary_id", "story_id", "score")},
            **{name: data[name] for name in ("content", "text", "doubts")},
        )
        return
    changes, parameters = _changes(event)
    await tx.execute(
        f"UPDATE social.posts SET version = :version, updated_at = :at, {changes} WHERE id = :id",
        **common,
        **parameters,
    )


def _changes(event: StoredEvent) -> tuple[str, dict[str, Any]]:
    data = event.data
    match event.name:
        case events.PostEdited.name:
            return (
                "state = 'draft', content = :content, text = :text, doubts = :doubts",
                {name: data[name] for name in ("content", "text", "doubts")},
            )
        case events.PostApproved.name:
            return (
                """state = CASE WHEN CAST(:scheduled_at AS timestamptz) <= :at THEN 'approved' ELSE 'scheduled' END,
                   approved_by = :by, scheduled_at = :scheduled_at""",
                {"by": data["by"], "scheduled_at": datetime.fromisoformat(data["scheduled_at"])},
            )
        case events.PostRejected.name:
            return "state = 'rejected', error = :error", {"error": {"message": data["reason"], "by": data["by"]}}
        case events.PostCancelled.name:
            return "state = 'cancelled', error = :error", {"error": {"message": data["reason"], "by": data["by"]}}
        case events.PostFrozen.name:
            # COALESCE: whatever came first stays, whoever else tries.
            return (
                """state = 'sending', key = coalesce(key, :key), payload = coalesce(payload, :payload),
                   frozen_at = coalesce(frozen_at, :at)""",
                {"key": data["key"], "payload": data["payload"]},
            )
        case events.PostSending.name:
            return "state = 'sending', in_doubt = true, attempts = :attempt, sent_at = :at", {
                "attempt": data["attempt"]
            }
        case events.PostDeferred.name:
            return (
                "state = 'scheduled', in_doubt = false, scheduled_at = :until, error = :error",
                {"until": datetime.fromisoformat(data["until"]), "error": {"message": data["reason"]}},
            )
        case events.PostUncertain.name:
            return "state = 'unknown', error = :error", {"error": {"message": data["reason"], "ask": data["ask"]}}
        case events.PostPublished.name:
            return (
                """state = 'published', in_doubt = false, remote_id = :remote_id, url = :url, settled = :settled,
                   published_at = :at, error = NULL""",
                {"remote_id": data["remote_id"], "url": data["url"], "settled": data["settled"]},
            )
        case events.PostFailed.name:
            return "state = 'failed', in_doubt = false, error = :error", {"error": data}
        case events.PostRetried.name:
            # A new attempt of a post that was refused gets new bytes: the old ones were no good.
            return (
                """state = 'scheduled', scheduled_at = :at, key = NULL, payload = NULL, frozen_at = NULL,
                   error = NULL""",
                {},
            )
    raise ValueError(f"no change is known for {event.name}")


async def post(tx: Transaction, post_id: UUID, *, lock: bool = False) -> RowMapping | None:
    """Return one post; with `lock`, nobody else changes it until this transaction ends."""
    return await tx.row(
        f"SELECT {_POST} {_FROM} WHERE p.id = :id {'FOR UPDATE OF p' if lock else ''}",
        id=post_id,
    )


async def posts(
    tx: Transaction, *, niche: str | None, states: Sequence[str], before: tuple[datetime, UUID] | None, limit: int
) -> Sequence[RowMapping]:
    """Return posts, newest first, after the cursor `before`."""
    return await tx.rows(
        f"""SELECT {_POST} {_FROM}
            WHERE p.tenant_id = :tenant AND (CAST(:niche AS text) IS NULL OR p.niche = :niche)
              AND (CAST(:any AS boolean) OR p.state = ANY(CAST(:states AS text[])))
              AND (CAST(:at AS timestamptz) IS NULL
                   OR (p.created_at, p.id) < (CAST(:at AS timestamptz), CAST(:id AS uuid)))
            ORDER BY p.created_at DESC, p.id DESC LIMIT :limit""",
        tenant=tx.tenant,
        niche=niche,
        any=not states,
        states=list(states),
        at=before[0] if before else None,
        id=before[1] if before else None,
        limit=limit,
    )


async def drafts_by_score(tx: Transaction, niche: str, channel_id: UUID, limit: int) -> list[UUID]:
    """Return drafts of a niche for a channel that nobody must look at first (no doubts), best score first."""
    rows = await tx.rows(
        """SELECT id FROM social.posts
           WHERE tenant_id = :tenant AND state = 'draft' AND doubts = '[]'
             AND niche = :niche AND channel_id = :channel
           ORDER BY score DESC, id LIMIT :limit""",
        tenant=tx.tenant,
        niche=niche,
        channel=channel_id,
        limit=limit,
    )
    return [row["id"] for row in rows]


async def post_of_story(tx: Transaction, channel_id: UUID, story_id: UUID) -> RowMapping | None:
    """Return the post of a story on a channel that is not cancelled, locked, if there is one.

    Until the transaction ends nobody else asks this: of two who would make the post, one finds the other's.
    """
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))", key=f"{channel_id}/{story_id}")
    return await tx.row(
        f"""SELECT {_POST} {_FROM}
            WHERE p.tenant_id = :tenant AND p.channel_id = :channel AND p.story_id = :story AND p.state <> 'cancelled'
            FOR UPDATE OF p""",
        tenant=tx.tenant,
        channel=channel_id,
        story=story_id,
    )


async def count_by_state(tx: Transaction, niche: str | None = None) -> dict[str, int]:
    """Return how many posts are in each state."""
    rows = await tx.rows(
        """SELECT state, count(*) AS posts FROM social.posts
           WHERE tenant_id = :tenant AND (CAST(:niche AS text) IS NULL OR niche = :niche) GROUP BY state""",
        tenant=tx.tenant,
        niche=niche,
    )
    return {row["state"]: row["posts"] for row in rows}


async def let_go_since(tx: Transaction, niche: str, channel_id: UUID, since: datetime) -> int:
    """Return how many posts of a niche were approved for a channel since a moment, and not taken back."""
    return int(
        await tx.scalar(
            """SELECT count(*) FROM social.posts
               WHERE tenant_id = :tenant AND niche = :niche AND channel_id = :channel AND scheduled_at >= :since
                 AND state NOT IN ('cancelled', 'rejected', 'draft')""",
            tenant=tx.tenant,
            niche=niche,
            channel=channel_id,
            since=since,
        )
    )


async def overdue(tx: Transaction, before: datetime, limit: int = 500) -> list[UUID]:
    """Return posts that a delivery should have moved on, or looked for, since `before`."""
    rows = await tx.rows(
        """SELECT id FROM social.posts LEFT JOIN social.deliveries ON post_id = id
           WHERE posts.tenant_id = :tenant AND state = ANY(CAST(:states AS text[]))
             AND scheduled_at < :before AND updated_at < :before AND (look_at IS NULL OR look_at < :before)
             AND (error -> 'ask') IS DISTINCT FROM 'true'
           ORDER BY scheduled_at LIMIT :limit""",
        tenant=tx.tenant,
        states=[state.value for state in DELIVERABLE],
        before=before,
        limit=limit,
    )
    return [row["id"] for row in rows]


async def lease_delivery(tx: Transaction, post_id: UUID, token: UUID, now: datetime, until: datetime) -> bool:
    """Take the right to send a post until a moment, under a token of one's own; False while another has it."""
    result = await tx.execute(
        """INSERT INTO social.deliveries (post_id, token, leased_until) VALUES (:post, :token, :until)
           ON CONFLICT (post_id) DO UPDATE SET token = :token, leased_until = :until, look_at = NULL
           WHERE deliveries.leased_until IS NULL OR deliveries.leased_until <= :now""",
        post=post_id,
        token=token,
        until=until,
        now=now,
    )
    return bool(result.rowcount)


async def holds_delivery(tx: Transaction, post_id: UUID, token: UUID) -> bool:
    """Return whether the right to send is still the token's: nobody has taken it over."""
    held = await tx.scalar(
        "SELECT true FROM social.deliveries WHERE post_id = :post AND token = :token", post=post_id, token=token
    )
    return bool(held)


async def release_delivery(tx: Transaction, post_id: UUID, token: UUID, look_at: datetime | None = None) -> bool:
    """Give the right to send back, if it is still the token's, and note when to look for the post again, if ever.

    False when another has taken it over; then nothing changes.
    """
    statement = (
        "DELETE FROM social.deliveries"
        if look_at is None
        else "UPDATE social.deliveries SET token = NULL, leased_until = NULL, look_at = :look_at"
    )
    times = {} if look_at is None else {"look_at": look_at}
    result = await tx.execute(
        f"{statement} WHERE post_id = :post AND token = :token", post=post_id, token=token, **times
    )
    return bool(result.rowcount)


async def next_look(tx: Transaction, post_id: UUID) -> datetime | None:
    """Return when a post in doubt is to be looked for again; None when that is not planned."""
    look_at: datetime | None = await tx.scalar(
        "SELECT look_at FROM social.deliveries WHERE post_id = :post", post=post_id
    )
    return look_at


async def forget_look(tx: Transaction, post_id: UUID) -> None:
    """Forget when a post was to be looked for again."""
    await tx.execute("DELETE FROM social.deliveries WHERE post_id = :post AND token IS NULL", post=post_id)


_CHANNEL = "id, kind, name, niches, settings, secret IS NOT NULL AS has_secret, paused, last_error, created_at"


async def add_channel(tx: Transaction, channel: dict[str, Any], secret: bytes | None) -> bool:
    """Insert a channel; False when one of that name is there."""
    result = await tx.execute(
        """INSERT INTO social.channels (id, kind, name, niches, settings, secret)
           VALUES (:id, :kind, :name, CAST(:niches AS text[]), :settings, :secret)
           ON CONFLICT (tenant_id, name) DO NOTHING""",
        **channel,
        secret=secret,
    )
    return bool(result.rowcount)


async def channels(tx: Transaction, *, niche: str | None = None, kind: str | None = None) -> Sequence[RowMapping]:
    """Return the channels, those of one niche or kind if named."""
    return await tx.rows(
        f"""SELECT {_CHANNEL} FROM social.channels
            WHERE tenant_id = :tenant AND (CAST(:niche AS text) IS NULL OR :niche = ANY(niches) OR niches = '{{}}')
              AND (CAST(:kind AS text) IS NULL OR kind = :kind) ORDER BY name""",
        tenant=tx.tenant,
        niche=niche,
        kind=kind,
    )


async def channel(tx: Transaction, channel_id: UUID) -> RowMapping | None:
    """Return one channel with its sealed secret and session."""
    return await tx.row(f"SELECT {_CHANNEL}, secret, session FROM social.channels WHERE id = :id", id=channel_id)


async def change_channel(tx: Transaction, channel_id: UUID, changes: dict[str, Any]) -> None:
    """Set columns of a channel. Their names are the caller's own, never a user's. Raises `ChannelExists`."""
    assignments = ", ".join(f"{name} = :{name}" for name in changes)
    try:
        await tx.execute(f"UPDATE social.channels SET {assignments} WHERE id = :id", id=channel_id, **changes)
    except IntegrityError as error:
        raise ChannelExists(f"a channel named {changes.get('name')!r} is there already") from error


async def delete_channel(tx: Transaction, channel_id: UUID) -> bool:
    """Delete a channel; its posts stay. False when it was not there."""
    return bool((await tx.execute("DELETE FROM social.channels WHERE id = :id", id=channel_id)).rowcount)


async def publishing(tx: Transaction, niche: str) -> tuple[bool, int]:
    """Return whether autopilot is on for a niche, and its daily limit for each channel."""
    row = await tx.row(
        "SELECT autopilot, daily_limit FROM social.publishing WHERE tenant_id = :tenant AND niche = :niche",
        tenant=tx.tenant,
        niche=niche,
    )
    return (row["autopilot"], row["daily_limit"]) if row else (False, 24)


async def set_publishing(tx: Transaction, niche: str, autopilot: bool, daily_limit: int) -> None:
    """Set autopilot and daily limit of a niche."""
    await tx.execute(
        """INSERT INTO social.publishing (niche, autopilot, daily_limit) VALUES (:niche, :autopilot, :daily_limit)
           ON CONFLICT (tenant_id, niche) DO UPDATE SET autopilot = :autopilot, daily_limit = :daily_limit""",
        niche=niche,
        autopilot=autopilot,
        daily_limit=daily_limit,
    )


STATES = [state.value for state in State]
