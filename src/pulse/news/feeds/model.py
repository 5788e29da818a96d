"""A feed as Pulse reads it, whatever its format."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Literal

from pulse.news.markup import clean_html, plain_text

Kind = Literal["rss", "rdf", "atom", "json"]


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that comes with an entry."""

    url: str
    type: str
    length: int | None


@dataclass(frozen=True)
class Entry:
    """One entry of a feed.

    `summary` and `content` are HTML as the feed gave it, hostile; use `text` and `html`, which are made when they
    are first asked for, so that entries known already cost nothing.
    """

    id: str
    """guid or id; without one the link, without that a hash of what is there. Unique within its feed only."""
    url: str | None
    """Absolute, http or https, as the feed writes it; `canonical_url` brings it into comparable form."""
    title: str
    """Plain text on one line; empty if there is none."""
    summary: str
    content: str
    base: str
    """What relative links in `summary` and `content` are relative to."""
    author: str | None
    published: datetime | None
    """UTC; never more than a day ahead of the moment of reading."""
    updated: datetime | None
    language: str | None
    image_url: str | None
    categories: tuple[str, ...] = ()
    enclosures: tuple[Enclosure, ...] = ()

    @cached_property
    def text(self) -> str:
        """The longer of content and summary as plain text, a line for each paragraph."""
        return plain_text(self._markup)

    @cached_property
    def html(self) -> str:
        """The same as HTML that is safe to show."""
        return clean_html(self._markup, self.base)

    @property
    def _markup(self) -> str:
        return self.content if len(self.content) >= len(self.summary) else self.summary


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed and its entries, in the feed's order."""

    title: str
    home_url: str | None
    """The site's page for people."""
    language: str | None
    kind: Kind
    self_url: str | None
    hub_url: str | None
    """A WebSub hub that tells of changes."""
    every: timedelta | None
    """How often the feed says it is worth asking (ttl, sy:updatePeriod)."""
    entries: tuple[Entry, ...]
    warnings: tuple[str, ...] = ()
    """What was wrong with the document although it could be read."""
