"""What the social room needs to do its work."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from uuid import UUID

from pulse.bus.bus import Bus
from pulse.kernel.clock import Clock, utc_now
from pulse.llm.client import LlmClient
from pulse.news.client import NewsClient
from pulse.settings import SocialSettings
from pulse.social.channels.port import Channel
from pulse.social.receipts import Receipts
from pulse.storage.engine import Database
from pulse.vault.seal import Vault


class SavedSession(Protocol):
    """Where a channel keeps what it must remember between processes (a refreshed token), before it is used."""

    async def load(self) -> str:
        """Return what was saved last, or ""."""
        ...

    async def save(self, session: str) -> None:
        """Keep it."""
        ...


@dataclass(frozen=True, slots=True)
class ChannelKind:
    """A platform Pulse can publish to."""

    kind: str
    settings: tuple[str, ...]
    """Names of the settings it needs."""
    optional: tuple[str, ...]
    """Names of those it may have."""
    secret: str
    """What its secret is called on the platform; empty when it has none."""
    verify: Callable[[Mapping[str, str], str], Awaitable[dict[str, str]]]
    """Signs in with settings and secret and returns what the platform adds to the settings (the account's id).
    Raises a `PulseError` when it does not work."""
    build: Callable[[Mapping[str, str], str, SavedSession], Channel]
    """Makes the channel of an account."""


@dataclass(frozen=True, slots=True)
class SocialRoom:
    """The room's dependencies."""

    database: Database
    bus: Bus
    settings: SocialSettings
    lease_seconds: float
    news: NewsClient
    llm: LlmClient
    vault: Vault
    kinds: Mapping[str, ChannelKind]
    public_url: Callable[[], str]
    """Where readers reach Pulse now."""
    receipts: Receipts
    clock: Clock = utc_now
    open_channels: dict[UUID, tuple[object, Channel]] = field(default_factory=dict)
    """One object for each account, because it keeps a session and the limits it learned."""
