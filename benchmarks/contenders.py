"""The three ways of taking in feeds that are compared, each run in a process of its own.

`python -m benchmarks.contenders NAME BASE_URL FEEDS DATABASE_URL POSTMASTER_PID` prints one JSON line.
"""

import asyncio
import contextlib
import logging
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
import orjson
import uvloop

from benchmarks import processor
from pulse.bus.bus import Bus
from pulse.fetch.fetcher import Fetcher
from pulse.kernel.ids import new_id
from pulse.kernel.tenant import DEFAULT_TENANT
from pulse.news import store
from pulse.news.handlers.niches import add_niche
from pulse.news.models import Source
from pulse.news.poll import poll_due
from pulse.news.room import NewsRoom
from pulse.news.service import service
from pulse.settings import BusSettings, FetchSettings, NewsSettings, StorageSettings
from pulse.storage.engine import APP_ROLE, DISPATCHER_ROLE, open_database

_AT_ONCE = 100


@dataclass
class Measured:
    """One cycle."""

    articles: int = 0
    wall: float = 0.0
    cpu: float = 0.0
    """Of the contender's process."""
    database_cpu: float = 0.0


@dataclass
class Result:
    """Both cycles of one contender, and the largest resident size of its process in bytes."""

    cold: Measured = field(default_factory=Measured)
    unchanged: Measured = field(default_factory=Measured)
    peak_memory: int = 0
    counts: dict[str, int] = field(default_factory=dict)


@contextmanager
def measured(postmaster: int) -> Iterator[Measured]:
    """Fill a measurement with what the block takes."""
    result = Measured()
    own, server, wall = processor.own(), processor.of_server(postmaster), time.perf_counter()
    yield result
    result.wall = time.perf_counter() - wall
    result.cpu = processor.own() - own
    result.database_cpu = processor.of_server(postmaster) - server


@asynccontextmanager
async def _room(url: str) -> AsyncIterator[NewsRoom]:
    storage = StorageSettings()
    database = open_database(url, storage, APP_ROLE)
    dispatcher = open_database(url, storage, DISPATCHER_ROLE, json_objects=False)
    async with Fetcher(FetchSettings(allow_hosts="127.0.0.1", per_host=_AT_ONCE)) as fetcher:
        room = NewsRoom(
            database=database,
            bus=Bus(database, dispatcher, BusSettings()),
            fetcher=fetcher,
            settings=NewsSettings(batch_sources=_AT_ONCE),
        )
        room.bus.declare(service(room).bus, serve=False)
        yield room
    await dispatcher.close()
    await database.close()


async def pulse(base: str, feeds: int, url: str, postmaster: int) -> Result:
    """Pulse: the real poll cycle, with near-duplicates, stories, scores and events."""
    result = Result()
    async with _room(url) as room:
        await add_niche(room, DEFAULT_TENANT, name="technology", keywords=["software", "network", "energy"])
        now = room.clock()
        sources = [
            Source(
                id=new_id(), niche="technology", url=f"{base}/{number}.xml", title=f"Feed {number}", home_url=None,
                language=None, full_text="auto", authority=0.5, paused=False, state="new", last_error=None, failures=0,
                interval_seconds=300, last_polled_at=None, next_poll_at=now,
            )
            for number in range(feeds)
        ]  # fmt: skip
        async with room.database.transaction(DEFAULT_TENANT) as tx:
            ids = list(await store.sources.insert(tx, sources, now))
        del sources
        with measured(postmaster) as result.cold:
            cold = await poll_due(room, DEFAULT_TENANT)
        result.cold.articles = cold.stored
        with measured(postmaster) as result.unchanged:
            again = await poll_due(room, DEFAULT_TENANT, sources=ids)
        result.unchanged.articles = again.unchanged
        result.counts = {"discovered": cold.discovered, "stored": cold.stored} | await _counts(room)
        result.counts |= {"failed": cold.failed + again.failed, "new_in_second_cycle": again.discovered}
    result.peak_memory = processor.peak_memory()
    return result


async def _counts(room: NewsRoom) -> dict[str, int]:
    async with room.database.transaction(DEFAULT_TENANT) as tx:
        return {
            "in_table": await tx.scalar("SELECT count(*) FROM news.articles"),
            "stories": await tx.scalar("SELECT count(*) FROM news.stories"),
            "in_log": await tx.scalar(
                """SELECT count(DISTINCT article) FROM bus.events, jsonb_each(data -> 'articles') AS source (id, list),
                   jsonb_array_elements_text(list) AS article WHERE name = 'news.fetched'"""
            ),
        }


