"""An article's own page, read for its full text: what a reader would see of the article, and nothing else."""

from pulse.news.pages.extract import extract_page, extract_page_async
from pulse.news.pages.model import Page

__all__ = ["Page", "extract_page", "extract_page_async"]
