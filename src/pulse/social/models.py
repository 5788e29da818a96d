"""What the social room shows."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, computed_field

from pulse.social.posts import State


class Model(BaseModel):
    """Frozen, as everything that travels."""

    model_config = ConfigDict(frozen=True)


class Post(Model):
    """A text for one channel, and where it stands."""

    id: UUID
    version: int
    state: State
    niche: str
    channel_id: UUID
    channel: str | None
    channel_kind: str
    summary_id: UUID | None
    story_id: UUID | None
    score: float
    text: str
    """As the channel shows it."""
    content: dict[str, Any]
    """Title, sentences with their receipts, dropped sentences, sources."""
    doubts: list[str]
    """Why a person must look at it."""
    approved_by: str | None
    scheduled_at: datetime | None
    attempts: int
    in_doubt: bool
    """An attempt has begun whose outcome is not known."""
    remote_id: str | None
    url: str | None
    settled: bool
    error: dict[str, Any] | None
    """What went wrong last, in words, and what to do."""
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None

    @computed_field  # type: ignore[prop-decorator]
    @property
    def receipt(self) -> str | None:
        """The path of the public page that shows what each sentence rests on, once the post is published."""
        return f"/receipts/{self.id}/" if self.state is State.PUBLISHED else None


class ChannelShown(Model):
    """An account on a platform. Its secret is never shown."""

    id: UUID
    kind: str
    name: str
    niches: list[str]
    """Empty: all."""
    settings: dict[str, Any]
    has_secret: bool
    paused: bool
    last_error: str | None
    created_at: datetime


class Publishing(Model):
    """How far a niche may go without a person."""

    niche: str
    autopilot: bool
    daily_limit: int
    """Posts a day and channel that autopilot lets go."""
