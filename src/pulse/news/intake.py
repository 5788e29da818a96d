"""Take what polls brought into the niche, in one transaction: articles, keys, stories, sources' state, event."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from pulse.bus.events import Aggregate
from pulse.kernel.ids import new_id
from pulse.news import fold, language, store
from pulse.news.appraise import Told
from pulse.news.arrivals import Arrival, sift
from pulse.news.events import NewsFetched
from pulse.news.fold import Placed
from pulse.news.readings import Reading
from pulse.news.room import NewsRoom
from pulse.news.store.articles import Revision
from pulse.news.store.sources import Polled
from pulse.news.stories import Member, Report
from pulse.storage.engine import Transaction

READ_PAGES = "news/read_pages"
_PAGES_IN_A_JOB = 10


@dataclass(frozen=True, slots=True)
class Article:
    """A new article on its way into the database."""

    id: UUID
    created: datetime
    status: str
    language: str | None
    wants_page: bool
    arrival: Arrival


@dataclass(slots=True)
class Taken:
    """What became of the arrivals of one niche."""

    new: list[Article] = field(default_factory=list)
    stored: int = 0
    known: int = 0
    revised: int = 0
    stories: int = 0
    """Begun or changed."""


async def take_in(room: NewsRoom, tx: Transaction, niche: str, readings: Sequence[Reading], now: datetime) -> Taken:
    """Store everything that `readings` of sources of one niche brought, or, if the transaction fails, nothing.

    Of a source that was deleted meanwhile nothing is stored.
    """
    there = await store.sources.still_there(tx, [reading.source.id for reading in readings])
    readings = [reading for reading in readings if reading.source.id in there]
    taken = Taken()
    found = [arrival for reading in readings for arrival in reading.arrivals]
    if found and (locked := await store.niches.lock(tx, niche)) is not None:
        await _take_arrivals(room, tx, niche, *locked, found, taken, now)
    counts: dict[UUID, int] = {}
    for article in taken.new:
        counts[article.arrival.source.id] = counts.get(article.arrival.source.id, 0) + 1
    states = [reading.counted(counts.get(reading.source.id, 0)) for reading in readings]
    await store.sources.record(tx, await _with_free_urls(tx, niche, readings, states))
    return taken


async def _take_arrivals(
    room: NewsRoom,
    tx: Transaction,
    niche: str,
    niche_id: UUID,
    keywords: Sequence[str],
    found: Sequence[Arrival],
    taken: Taken,
    now: datetime,
) -> None:
    keys = [key for one in found for key in (one.guid_key, one.url_key, one.text_key) if key is not None]
    sifted = sift(found, await store.articles.known(tx, keys))
    taken.known = sifted.known
    revised, other_sources = dict(sifted.revised), []
    if sifted.at_known_page:
        owners = await store.articles.sources_of(tx, [article for article, _ in sifted.at_known_page])
        for known, arrival in sifted.at_known_page:
            if owners.get(known) == arrival.source.id:
                revised[known] = arrival
            else:
                taken.known += 1
                other_sources.append((arrival.text_key, known, None))
    taken.new = _articles(room, sifted.new, now)
    placed = await fold.place(
        room, tx, niche, [_report(article) for article in taken.new if not article.wants_page], now
    )
    taken.stored = await store.articles.insert(tx, [_row(article, placed.get(article.id)) for article in taken.new])
    await store.articles.insert_keys(tx, [*_keys(taken.new), *other_sources])
    again, changed_by_revision = await _revise(tx, revised, taken, now)
    begun, grown = _by_story(taken.new, placed)
    scores = await fold.write_stories(tx, niche, keywords, begun, {*grown, *changed_by_revision}, now)
    taken.stories = len(scores)
    if taken.new or begun:
        await store.niches.count(tx, niche, articles=taken.stored, stories=len(begun))
    await _ask_for_pages(room, tx, niche, [article for article in taken.new if article.wants_page], again)
    by_source: dict[UUID, list[UUID]] = {}
    for article in taken.new:
        by_source.setdefault(article.arrival.source.id, []).append(article.id)
    for_posts = (_worth_posting(taken.new, placed) | changed_by_revision) & scores.keys()
    whole = [article for article in revised if article not in again]
    if by_source or whole or for_posts:
        event = NewsFetched(niche=niche, articles=by_source, stories=best_first(for_posts, scores), revised=whole)
        await room.bus.append(tx, event, Aggregate("niche", niche_id))


def _articles(room: NewsRoom, new: Sequence[Arrival], now: datetime) -> list[Article]:
    """Give the new arrivals ids, states, languages and moments of creation, in the order of publication."""
    first: dict[UUID, list[Arrival]] = {}
    by_source: dict[UUID, list[Arrival]] = {}
    for arrival in new:
        by_source.setdefault(arrival.source.id, []).append(arrival)
        if arrival.source.fresh:
            first.setdefault(arrival.source.id, []).append(arrival)
    backlog: set[int] = set()
    for group in first.values():
        # Stable: entries without a date keep the feed's order, newest first.
        newest = sorted(group, key=lambda arrival: arrival.published, reverse=True)
        backlog.update(id(arrival) for arrival in newest[room.settings.first_fetch_entries :])
    spoken: dict[int, str | None] = {}
    for group in by_source.values():
        found = language.languages(group[0].language, [(arrival.title, arrival.content) for arrival in group])
        spoken.update((id(arrival), one) for arrival, one in zip(group, found, strict=True))
    articles = []
    for count, arrival in enumerate(sorted(new, key=lambda arrival: arrival.published)):
        late = id(arrival) in backlog
        articles.append(
            Article(
                id=new_id(),
                # No two at one moment, so that lists have one order and the index gives it.
                created=now + timedelta(microseconds=count),
                status="backlog" if late else "new",
                language=spoken[id(arrival)],
                wants_page=wants_page(arrival, late),
                arrival=arrival,
            )
        )
    return articles


def wants_page(arrival: Arrival, backlog: bool) -> bool:
    """Return whether the article's own page is read: as its source says, or where the feed brings only a teaser."""
    if arrival.source.full_text == "auto":
        return arrival.teaser and not backlog
    return arrival.source.full_text == "always"


