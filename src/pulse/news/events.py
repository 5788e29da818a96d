"""The facts the news room publishes."""

from typing import ClassVar
from uuid import UUID

from pulse.bus.events import Event


class NewsFetched(Event):
    """Articles were taken in and folded into stories. One event for each niche of a batch of polls."""

    name: ClassVar[str] = "news.fetched"
    niche: str
    articles: dict[UUID, list[UUID]]
    """New articles by the source they came from."""
    stories: list[UUID]
    """Stories that are new or have changed, best score first; only those that may become posts."""
    revised: list[UUID] = []
    """Articles whose text changed at the source since they were first taken in."""
