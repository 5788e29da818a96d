"""The site: a channel of one's own, a folder of static pages and feeds. It needs no account and forgets no key."""

import asyncio
import re
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

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
from pulse.social.channels.port import Capabilities, Frozen, Part, Rendered
from pulse.social.channels.site_folder import SiteFolder
from pulse.social.channels.site_pages import Pages, Site, entry_of
from pulse.social.counting import graphemes
from pulse.social.errors import ContentRefused, KeyTaken, TextTooLong
from pulse.social.render import joined
from pulse.social.shapes import PostContent

KIND = "site"
CHECK_AGAIN_SECONDS = 30.0
_KEY = re.compile(r"[A-Za-z0-9_-]{1,128}")


class SiteChannel:
    """A static site in `folder`, served under `base_url` by whatever serves files."""

    kind = KIND
    capabilities = Capabilities(key_window=None, can_read_back=True)

    def __init__(self, folder: Path, base_url: str, title: str = "Pulse") -> None:
        self._base_url = base_url.rstrip("/")
        self._folder = SiteFolder(folder, Pages(Site(title, self._base_url)))

    def address(self, key: str) -> str:
        """Return the permanent address of the post with this key, before or after it is published."""
        return f"{self._base_url}/posts/{key}.html"

    async def prepare(self) -> None:
        """Nothing to learn: there are no limits."""

    def render(self, story: PostContent) -> Rendered | TextTooLong:
        """Return the story's sentences, all of them."""
        text = joined([sentence.text for sentence in story.sentences])
        return Rendered(
            channel=KIND,
            text=text,
            parts=(Part(kind="text", text=text),),
            facets=(),
            used=graphemes(text),
            limit=None,
            unit="graphemes",
            sentences=len(story.sentences),
            left_out=0,
            link=story.story_url,
            draft=story.model_dump_json(),
        )

    def freeze(self, rendered: Rendered, key: str, now: datetime) -> Frozen:
        """Fix the story, published now unless it says otherwise. Raises `ValueError` for a key unfit for a file."""
        if not _KEY.fullmatch(key):
            raise ValueError(f"{key!r} is not made of letters, digits, - and _")
        story = PostContent.model_validate_json(rendered.draft)
        dated = story.model_copy(update={"published_at": story.published_at or now})
        body = PostContent.model_validate(dated.model_dump()).model_dump_json()
        return Frozen(channel=KIND, key=key, body=body, link=rendered.link, frozen_at=now)

    async def deliver(self, frozen: Frozen) -> Outcome:
        """Write the post, then the pages and feeds that show it."""
        try:
            entry_of(frozen.key, PostContent.model_validate_json(frozen.body))
        except (ValidationError, ValueError) as error:
            return Refused.because(ContentRefused(f"the site cannot show this post: {error}"))
        if not _KEY.fullmatch(frozen.key):
            return Refused.because(ContentRefused(f"{frozen.key!r} cannot be a file's name"))
        return await asyncio.to_thread(self._deliver, frozen)

    async def check(self, frozen: Frozen, last_sent: datetime) -> Reading:
        """Look whether the post's file is there, and repair what is derived from it."""
        return await asyncio.to_thread(self._check, frozen)

    def _deliver(self, frozen: Frozen) -> Outcome:
        try:
            self._folder.put(frozen.key, frozen.body)
            self._folder.derive()
        except KeyTaken as error:
            return Refused.because(error)
        except OSError as error:
            try:
                there = self._folder.holds(frozen.key, frozen.body)
            except (KeyTaken, OSError):
                there = True
            return (
                Unknown(f"the pages are not all written: {error}") if there else Retry(f"nothing is written: {error}")
            )
        return Published(frozen.key, self.address(frozen.key))

    def _check(self, frozen: Frozen) -> Reading:
        try:
            if not self._folder.holds(frozen.key, frozen.body):
                return NotPublished("there is no file of this post")
            self._folder.derive()
        except KeyTaken as error:
            return Refused.because(error)
        except OSError as error:
            return StillUnknown(f"the site's folder: {error}", CHECK_AGAIN_SECONDS)
        return Published(frozen.key, self.address(frozen.key))
