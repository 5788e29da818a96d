"""The job `news/read_pages`: fetch the articles' own pages, extract their text, then fold them into stories."""

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pulse.bus.events import Aggregate
from pulse.fetch.errors import FetchError
from pulse.kernel.errors import PulseError
from pulse.kernel.tenant import TenantId
from pulse.news import dedupe, fold, language, store
from pulse.news.appraise import Told
from pulse.news.arrivals import MAX_CONTENT
from pulse.news.events import NewsFetched
from pulse.news.intake import READ_PAGES, best_first
from pulse.news.pages import Page, extract_page_async
from pulse.news.room import NewsRoom
from pulse.news.store.articles import Stored
from pulse.news.stories import Member, Report
from pulse.storage.engine import Transaction

OVERDUE = timedelta(minutes=30)
"""After which an article whose page was not read is folded with what the feed said."""
_SHORTEST = 0.8
"""A page's text shorter than this share of the feed's own is not the article."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Read:
    """An article and what its page gave; None: the feed's text is all there is."""

    article: Stored
    page: Page | None

    @property
    def content(self) -> str:
        """The better text."""
        return self.page.text[:MAX_CONTENT] if self.page is not None else self.article.content


async def read_pages(room: NewsRoom, tenant: TenantId, payload: dict[str, Any]) -> None:
    """Read the pages of some articles of one niche, and fold those that waited for it.

    Done again after a crash it finds the articles folded, and does no more; with `revised` in the payload, which
    stands for articles whose feed shows a new text, it tells of the revision again, which changes nothing.
    """
    niche, ids = payload["niche"], [UUID(one) for one in payload["articles"]]
    async with room.database.transaction(tenant) as tx:
        articles = await store.articles.stored(tx, ids, MAX_CONTENT)
    read = await asyncio.gather(*(_read(room, article) for article in articles))
    async with room.database.transaction(tenant) as tx:
        await _complete(room, tx, niche, list(read), bool(payload.get("revised")), room.clock())


async def read_overdue(room: NewsRoom, tenant: TenantId) -> None:
    """Fold articles whose page was never read, because the job was lost to the dead letters, say."""
    async with room.database.transaction(tenant) as tx:
        overdue = await store.articles.unfolded(tx, room.clock() - OVERDUE, 1_000)
        for niche in sorted({niche for niche, _ in overdue}):
            ids = [article for name, article in overdue if name == niche]
            articles = await store.articles.stored(tx, ids, MAX_CONTENT)
            await _complete(room, tx, niche, [Read(article, None) for article in articles], False, room.clock())


async def _read(room: NewsRoom, article: Stored) -> Read:
    try:
        response = await room.fetcher.get(
            article.url, accept="text/html, application/xhtml+xml;q=0.9", max_bytes=room.settings.page_bytes
        )
        kind = response.headers.get("Content-Type", "")
        if response.status != 200 or not ("html" in kind or not kind):
            return Read(article, None)
        page = await extract_page_async(response.body, response.url_final, kind, now=room.clock())
    except (FetchError, PulseError) as error:
        _logger.info("a page could not be read", extra={"url": article.url, "reason": error.message})
        return Read(article, None)
    except Exception:
        # A page's bytes must not stop the others, whatever they do to us.
        _logger.exception("a page could not be read", extra={"url": article.url})
        return Read(article, None)
    good = len(page.text) > _SHORTEST * len(article.content)
    return Read(article, page if good else None)


async def _complete(
    room: NewsRoom, tx: Transaction, niche: str, read: list[Read], revising: bool, now: datetime
) -> None:
    locked = await store.niches.lock(tx, niche)
    if locked is None or not read:
        return
    niche_id, keywords = locked
    # Under the lock: another run of this job may have folded some meanwhile.
    current = {one.id: one for one in await store.articles.stored(tx, [one.article.id for one in read], MAX_CONTENT)}
    read = [Read(current[one.article.id], one.page) for one in read if one.article.id in current]
    waiting = [_with_language(one) for one in read if one.article.story_id is None]
    revised = [one for one in read if revising and one.article.story_id is not None]
    placed = await fold.place(room, tx, niche, [_report(one) for one in waiting], now)
    await store.articles.complete(
        tx,
        [_completed(one, placed[one.article.id].story, placed[one.article.id].text) for one in waiting]
        + [_completed(one, None, None) for one in revised],
    )
    authorities = await store.sources.authorities(tx, {one.article.source_id for one in waiting})
    begun: dict[UUID, list[Told]] = {place.story: [] for place in placed.values() if place.first}
    changed = {one.article.story_id for one in revised if one.article.story_id is not None}
    worth = {one.article.story_id for one in revised if one.article.story_id and one.article.status == "new"}
    for one in sorted(waiting, key=lambda one: one.article.published_at):
        article, place = one.article, placed[one.article.id]
        if place.story in begun:
            member = Member(
                article.source_id, place.text, article.published_at, article.language, authorities[article.source_id]
            )
            begun[place.story].append(Told(member, article.title, one.content))
        else:
            changed.add(place.story)
        if article.status == "new" and place.text == article.id:
            worth.add(place.story)
    scores = await fold.write_stories(tx, niche, keywords, begun, changed, now)
    if begun:
        await store.niches.count(tx, niche, articles=0, stories=len(begun))
    if worth:
        event = NewsFetched(
            niche=niche,
            articles={},
            stories=best_first(worth & scores.keys(), scores),
            revised=[one.article.id for one in revised],
        )
        await room.bus.append(tx, event, Aggregate("niche", niche_id))


def _with_language(read: Read) -> Read:
    """Return the reading with the language of the text that is kept, where the feed's teaser did not tell."""
    if read.article.language is not None or not read.content:
        return read
    seen = language.detect(read.article.title, read.content)
    return Read(replace(read.article, language=seen.language), read.page) if seen.confidence >= language.SURE else read


def _report(read: Read) -> Report:
    article = read.article
    text = read.content[: dedupe.COMPARED_CHARACTERS]
    return Report(article.id, article.source_id, article.title, text, article.published_at, article.language)


def _completed(read: Read, story: UUID | None, text: UUID | None) -> tuple[Any, ...]:
    page = read.page
    return (
        read.article.id,
        read.article.created_at,
        story,
        text,
        read.content,
        read.article.language,
        page.author if page else None,
        page.image_url if page else None,
    )


__all__ = ["READ_PAGES", "read_overdue", "read_pages"]