def _report(article: Article) -> Report:
    arrival = article.arrival
    return Report(article.id, arrival.source.id, arrival.title, arrival.content, arrival.published, article.language)


def _row(article: Article, placed: Placed | None) -> tuple[Any, ...]:
    arrival = article.arrival
    return (
        article.id,
        article.created,
        arrival.published,
        arrival.dated,
        arrival.source.niche,
        arrival.source.id,
        placed.story if placed else None,
        placed.text if placed else None,
        article.status,
        article.language,
        arrival.url,
        arrival.title,
        arrival.author,
        arrival.image_url,
        arrival.content,
    )


def _keys(articles: Sequence[Article]) -> list[tuple[UUID, UUID, UUID | None]]:
    rows: list[tuple[UUID, UUID, UUID | None]] = []
    for article in articles:
        arrival = article.arrival
        rows.append((arrival.guid_key, article.id, arrival.text_hash))
        rows.append((arrival.text_key, article.id, None))
        if arrival.url_key is not None:
            rows.append((arrival.url_key, article.id, None))
    return rows


async def _revise(
    tx: Transaction, revised: dict[UUID, Arrival], taken: Taken, now: datetime
) -> tuple[set[UUID], set[UUID]]:
    """Write new texts; return the articles whose page is to be read again, and the stories of the others.

    Only stories that may become posts are returned.
    """
    if not revised:
        return set(), set()
    taken.revised = len(revised)
    again = {article for article, arrival in revised.items() if wants_page(arrival, backlog=False)}
    rows = await store.articles.revise(
        tx,
        [
            Revision(article, arrival.title, None if article in again else arrival.content)
            for article, arrival in revised.items()
        ],
        now,
    )
    await store.articles.set_text_hashes(tx, [(arrival.guid_key, arrival.text_hash) for arrival in revised.values()])
    await store.articles.insert_keys(tx, [(arrival.text_key, article, None) for article, arrival in revised.items()])
    stories = {row["story_id"] for row in rows if row["id"] not in again and row["story_id"] and row["status"] == "new"}
    return again, stories


def _by_story(articles: Sequence[Article], placed: dict[UUID, Placed]) -> tuple[dict[UUID, list[Told]], set[UUID]]:
    """Return the articles of stories that begin here, and the stories that were there and grow."""
    begun: dict[UUID, list[Told]] = {one.story: [] for one in placed.values() if one.first}
    grown: set[UUID] = set()
    for article in articles:
        place = placed.get(article.id)
        if place is None:
            continue
        if place.story in begun:
            arrival = article.arrival
            member = Member(
                arrival.source.id, place.text, arrival.published, article.language, arrival.source.authority
            )
            begun[place.story].append(Told(member, arrival.title, arrival.content))
        else:
            grown.add(place.story)
    return begun, grown


def _worth_posting(articles: Sequence[Article], placed: dict[UUID, Placed]) -> set[UUID]:
    """Return the stories to which a new article (no backlog) brought a text they did not have."""
    return {
        place.story
        for article in articles
        if (place := placed.get(article.id)) and article.status == "new" and place.text == article.id
    }


async def _ask_for_pages(
    room: NewsRoom, tx: Transaction, niche: str, articles: Sequence[Article], again: set[UUID]
) -> None:
    """Enqueue the reading of pages: of one source together, so that a slow site holds up nobody else."""
    by_source: dict[UUID | None, list[UUID]] = {None: list(again)}
    for article in articles:
        by_source.setdefault(article.arrival.source.id, []).append(article.id)
    for source, ids in by_source.items():
        for start in range(0, len(ids), _PAGES_IN_A_JOB):
            part = [str(one) for one in ids[start : start + _PAGES_IN_A_JOB]]
            await room.bus.enqueue(tx, READ_PAGES, {"niche": niche, "articles": part, "revised": source is None})


def best_first(stories: set[UUID], scores: dict[UUID, float]) -> list[UUID]:
    """Return the stories in the order of their scores."""
    return sorted(stories, key=lambda story: (-scores[story], story.int))


async def _with_free_urls(
    tx: Transaction, niche: str, readings: Sequence[Reading], states: Sequence[Polled]
) -> list[Polled]:
    """Keep the old address of a source that moved to one which another source of the niche has."""
    moved = [state.url for reading, state in zip(readings, states, strict=True) if state.url != reading.source.url]
    if not moved:
        return list(states)
    taken = await store.sources.taken_urls(tx, niche, moved)
    free = []
    for reading, state in zip(readings, states, strict=True):
        if state.url != reading.source.url and state.url in taken:
            state = replace(state, url=reading.source.url)
        taken.add(state.url)
        free.append(state)
    return free
