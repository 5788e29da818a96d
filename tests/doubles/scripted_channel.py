"""A channel in memory that does what a script says, and remembers what was asked of it."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TypeAlias, TypeVar

from pulse.social.channels.outcomes import Outcome, Published, Reading
from pulse.social.channels.port import Capabilities, Frozen, Rendered
from pulse.social.counting import Use, graphemes
from pulse.social.errors import TextTooLong
from pulse.social.render import facets, fit
from pulse.social.shapes import PostContent

Answer = TypeVar("Answer")
Step: TypeAlias = Answer | BaseException | Callable[[], Awaitable[Answer]]
"""What to answer, what to raise, or what to do instead."""
KIND = "scripted"


class ScriptedChannel:
    """Each call takes the next step of its script; when that is used up, all goes well."""

    def __init__(self, limit: int = 500) -> None:
        self.limit = limit
        self.outcomes: deque[Step[Outcome]] = deque()
        self.readings: deque[Step[Reading]] = deque()
        self.delivered: list[Frozen] = []
        self.checked: list[tuple[Frozen, datetime]] = []
        self.on_prepare: Callable[[], None] = lambda: None
        self._frozen = 0

    @property
    def kind(self) -> str:
        return KIND

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(key_window=timedelta(0), can_read_back=True)

    async def prepare(self) -> None:
        self.on_prepare()

    def render(self, story: PostContent) -> Rendered | TextTooLong:
        fitted = fit(story, self._measure)
        if isinstance(fitted, TextTooLong):
            return fitted
        return Rendered(
            channel=KIND,
            text=fitted.text,
            parts=fitted.parts,
            facets=facets(fitted.parts),
            used=fitted.use.used,
            limit=self.limit,
            unit="graphemes",
            sentences=fitted.sentences,
            left_out=fitted.left_out,
            link=story.story_url,
            draft=fitted.text,
        )

    def freeze(self, rendered: Rendered, key: str, now: datetime) -> Frozen:
        """Fix the bytes; no two calls fix the same."""
        self._frozen += 1
        body = f"{rendered.draft} #{self._frozen}"
        return Frozen(channel=KIND, key=f"{key}-{self._frozen}", body=body, link=rendered.link, frozen_at=now)

    async def deliver(self, frozen: Frozen) -> Outcome:
        self.delivered.append(frozen)
        number = len(self.delivered)
        return await _next(self.outcomes, Published(f"remote-{number}", f"https://platform.example/{number}"))

    async def check(self, frozen: Frozen, last_sent: datetime) -> Reading:
        self.checked.append((frozen, last_sent))
        return await _next(self.readings, Published("remote-found", "https://platform.example/found"))

    def _measure(self, text: str) -> Use:
        used = graphemes(text)
        return Use(used, self.limit, "graphemes", used <= self.limit)


class Killed(BaseException):
    """The process ends here: nothing after it happens."""


async def hang() -> Outcome:
    """Never answer."""
    await asyncio.Event().wait()
    raise AssertionError


async def _next(script: deque[Step[Answer]], otherwise: Answer) -> Answer:
    step = script.popleft() if script else otherwise
    if isinstance(step, BaseException):
        raise step
    if callable(step):
        return await step()
    return step
