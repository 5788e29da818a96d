"""Killed at any moment, polling loses nothing and stores nothing twice."""

import asyncio
import random
import sys
from collections import Counter
from uuid import UUID

import pytest
from aiohttp import web

from pulse.news.room import NewsRoom
from pulse.storage.engine import Database
from tests.integration.news.conftest import Site, events, item, rss
from tests.integration.news.sources import niche, rows, source, unlike

FEEDS, ENTRIES, KILLS = 12, 10, 4


async def run(database_url: str, hours: float, seconds: float | None) -> bool:
    """Poll in a process of its own, and kill it after some seconds; return whether it came to its end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.news.polling", database_url, str(hours), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"go\n"
    if seconds is not None:
        await asyncio.sleep(seconds)
        if process.returncode is None:
            process.kill()
    ended = b"done" in await process.stdout.read()
    await process.wait()
    return ended


@pytest.mark.slow
async def test_nothing_is_lost_or_doubled_by_kills(
    room: NewsRoom, site: Site, database: Database, database_url: str
) -> None:
    chance = random.Random(11)
    await niche(room)
    for number in range(FEEDS):
        document = rss(
            *(
                item(f"{number}-{n}", link=f"https://a.example/{number}/{n}", text=unlike(number * ENTRIES + n))
                for n in range(ENTRIES)
            )
        )

        async def answer(_request: web.Request, document: str = document) -> web.Response:
            await asyncio.sleep(chance.uniform(0, 0.1))
            return web.Response(text=document)

        site.documents[f"/{number}"] = answer
        await source(room, site.url(f"/{number}"), title=str(number))
    ends = [await run(database_url, hours, chance.uniform(0, 0.7)) for hours in range(1, KILLS + 1)]
    # The leases of the killed have ended; sources that were read are due again in a day at the latest.
    assert await run(database_url, KILLS + 2, None)
    assert await run(database_url, KILLS + 60, None)
    assert ends.count(False) >= KILLS // 2

    articles = await rows(database, "SELECT id, story_id, source_id FROM news.articles")
    assert len(articles) == FEEDS * ENTRIES
    logged = [UUID(one) for event in await events(database) for ids in event["articles"].values() for one in ids]
    assert Counter(logged) == Counter(article["id"] for article in articles)
    told = {UUID(one) for event in await events(database) for one in event["stories"]}
    assert told == {article["story_id"] for article in articles}
    [counts] = await rows(database, "SELECT articles, stories FROM news.niches")
    assert (counts["articles"], counts["stories"]) == (len(articles), len(told))
    by_source = Counter(article["source_id"] for article in articles)
    sources = await rows(database, "SELECT id, articles, state, poll_lease_until FROM news.sources")
    assert {one["id"]: one["articles"] for one in sources} == by_source
    assert {one["state"] for one in sources} == {"ok"}
    assert {one["poll_lease_until"] for one in sources} == {None}
    folded = await rows(database, "SELECT sum(article_count) AS n FROM news.stories")
    assert folded[0]["n"] == len(articles)
