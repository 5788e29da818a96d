"""Short ways to say what the tests of the news room need."""

from typing import Any

from pulse.kernel.tenant import DEFAULT_TENANT
from pulse.news.handlers import add_niche, list_sources
from pulse.news.handlers.sources import Found, create_source
from pulse.news.models import FullText, Source
from pulse.news.room import NewsRoom
from pulse.storage.engine import Database
from tests.integration.news.conftest import TEXT


async def niche(room: NewsRoom, name: str = "technology", keywords: tuple[str, ...] = ()) -> None:
    """Make a niche."""
    await add_niche(room, DEFAULT_TENANT, name=name, keywords=keywords)


async def source(
    room: NewsRoom, url: str, *, name: str = "technology", full_text: FullText = "never", title: str = "A feed"
) -> Source:
    """Add a source without asking it."""
    async with room.database.transaction(DEFAULT_TENANT) as tx:
        return await create_source(room, tx, Found(url, title, None, None), niche=name, full_text=full_text)


async def rows(database: Database, sql: str, **parameters: Any) -> list[dict[str, Any]]:
    """Run one statement and return its rows."""
    async with database.transaction(DEFAULT_TENANT) as tx:
        return [dict(row) for row in await tx.rows(sql, **parameters)]


async def only(room: NewsRoom) -> Source:
    """Return the first source."""
    return (await list_sources(room, DEFAULT_TENANT))[0]


def unlike(number: int) -> str:
    """Return a text that shares nothing with the others."""
    return " ".join(f"{word}{number}q{place}" for place, word in enumerate(TEXT.split()))
