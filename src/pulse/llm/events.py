"""The facts the llm room publishes."""

from typing import ClassVar
from uuid import UUID

from pulse.bus.events import Event


class ArticleSummarized(Event):
    """A story has a new summary of which every sentence is supported by its sources."""

    name: ClassVar[str] = "article.summarized"
    summary_id: UUID
    story_id: UUID
    niche: str
    title: str
    language: str | None
    sentences: int
    dropped: int
    confidence: float
    score: float
    """The story's, when it was summarised."""
    engine: str
