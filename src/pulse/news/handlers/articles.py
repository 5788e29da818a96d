"""Reading what was taken in: articles and stories, as rows ready to be sent."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from pulse.http.errors import BadRequest
from pulse.http.pages import decode_cursor, encode_cursor
from pulse.kernel.tenant import TenantId
from pulse.news import store
from pulse.news.errors import UnknownArticle, UnknownNiche, UnknownStory
from pulse.news.room import NewsRoom
from pulse.storage.engine import Transaction

_LAST = datetime(9999, 12, 31, tzinfo=UTC), UUID(int=2**128 - 1)
STATUSES = ("new", "backlog")


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list, and the cursor of the next part."""

    rows: list[dict[str, Any]]
    next_cursor: str | None


async def list_articles(
    room: NewsRoom,
    tenant: TenantId,
    niche: str | None = None,
    *,
    status: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page:
    """Return articles, those that came last first, content cut to a teaser. Raises `UnknownNiche`, `BadRequest`."""
    before = _moment_and_id(cursor) if cursor else _LAST
    async with room.database.transaction(tenant) as tx:
        niches = await _niches(tx, niche)
        states = (status,) if status else STATUSES
        rows = await store.articles.listed(tx, niches, states, before, limit + 1)
    more = len(rows) > limit
    rows = rows[:limit]
    return Page(rows, encode_cursor(rows[-1]["created_at"].isoformat(), rows[-1]["id"]) if more else None)


async def get_article(room: NewsRoom, tenant: TenantId, article: UUID, niche: str | None = None) -> dict[str, Any]:
    """Return one article, whole. Raises `UnknownArticle`."""
    async with room.database.transaction(tenant) as tx:
        row = await store.articles.article(tx, article, niche)
    if row is None:
        raise UnknownArticle(f"there is no article {article}" + (f" in {niche!r}" if niche else ""))
    return row


async def list_stories(
    room: NewsRoom,
    tenant: TenantId,
    niche: str | None = None,
    *,
    by_score: bool = True,
    limit: int = 50,
    cursor: str | None = None,
) -> Page:
    """Return stories without their articles: best score first, or the one changed last first.

    All pages of one listing by score show the scores of the moment of its first page, which the cursor carries.
    Raises `UnknownNiche`, `BadRequest`.
    """
    at = room.clock()
    best, last = (float("inf"), _LAST[1]), _LAST
    if cursor:
        try:
            seconds, place, story = decode_cursor(cursor, 3)
            at = datetime.fromtimestamp(float(seconds), UTC)
            best = (float(place), UUID(story)) if by_score else best
            last = last if by_score else (datetime.fromisoformat(place), UUID(story))
        except (TypeError, ValueError, AttributeError, OverflowError, OSError):
            raise BadRequest("the cursor is not one this list gave out") from None
    async with room.database.transaction(tenant) as tx:
        niches = await _niches(tx, niche)
        if by_score:
            rows = await store.stories.by_score(tx, niches, at, best, limit + 1)
        else:
            rows = await store.stories.by_time(tx, niches, at, last, limit + 1)
    more = len(rows) > limit
    rows = rows[:limit]
    if not more:
        return Page(rows, None)
    place = rows[-1]["score"]["total"] if by_score else rows[-1]["updated_at"].isoformat()
    return Page(rows, encode_cursor(at.timestamp(), place, rows[-1]["id"]))


async def get_stories(room: NewsRoom, tenant: TenantId, stories: Sequence[UUID]) -> list[dict[str, Any]]:
    """Return those of the stories that are there, in the order asked for, each with its whole articles."""
    at = room.clock()
    async with room.database.transaction(tenant) as tx:
        rows = await store.stories.some(tx, stories, at)
        articles = await store.articles.of_stories(tx, stories)
    by_id = {row["id"]: row for row in rows}
    for row in rows:
        row["articles"] = []
    for article in articles:
        by_id[article["story_id"]]["articles"].append(article)
    return [by_id[story] for story in dict.fromkeys(stories) if story in by_id]


async def get_story(room: NewsRoom, tenant: TenantId, story: UUID) -> dict[str, Any]:
    """Return one story with its whole articles. Raises `UnknownStory`."""
    rows = await get_stories(room, tenant, [story])
    if not rows:
        raise UnknownStory(f"there is no story {story}")
    return rows[0]


async def _niches(tx: Transaction, niche: str | None) -> list[str]:
    names = await store.niches.names(tx)
    if niche is None:
        return names
    if niche not in names:
        raise UnknownNiche(f"there is no niche {niche!r}")
    return [niche]


def _moment_and_id(cursor: str) -> tuple[datetime, UUID]:
    try:
        moment, article = decode_cursor(cursor, 2)
        return datetime.fromisoformat(moment), UUID(article)
    except (TypeError, ValueError, AttributeError):
        raise BadRequest("the cursor is not one this list gave out") from None
