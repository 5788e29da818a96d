"""The port every channel implements, and its contract. `tests/contract/test_channels.py` runs it on all of them.

A post goes out in three steps, and between them it belongs to the database:

1. `render` is pure. It turns a story into the text the platform will show, counted the platform's way, or into a
   `TextTooLong`. It never cuts a sentence: it leaves out whole sentences from the end, and says how many. What it
   knows of the platform's limits comes from `prepare`, which asks the platform, keeps the answer for a while and
   never raises.
2. `freeze` is pure but for the clock. It fixes the exact bytes to be sent and the key that makes sending them twice
   harmless where the platform offers that. The caller stores the `Frozen` with
   `UPDATE … SET key = COALESCE(key, :mine) … RETURNING` and from then on uses only what the database gave back:
   two processes may both freeze, but only one result may ever be sent.
3. `deliver` sends the frozen bytes once and says how it ended. It never raises for what a platform or a network does.

What the outcomes promise, and what the caller owes in return:

- `Published`: it is there. Nothing may be delivered again: on Bluesky that would bring back a post the user deleted.
- `Retry`: this attempt did nothing (no connection, a rate limit, a 503 that says when to come back).
- `Refused`: this attempt did nothing and never will (content, credentials). It says nothing of *earlier* attempts:
  after an `Unknown`, only `check` may settle a post.
- `Unknown`: it may have been done, or may still be under way (time-out, cut connection, 500, 502, 504).
- After an `Unknown`, and after a process died between sending and recording, call `check` before any `deliver`.
- `check` reads back. `Published`: found. `NotPublished`: a promise that delivering the same `Frozen` now cannot make
  a second post, either because its absence is certain or because the key protects it; deliver again. `StillUnknown`:
  wait as long as it says; without a time, only a person can tell. `Refused`: something else stands in its place.
- `last_sent` is the latest moment an attempt may have begun; a request may be under way for a while after it.
- Delivering a `Frozen` that is already there yields `Published` again and no second post wherever
  `Capabilities.key_window` covers the time since it was frozen.

A channel holds what is cheap to hold (a session, the limits it learned), so keep one object for each account.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, Protocol

from pydantic import Field

from pulse.social.channels.outcomes import Outcome, Reading
from pulse.social.errors import TextTooLong
from pulse.social.shapes import Moment, PostContent, Shape


class HttpAnswer(Protocol):
    """A complete answer. `headers` finds names in any case; `body` is decompressed and bounded."""

    @property
    def status(self) -> int:
        """The status code."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """The header fields."""
        ...

    @property
    def body(self) -> bytes:
        """The whole body."""
        ...


class Http(Protocol):
    """The way out that adapters are given; `pulse.fetch.Fetcher` is one."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> HttpAnswer:
        """Make one request; `timeout` is in seconds for everything. A POST follows no redirect and is never repeated.

        Any status is an answer. Raises `pulse.fetch.errors.FetchError`, whose `sent` is False only when not a byte of
        the request was written.
        """
        ...


class Part(Shape):
    """A piece of a rendered text. Of links and tags, `target` is the address or the tag's name."""

    kind: Literal["text", "link", "tag"]
    text: str
    target: str = ""


class Facet(Shape):
    """Where a link or tag stands in the text, in UTF-8 bytes: `start` inclusive, `end` exclusive."""

    kind: Literal["link", "tag"]
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    target: str


class Rendered(Shape):
    """A post as one channel will show it."""

    channel: str
    text: str
    parts: tuple[Part, ...]
    """The text in pieces; joined they are `text`."""
    facets: tuple[Facet, ...]
    used: int
    limit: int | None
    """In `unit`; None when there is no limit."""
    unit: str
    sentences: int
    """How many sentences of the story are in the text."""
    left_out: int
    """How many sentences at the end were left out to fit."""
    link: str
    """The address the text leads to; with the text, what a post is recognised by when it is read back."""
    draft: str
    """What will be sent, as JSON, as far as it is known before it is frozen."""


class Frozen(Shape):
    """The key and the exact text to send. It survives a round trip through JSON, also through `jsonb`."""

    channel: str
    key: str
    body: str
    link: str
    frozen_at: Moment


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a channel can promise about sending twice."""

    key_window: timedelta | None
    """How long the platform remembers a key; None is for ever, zero is not at all."""
    can_read_back: bool


class Channel(Protocol):
    """One account on one platform. The contract is at the top of this file."""

    @property
    def kind(self) -> str:
        """The platform: `site`, `bluesky`, `mastodon`."""
        ...

    @property
    def capabilities(self) -> Capabilities:
        """What this channel can promise."""
        ...

    async def prepare(self) -> None:
        """Learn the platform's limits, if they are not known or no longer fresh. Never raises."""
        ...

    def render(self, story: PostContent) -> Rendered | TextTooLong:
        """Return the post as this channel will show it."""
        ...

    def freeze(self, rendered: Rendered, key: str, now: datetime) -> Frozen:
        """Fix what will be sent.

        `key` names the delivery, and is letters, digits, `-` and `_`; a platform that wants keys of its own form gets
        one made here, so `Frozen.key` may differ.
        """
        ...

    async def deliver(self, frozen: Frozen) -> Outcome:
        """Send the frozen post once."""
        ...

    async def check(self, frozen: Frozen, last_sent: datetime) -> Reading:
        """Find out by reading whether the post is there."""
        ...
