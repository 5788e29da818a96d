"""Sources: find, add, change, poll now, bring in and give out as OPML."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from pulse.fetch.target import parse_target
from pulse.kernel.errors import PulseError
from pulse.kernel.ids import new_id
from pulse.kernel.tenant import TenantId
from pulse.news import store
from pulse.news.discovery import find_feeds
from pulse.news.errors import NoFeedFound, NotAFeed, SourceExists, UnknownSource
from pulse.news.feeds import parse_feed_async
from pulse.news.handlers.niches import RESCORE, get_niche
from pulse.news.models import FullText, Source
from pulse.news.opml import Outline, parse_opml, write_opml
from pulse.news.readings import ACCEPT
from pulse.news.room import NewsRoom
from pulse.storage.engine import Transaction

AUTHORITY = 0.5
"""Of a source of which nobody said anything."""
_TRIED = 10
"""Of the addresses that a page names, or that are guessed."""


@dataclass(frozen=True, slots=True)
class Found:
    """A feed, ready to be added."""

    url: str
    title: str
    home_url: str | None
    language: str | None
    other_feeds: Sequence[str] = ()
    """What else the site offers."""


async def list_sources(room: NewsRoom, tenant: TenantId, niche: str | None = None) -> list[Source]:
    """Return the sources of a niche, or all. Raises `UnknownNiche`."""
    async with room.database.transaction(tenant) as tx:
        if niche is not None:
            await get_niche(tx, niche)
        return await store.sources.listed(tx, niche)


async def find_source(room: NewsRoom, url: str) -> Found:
    """Read the address: a feed itself, or a page that names its feeds, of which the first that can be read is taken.

    Uses the network. Raises `FetchError` and `NoFeedFound`.
    """
    response = await room.fetcher.get(url, accept=ACCEPT)
    if response.status >= 400:
        raise NoFeedFound(f"{response.url_final} answers with HTTP {response.status}")
    here = response.moved_to or (response.url_final if not response.redirects else url)
    try:
        return await _read_feed(room, here, response.body, response.headers.get("Content-Type"), response.url_final)
    except NotAFeed:
        links = find_feeds(response.body, response.url_final, response.headers.get("Content-Type"))
    for link in links[:_TRIED]:
        try:
            answer = await room.fetcher.get(link.url, accept=ACCEPT)
            if answer.status != 200:
                continue
            kind = answer.headers.get("Content-Type")
            found = await _read_feed(room, link.url, answer.body, kind, answer.url_final)
        except PulseError:
            continue
        others = tuple(other.url for other in links if other is not link and other.found != "guessed")
        return replace(found, other_feeds=others)
    raise NoFeedFound(f"{url} is no feed, and its page names none that can be read")


async def _read_feed(room: NewsRoom, url: str, body: bytes, content_type: str | None, base: str) -> Found:
    feed = await parse_feed_async(body, content_type=content_type, url=base, now=room.clock())
    return Found(url, feed.title or urlsplit(url).hostname or url, feed.home_url, feed.language)


async def add_source(
    room: NewsRoom, tenant: TenantId, *, url: str, niche: str, title: str | None = None, full_text: FullText = "auto"
) -> tuple[Source, Sequence[str]]:
    """Find and add a source; return it, and the other feeds its site names.

    Raises `FetchError`, `NoFeedFound`, `UnknownNiche`, `SourceExists`.
    """
    found = await find_source(room, url)
    async with room.database.transaction(tenant) as tx:
        source = await create_source(room, tx, found, niche=niche, title=title, full_text=full_text)
    return source, found.other_feeds


async def create_source(
    room: NewsRoom, tx: Transaction, found: Found, *, niche: str, title: str | None = None, full_text: FullText = "auto"
) -> Source:
    """Add a source that was found. Raises `UnknownNiche`, `SourceExists`."""
    await get_niche(tx, niche)
    source = _source(room, niche, found.url, title or found.title, found.home_url, found.language, full_text)
    if not await store.sources.insert(tx, [source], room.clock()):
        raise SourceExists(f"{niche!r} has {found.url} already")
    return source


def _source(
    room: NewsRoom,
    niche: str,
    url: str,
    title: str,
    home_url: str | None,
    language: str | None = None,
    full_text: FullText = "auto",
) -> Source:
    now = room.clock()
    return Source(
        id=new_id(),
        niche=niche,
        url=url,
        title=title[:300],
        home_url=home_url,
        language=language,
        full_text=full_text,
        authority=AUTHORITY,
        paused=False,
        state="new",
        last_error=None,
        failures=0,
        interval_seconds=room.settings.min_interval_seconds,
        last_polled_at=None,
        next_poll_at=now,
    )


async def get_source(tx: Transaction, source_id: UUID) -> Source:
    """Return one source. Raises `UnknownSource`."""
    source = await store.sources.source(tx, source_id)
    if source is None:
        raise UnknownSource(f"there is no source {source_id}")
    return source


async def change_source(room: NewsRoom, tenant: TenantId, source_id: UUID, changes: dict[str, Any]) -> Source:
    """Set paused, full_text, authority or title. A source that is resumed is polled soon. Raises `UnknownSource`."""
    async with room.database.transaction(tenant) as tx:
        source = await get_source(tx, source_id)
        if changes.get("paused") is False and source.paused:
            changes = {**changes, "next_poll_at": room.clock()}
        await store.sources.change(tx, source_id, changes)
        if changes.get("authority", source.authority) != source.authority:
            await room.bus.enqueue(tx, RESCORE, {"niche": source.niche}, key=f"rescore/{source.niche}")
        return await get_source(tx, source_id)


async def remove_source(room: NewsRoom, tenant: TenantId, source_id: UUID) -> None:
    """Stop polling a source for good; its articles stay. Raises `UnknownSource`."""
    async with room.database.transaction(tenant) as tx:
        if not await store.sources.delete(tx, source_id, room.clock()):
            raise UnknownSource(f"there is no source {source_id}")


async def poll_soon(room: NewsRoom, tx: Transaction, source_id: UUID) -> Source:
    """Make a source due; the next poll cycle, some seconds away, asks it, also when it was paused for being gone.

    Raises `UnknownSource`.
    """
    await get_source(tx, source_id)
    await store.sources.change(tx, source_id, {"next_poll_at": room.clock(), "paused": False})
    return await get_source(tx, source_id)


async def source_ids(room: NewsRoom, tenant: TenantId, niches: Collection[str]) -> list[UUID]:
    """Return the sources of some niches that are not paused, for one pass over them."""
    async with room.database.transaction(tenant) as tx:
        listed = await store.sources.listed(tx)
    return [source.id for source in listed if source.niche in niches and not source.paused]


async def import_opml(room: NewsRoom, tenant: TenantId, niche: str, document: bytes) -> dict[str, Any]:
    """Add the feeds of an OPML document without asking them yet. Raises `UnknownNiche` and what `parse_opml` raises."""
    async with room.database.transaction(tenant) as tx:
        return await import_into(room, tx, niche, document)


async def import_into(room: NewsRoom, tx: Transaction, niche: str, document: bytes) -> dict[str, Any]:
    """Add the feeds of an OPML document: {"added", "known", "errors"}; errors: why, by what is no address."""
    await get_niche(tx, niche)
    sources: dict[str, Source] = {}
    errors: dict[str, str] = {}
    for outline in parse_opml(document):
        try:
            parse_target(outline.url)
        except PulseError as error:
            errors[outline.url] = error.message
            continue
        title = outline.title or urlsplit(outline.url).hostname or outline.url
        sources.setdefault(outline.url, _source(room, niche, outline.url, title, outline.home_url))
    added = await store.sources.insert(tx, list(sources.values()), room.clock())
    return {"added": len(added), "known": len(sources) - len(added), "errors": errors}


async def export_opml(room: NewsRoom, tenant: TenantId, niche: str | None = None) -> bytes:
    """Return the sources of a niche, or all, as OPML. Raises `UnknownNiche`."""
    sources = await list_sources(room, tenant, niche)
    outlines = [Outline(url=source.url, title=source.title, home_url=source.home_url) for source in sources]
    return write_opml(outlines, title=f"Pulse: {niche}" if niche else "Pulse")
