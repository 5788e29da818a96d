"""What the news room knows and shows."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict

FullText = Literal["auto", "always", "never"]
"""When an article's own page is read: auto reads it where the feed brings only a teaser."""


class Model(BaseModel):
    """Frozen, as everything that travels."""

    model_config = ConfigDict(frozen=True)


class Niche(Model):
    """A subject that Pulse watches."""

    name: str
    """Lower-case letters, digits and dashes; part of addresses."""
    title: str
    keywords: list[str]
    """Words that make a story relevant; empty: every story of its sources is."""
    language: str | None
    """BCP 47 tag of the summaries; None: the language of each story."""
    tone: str | None = None
    """The name of the tone that summaries have where nobody asks for another; None: no tone."""
    sources: int = 0
    articles: int = 0
    stories: int = 0


class Source(Model):
    """A feed that is polled, and its health."""

    id: UUID
    niche: str
    url: str
    title: str
    home_url: str | None
    language: str | None
    full_text: FullText
    authority: float
    """0 to 1, part of the score."""
    paused: bool
    state: Literal["new", "ok", "failing"]
    last_error: str | None
    """What went wrong at the last poll and what to do, in words."""
    failures: int
    """In a row."""
    interval_seconds: float
    last_polled_at: datetime | None
    next_poll_at: datetime
    articles: int = 0


class Article(Model):
    """One report, as one source brought it."""

    id: UUID
    niche: str
    source_id: UUID
    source: str
    """The source's title."""
    url: str
    title: str
    content: str
    """Plain text, paragraphs on lines of their own. Cut to a teaser in lists."""
    author: str | None
    language: str | None
    image_url: str | None
    published_at: datetime
    dated: bool = False
    """The source says when it published this and has not changed it since; else `published_at` may be when Pulse saw it
    first, and what the text calls yesterday is not the day before it."""
    created_at: datetime
    story_id: UUID | None
    status: Literal["new", "backlog"]
    """backlog: came with a source's first fetch beyond the newest few; shown, never posted."""
    revision: int
    """1, and one more for each time the text changed at the source."""
    copy_of: UUID | None = None
    """The article whose text this one repeats, if it does: an agency's report counts as one source, however often."""


class Score(Model):
    """Why a story stands where it stands: 0.4 model + 0.3 relevance + 0.2 freshness + 0.1 authority, each 0 to 1."""

    model: float
    relevance: float
    freshness: float
    authority: float
    total: float
    reasons: list[str]


class Story(Model):
    """All reports of one event."""

    id: UUID
    niche: str
    title: str
    language: str | None
    first_seen_at: datetime
    updated_at: datetime
    score: Score
    article_count: int
    independent_sources: int
    """Wire copies of one text count as one."""
    articles: list[Article] = []
    """Best first; filled where one story is shown. `content` is whole there."""
