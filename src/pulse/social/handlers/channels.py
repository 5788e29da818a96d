"""Accounts: add, change, remove, open."""

import hashlib
from typing import Any
from uuid import UUID

import orjson

from pulse.kernel.ids import new_id
from pulse.kernel.tenant import TenantId
from pulse.social import store
from pulse.social.channels.port import Channel
from pulse.social.errors import ChannelExists, ChannelIncomplete, ChannelNotFound, UnknownPlatform
from pulse.social.models import ChannelShown, Publishing
from pulse.social.room import ChannelKind, SocialRoom
from pulse.storage.engine import Transaction
from pulse.vault.errors import SecretUnreadable

UNUSABLE = (ChannelNotFound, UnknownPlatform, SecretUnreadable)
"""Why a channel cannot be opened, now or later, until a person does something."""


def kind_named(room: SocialRoom, name: str) -> ChannelKind:
    """Return the platform of that name. Raises `UnknownPlatform`."""
    if name not in room.kinds:
        raise UnknownPlatform(f"Pulse cannot publish to {name!r}; it can to {', '.join(sorted(room.kinds))}")
    return room.kinds[name]


async def add_channel(
    room: SocialRoom,
    tx: Transaction,
    *,
    kind: str,
    name: str,
    niches: list[str],
    settings: dict[str, str],
    secret: str | None,
) -> ChannelShown:
    """Add an account whose settings `verified` has returned. Raises `ChannelExists`."""
    channel_id = new_id()
    sealed = room.vault.seal(secret, _place(tx.tenant, channel_id, "secret")) if secret else None
    row = {"id": channel_id, "kind": kind, "name": name, "niches": niches, "settings": settings}
    if not await store.add_channel(tx, row, sealed):
        raise ChannelExists(f"a channel named {name!r} is there already")
    return await shown(tx, channel_id)


async def verified(room: SocialRoom, kind: str, settings: dict[str, str], secret: str | None) -> dict[str, str]:
    """Sign in to an account and return its settings, completed by what the platform said. Uses the network.

    Raises `UnknownPlatform`, `ChannelIncomplete`, and what the platform refuses.
    """
    platform = kind_named(room, kind)
    missing = [needed for needed in platform.settings if not settings.get(needed)]
    if platform.secret and not secret:
        missing.append(f"secret ({platform.secret})")
    unknown = sorted(set(settings) - set(platform.settings) - set(platform.optional))
    if missing or unknown:
        problems = [f"{name} is missing" for name in missing] + [f"{name} is not a setting of it" for name in unknown]
        raise ChannelIncomplete(f"a {kind} channel: {', '.join(problems)}")
    return settings | await platform.verify(settings, secret or "")


async def verified_change(
    room: SocialRoom, tenant: TenantId, channel_id: UUID, settings: dict[str, str], secret: str | None
) -> dict[str, str]:
    """Sign in to an account with what is to change, and return all its settings as `verified` does. Uses the network.

    Raises `ChannelNotFound` and what `verified` raises.
    """
    async with room.database.transaction(tenant) as tx:
        row = await store.channel(tx, channel_id)
    if row is None:
        raise ChannelNotFound(f"there is no channel {channel_id}")
    if not secret and row["secret"]:
        secret = room.vault.open(row["secret"], _place(tenant, channel_id, "secret"))
    return await verified(room, row["kind"], row["settings"] | settings, secret)


async def change_channel(
    room: SocialRoom, tx: Transaction, channel_id: UUID, changes: dict[str, Any], secret: str | None
) -> ChannelShown:
    """Change name, niches, settings or pause of an account, or give it a new secret.

    Raises `ChannelNotFound`, `ChannelExists`.
    """
    await shown(tx, channel_id)
    if "settings" in changes:
        changes = changes | {"session": None}
    if secret:
        sealed = room.vault.seal(secret, _place(tx.tenant, channel_id, "secret"))
        changes = changes | {"secret": sealed, "session": None, "last_error": None}
    if changes:
        await store.change_channel(tx, channel_id, changes)
    return await shown(tx, channel_id)


async def remove_channel(tx: Transaction, channel_id: UUID) -> None:
    """Remove an account; what was posted stays. Raises `ChannelNotFound`."""
    if not await store.delete_channel(tx, channel_id):
        raise ChannelNotFound(f"there is no channel {channel_id}")


async def shown(tx: Transaction, channel_id: UUID) -> ChannelShown:
    """Return one account without its secret. Raises `ChannelNotFound`."""
    row = await store.channel(tx, channel_id)
    if row is None:
        raise ChannelNotFound(f"there is no channel {channel_id}")
    return ChannelShown.model_validate(dict(row))


async def list_channels(tx: Transaction) -> list[ChannelShown]:
    """Return all accounts."""
    return [ChannelShown.model_validate(dict(row)) for row in await store.channels(tx)]


async def open_channel(room: SocialRoom, tenant: TenantId, channel_id: UUID) -> Channel:
    """Return the channel of an account, ready to be used. Raises what `UNUSABLE` names."""
    async with room.database.transaction(tenant) as tx:
        row = await store.channel(tx, channel_id)
    if row is None:
        raise ChannelNotFound(f"there is no channel {channel_id}")
    # A channel that was changed is built anew.
    fingerprint = hashlib.sha256(orjson.dumps([row["kind"], row["settings"]]) + (row["secret"] or b"")).digest()
    known = room.open_channels.get(channel_id)
    if known is not None and known[0] == fingerprint:
        return known[1]

    secret = room.vault.open(row["secret"], _place(tenant, channel_id, "secret")) if row["secret"] else ""
    channel = kind_named(room, row["kind"]).build(row["settings"], secret, _StoredSession(room, tenant, channel_id))
    room.open_channels[channel_id] = (fingerprint, channel)
    return channel


class _StoredSession:
    """A channel's session, sealed in its row. Read anew each time: another process may have renewed it."""

    def __init__(self, room: SocialRoom, tenant: TenantId, channel_id: UUID) -> None:
        self._room, self._tenant, self._channel_id = room, tenant, channel_id

    async def load(self) -> str:
        async with self._room.database.transaction(self._tenant) as tx:
            row = await store.channel(tx, self._channel_id)
        if row is None or not row["session"]:
            return ""
        return self._room.vault.open(row["session"], _place(self._tenant, self._channel_id, "session"))

    async def save(self, session: str) -> None:
        sealed = self._room.vault.seal(session, _place(self._tenant, self._channel_id, "session"))
        async with self._room.database.transaction(self._tenant) as tx:
            await store.change_channel(tx, self._channel_id, {"session": sealed})


async def publishing(tx: Transaction, niche: str) -> Publishing:
    """Return how far a niche may go without a person."""
    autopilot, daily_limit = await store.publishing(tx, niche)
    return Publishing(niche=niche, autopilot=autopilot, daily_limit=daily_limit)


async def set_publishing(tx: Transaction, wanted: Publishing) -> Publishing:
    """Set how far a niche may go without a person."""
    await store.set_publishing(tx, wanted.niche, wanted.autopilot, wanted.daily_limit)
    return wanted


def _place(tenant: TenantId, channel_id: UUID, column: str) -> str:
    """Name the row and column a secret belongs to: sealed for it, it opens nowhere else."""
    return f"{tenant}/social.channels/{channel_id}/{column}"


async def first_site(room: SocialRoom, tenant: TenantId) -> None:
    """Make a site to publish to, unless there is a channel already."""
    async with room.database.transaction(tenant) as tx:
        if not await store.channels(tx):
            await add_channel(room, tx, kind="site", name="site", niches=[], settings={}, secret=None)
