"""The facts the social room publishes: the life of a post. `social.posts` is a projection of them."""

from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from pulse.bus.events import Event


class PostDrafted(Event):
    """A text for one channel is ready to be looked at."""

    name: ClassVar[str] = "post.drafted"
    niche: str
    channel_id: UUID
    channel_kind: str
    summary_id: UUID | None
    story_id: UUID | None
    score: float
    content: dict[str, Any]
    """A `PostContent`: title, sentences with their receipts, sources."""
    text: str
    """As the channel will show it."""
    doubts: list[str]
    """Why a person must look at it, even on autopilot."""


class PostEdited(Event):
    """A person put another text into a draft, or took a former one back."""

    name: ClassVar[str] = "post.edited"
    by: str
    before: str
    """The text until now, as the channel would have shown it."""
    content: dict[str, Any]
    """The new `PostContent`."""
    text: str
    """As the channel will show it."""
    doubts: list[str]
    former: int | None = None
    """The version whose text was taken back."""


class PostApproved(Event):
    """A person, or autopilot, let the post go."""

    name: ClassVar[str] = "post.approved"
    by: str
    scheduled_at: datetime


class PostRejected(Event):
    """A person turned the draft down."""

    name: ClassVar[str] = "post.rejected"
    by: str
    reason: str


class PostCancelled(Event):
    """An approved post was taken back before it was sent, or a draft was overtaken by a newer one."""

    name: ClassVar[str] = "post.cancelled"
    by: str
    reason: str


class PostFrozen(Event):
    """The key and the exact bytes are fixed; from here on only these are ever sent."""

    name: ClassVar[str] = "post.frozen"
    key: str
    payload: dict[str, Any]


class PostSending(Event):
    """An attempt begins: until its outcome is recorded, the post may or may not be on the platform."""

    name: ClassVar[str] = "post.sending"
    attempt: int


class PostDeferred(Event):
    """An attempt certainly did nothing (connection refused, rate limit) and will be made again."""

    name: ClassVar[str] = "post.deferred"
    reason: str
    until: datetime


class PostUncertain(Event):
    """A delivery ended without an answer: it may or may not have happened."""

    name: ClassVar[str] = "post.uncertain"
    reason: str
    ask: bool = False
    """Only a person can tell: reading back is not possible."""


class PostPublished(Event):
    """The platform confirmed the post."""

    name: ClassVar[str] = "post.published"
    niche: str
    channel_id: UUID
    channel_kind: str
    story_id: UUID | None
    remote_id: str
    url: str
    settled: bool
    """True when it was found by reading back after an unknown outcome."""


class PostFailed(Event):
    """The platform refused the post for good, or its time ran out."""

    name: ClassVar[str] = "post.failed"
    code: str
    message: str
    next_step: str


class PostRetried(Event):
    """A person put a failed post back into the queue."""

    name: ClassVar[str] = "post.retried"
    by: str


ALL: tuple[type[Event], ...] = (
    PostDrafted,
    PostEdited,
    PostApproved,
    PostRejected,
    PostCancelled,
    PostFrozen,
    PostSending,
    PostDeferred,
    PostUncertain,
    PostPublished,
    PostFailed,
    PostRetried,
)
