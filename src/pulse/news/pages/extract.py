"""Reading a page, in a child process that can be killed: no tree of a stranger's page is built in this one."""

from datetime import datetime
from typing import Any

from pulse.kernel.clock import utc_now
from pulse.news.dates import plausible
from pulse.news.killable import Killable, WorkFailed, WorkKilled
from pulse.news.pages.model import Page

MAX_PAGE = 4_000_000
"""Bytes of a page that are read."""
SECONDS = 4.0
"""CPU time for one page; the slowest of 181 news pages takes a tenth of a second."""

page_reader = Killable("pulse.news.pages.reading:read_page", seconds=SECONDS)
"""The process's one reader of pages; they wait for each other."""


def extract_page(html: bytes, url: str, content_type: str | None = None, *, now: datetime | None = None) -> Page:
    """Read an article's page. Safe for any bytes; takes 4 ms where a cheap reading is sure, else 20, at most seconds.

    `url` is where the page came from. Without an article in it, and where reading it failed, the text is empty.
    """
    try:
        return _page(page_reader.call(html[:MAX_PAGE], url=url, content_type=content_type), now)
    except (WorkFailed, WorkKilled):
        return _page({}, now)


async def extract_page_async(
    html: bytes, url: str, content_type: str | None = None, *, now: datetime | None = None
) -> Page:
    """Do the same without holding up the event loop."""
    try:
        return _page(await page_reader.call_async(html[:MAX_PAGE], url=url, content_type=content_type), now)
    except (WorkFailed, WorkKilled):
        return _page({}, now)


def _page(answer: dict[str, Any], now: datetime | None) -> Page:
    published = answer.get("published")
    return Page(
        title=answer.get("title", ""),
        text=answer.get("text", ""),
        author=answer.get("author"),
        published=plausible(datetime.fromisoformat(published) if published else None, now or utc_now()),
        language=answer.get("language"),
        canonical_url=answer.get("canonical_url"),
        image_url=answer.get("image_url"),
        description=answer.get("description", ""),
        method=answer.get("method", "none"),
    )
