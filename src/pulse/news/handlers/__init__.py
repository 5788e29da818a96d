"""One function for each thing the news room does."""

from pulse.news.handlers.articles import get_article, get_stories, get_story, list_articles, list_stories
from pulse.news.handlers.niches import add_niche, change_niche, list_niches
from pulse.news.handlers.sources import (
    add_source,
    change_source,
    export_opml,
    find_source,
    import_opml,
    list_sources,
    remove_source,
    source_ids,
)

__all__ = [
    "add_niche",
    "add_source",
    "change_niche",
    "change_source",
    "export_opml",
    "find_source",
    "get_article",
    "get_stories",
    "get_story",
    "import_opml",
    "list_articles",
    "list_niches",
    "list_sources",
    "list_stories",
    "remove_source",
    "source_ids",
]