async def raw(base: str, feeds: int, url: str, postmaster: int) -> Result:
    """The least that can be done: aiohttp, fastfeedparser, COPY into a table with a primary key.

    The texts are stored as the feeds gave them, markup and all.
    """
    import fastfeedparser

    def read(number: int, body: bytes) -> list[tuple[Any, ...]]:
        return [
            (number, entry["id"], entry["link"], entry["title"], entry["description"], entry["published"])
            for entry in fastfeedparser.parse(body).entries
        ]

    table = """CREATE TABLE entries (feed integer, guid text, link text, title text, content text, published text,
               PRIMARY KEY (feed, guid))"""
    return await _by_hand(base, feeds, url, postmaster, table, read)


async def careful(base: str, feeds: int, url: str, postmaster: int) -> Result:
    """The same with Pulse's own parser (any bytes, plain text, real dates) and a unique key for guid, page and text."""
    from pulse.news.dedupe import Keys, text_hash
    from pulse.news.feeds import canonical_url, parse_feed

    keys, ids = Keys("technology"), [new_id() for _ in range(feeds)]

    def read(number: int, body: bytes) -> list[tuple[Any, ...]]:
        rows = []
        for entry in parse_feed(body, url=base).entries:
            text = text_hash(entry.title, entry.text)
            page = keys.of_url(canonical_url(entry.url or ""))
            known = keys.of_guid(ids[number], entry.id), page, keys.of_text(ids[number], text)
            rows.append((*known, entry.url, entry.title, entry.text, entry.published))
        return rows

    table = """CREATE TABLE entries (guid uuid PRIMARY KEY, page uuid UNIQUE, words uuid UNIQUE, link text, title text,
               content text, published timestamptz)"""
    return await _by_hand(base, feeds, url, postmaster, table, read)


async def _by_hand(
    base: str, feeds: int, url: str, postmaster: int, table: str, read: Callable[[int, bytes], list[tuple[Any, ...]]]
) -> Result:
    result = Result()
    connection = await asyncpg.connect(url)
    await connection.execute(table)
    tags: dict[int, str] = {}
    async with aiohttp.ClientSession() as session:

        async def fetch(number: int) -> list[tuple[Any, ...]]:
            headers = {"If-None-Match": tags[number]} if number in tags else {}
            async with session.get(f"{base}/{number}.xml", headers=headers) as answer:
                body = await answer.read()
                if answer.status == 304:
                    return []
                tags[number] = answer.headers["ETag"]
            return read(number, body)

        async def cycle() -> int:
            stored = 0
            for start in range(0, feeds, _AT_ONCE):
                found = await asyncio.gather(*(fetch(number) for number in range(start, min(start + _AT_ONCE, feeds))))
                rows = [row for rows in found for row in rows]
                if rows:
                    await connection.copy_records_to_table("entries", records=rows)
                stored += len(rows)
            return stored

        with measured(postmaster) as result.cold:
            result.cold.articles = await cycle()
        with measured(postmaster) as result.unchanged:
            await cycle()
        result.unchanged.articles = feeds
    await connection.close()
    result.peak_memory = processor.peak_memory()
    return result


def reader(base: str, feeds: int, url: str, postmaster: int) -> Result:
    """lemon24/reader: requests, feedparser, SQLite."""
    import feedparser_sgmllib

    # reader's own copy of feedparser wants the module under its old name.
    sys.modules.setdefault("sgmllib", feedparser_sgmllib)
    from reader import make_reader

    result = Result()
    with tempfile.TemporaryDirectory() as folder:
        library = make_reader(str(Path(folder) / "reader.sqlite"))
        for number in range(feeds):
            library.add_feed(f"{base}/{number}.xml")
        with measured(postmaster) as result.cold:
            library.update_feeds(workers=10)
        result.cold.articles = library.get_entry_counts().total or 0
        with measured(postmaster) as result.unchanged:
            library.update_feeds(workers=10, scheduled=False)
        result.unchanged.articles = feeds
        library.close()
    result.peak_memory = processor.peak_memory()
    return result


CONTENDERS: dict[str, Callable[..., Any]] = {"raw": raw, "careful": careful, "pulse": pulse, "reader": reader}

if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    logging.getLogger("reader").setLevel(logging.ERROR)
    name, base, feeds, url, postmaster = sys.argv[1:6]
    work = CONTENDERS[name](base, int(feeds), url, int(postmaster))
    with contextlib.suppress(KeyboardInterrupt):
        result = uvloop.run(work) if asyncio.iscoroutine(work) else work
        print(orjson.dumps(result).decode(), flush=True)
