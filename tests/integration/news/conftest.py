"""A news room on the real database, and a web server whose documents each test writes."""

import inspect
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any
from xml.sax.saxutils import escape

import pytest
from aiohttp import web

from pulse.bus.bus import Bus
from pulse.fetch.fetcher import Fetcher
from pulse.kernel.clock import utc_now
from pulse.kernel.tenant import DEFAULT_TENANT
from pulse.news.room import NewsRoom
from pulse.news.service import service
from pulse.settings import FetchSettings, NewsSettings
from pulse.storage.engine import Database

TEXT = (
    "The council of Varnhem decided on Monday to plant four hundred trees along the northern ring road. "
    "The work begins in October and is to be finished before the winter, said the mayor, Ilse Brandt. "
    "Residents had asked for shade since the hot summer two years ago, when the road was measured at fifty degrees. "
    "The trees cost half a million crowns, of which the region pays a third. Opponents had wanted parking spaces. "
)


@dataclass
class Site:
    """A web server on loopback: what it answers is in `documents`, what it was asked in `requests`."""

    base: str = ""
    documents: dict[str, Any] = field(default_factory=dict)
    requests: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def url(self, path: str) -> str:
        """Return the address of a document."""
        return self.base + path

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer with what the test put there."""
        self.requests.append((request.path, dict(request.headers)))
        document = self.documents.get(request.path)
        if document is None:
            return web.Response(status=404)
        if callable(document):
            made = document(request)
            answer: web.StreamResponse = await made if inspect.isawaitable(made) else made
            return answer
        if isinstance(document, bytes):
            return web.Response(body=document, content_type="application/octet-stream")
        kind = "text/html" if "<html" in document else "application/rss+xml"
        return web.Response(text=document, content_type=kind)


def item(
    title: str,
    *,
    link: str = "",
    guid: str | None = None,
    text: str = TEXT,
    published: datetime | None = None,
) -> str:
    """Return an RSS item."""
    moment = f"<pubDate>{format_datetime(published)}</pubDate>" if published else ""
    return (
        f"<item><title>{escape(title)}</title><link>{escape(link)}</link>"
        f"<guid isPermaLink='false'>{escape(guid or link)}</guid>"
        f"<description>{escape(text)}</description>{moment}</item>"
    )


def rss(*items: str, title: str = "A feed", language: str = "en", head: str = "") -> str:
    """Return an RSS document."""
    return (
        f"<?xml version='1.0'?><rss version='2.0'><channel><title>{title}</title><link>https://feed.example/</link>"
        f"<language>{language}</language>{head}{''.join(items)}</channel></rss>"
    )


@dataclass
class Time:
    """A clock that tests turn."""

    now: datetime = field(default_factory=utc_now)

    def __call__(self) -> datetime:
        """Return what time it is said to be."""
        return self.now

    def advance(self, **delta: float) -> None:
        """Let time pass."""
        self.now += timedelta(**delta)


@pytest.fixture
def clock() -> Time:
    """Give a clock that stands at the real time until a test turns it."""
    return Time()


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    """Serve documents on loopback."""
    site = Site()
    application = web.Application()
    application.router.add_get("/{path:.*}", site.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    listener = web.TCPSite(runner, "127.0.0.1", 0)
    await listener.start()
    site.base = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield site
    await runner.cleanup()


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    """Give a fetcher that may talk to loopback."""
    async with Fetcher(FetchSettings(allow_hosts="127.0.0.1,localhost", timeout_seconds=5)) as fetcher:
        yield fetcher


@pytest.fixture
async def room(database: Database, bus: Bus, fetcher: Fetcher, clock: Time) -> NewsRoom:
    """Give the news room, declared to the bus and served by it."""
    room = NewsRoom(database=database, bus=bus, fetcher=fetcher, settings=NewsSettings(), clock=clock)
    bus.declare(service(room).bus, serve=True)
    return room


async def events(database: Database, name: str = "news.fetched") -> list[dict[str, Any]]:
    """Return the data of all events of one kind."""
    async with database.transaction(DEFAULT_TENANT) as tx:
        rows = await tx.rows("SELECT data FROM bus.events WHERE name = :name ORDER BY position", name=name)
    return [row["data"] for row in rows]


__all__ = ["TEXT", "UTC", "Site", "Time", "events", "item", "rss"]
