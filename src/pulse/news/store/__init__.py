"""All SQL of the news room, by table."""

from pulse.news.store import articles, niches, sources, stories

__all__ = ["articles", "niches", "sources", "stories"]
