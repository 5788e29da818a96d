"""The demo's small world of feeds, served from a thread for tests that drive Pulse as processes."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from pulse.demo.server import DemoSite


@dataclass(frozen=True)
class Feeds:
    """Where the feeds are."""

    url: str
    host: str
    opml: bytes
    by_niche: dict[str, list[str]]
    site: DemoSite


@contextmanager
def serving() -> Iterator[Feeds]:
    """Serve the demo's feeds on loopback."""
    ready = threading.Event()
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    found: list[Feeds] = []

    async def serve() -> None:
        async with DemoSite(port=0, slow_seconds=0.1) as site:
            by_niche: dict[str, list[str]] = {}
            for feed in site.feeds:
                by_niche.setdefault(feed.niche, []).append(feed.url)
            found.append(Feeds(site.url, site.url.removeprefix("http://"), site.opml(), by_niche, site))
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield found[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()
