"""The demo's web server: every newsroom of the corpus on one loopback address, with the manners of real sites.

Feeds and pages answer conditional requests by ETag and Last-Modified; one feed has moved, one is slow, one is broken.
`python -m pulse.demo.server` runs it by hand.
"""

import argparse
import asyncio
import hashlib
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from time import monotonic
from types import TracebackType
from typing import NamedTuple

from aiohttp import web

from pulse.demo.corpus import Feed, load
from pulse.demo.render import Newsstand
from pulse.kernel.clock import utc_now

CONTENT_TYPES = {
    "rss": "application/rss+xml",
    "rdf": "application/rdf+xml",
    "atom": "application/atom+xml",
    "json": "application/feed+json",
}
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class DemoFeed(NamedTuple):
    """A feed to subscribe to. `full_text`: its entries are summaries, so the articles must be read from their pages."""

    name: str
    url: str
    niche: str
    full_text: bool


class DemoSite:
    """The running server: `async with DemoSite() as site: …`.

    `port` 0 takes a free one. Published times count back from `now` (default: the moment of construction).
    `slow_seconds` is how long the slow feed takes to answer. `requests` counts what was asked for by path, `answers`
    by path and status.
    """

    def __init__(self, port: int = 0, now: datetime | None = None, slow_seconds: float = 1.5) -> None:
        self.requests: Counter[str] = Counter()
        self.answers: Counter[tuple[str, int]] = Counter()
        self._port = port
        self._slow_seconds = slow_seconds
        self._started = monotonic()
        self._stand = Newsstand(load(), "", now or utc_now())
        self._runner: web.AppRunner | None = None

    async def __aenter__(self) -> "DemoSite":
        """Start listening on 127.0.0.1. Raises `OSError` when the port is taken."""
        application = web.Application(middlewares=[self._count])
        for source in self._stand.corpus.sources:
            for feed in source.feeds:
                application.router.add_get(f"/{source.slug}/{feed.path}", self._feed_handler(feed))
                if feed.alias:
                    application.router.add_get(f"/{source.slug}/{feed.alias}", self._moved(feed))
        application.router.add_get("/", self._index)
        application.router.add_get("/opml.xml", self._subscriptions)
        application.router.add_get("/robots.txt", self._robots)
        application.router.add_get("/{source}/", self._front_page)
        application.router.add_get("/{source}/{page}", self._page)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=1)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, "127.0.0.1", self._port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        self._stand = replace(self._stand, url=f"http://127.0.0.1:{self._runner.addresses[0][1]}")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening and end open connections within a second."""
        if self._runner is not None:
            await self._runner.cleanup()

    @property
    def url(self) -> str:
        """The address of the server, without a slash at its end."""
        return self._stand.url

    @property
    def feeds(self) -> list[DemoFeed]:
        """Every feed, the failing one too."""
        stand = self._stand
        return [
            DemoFeed(stand.feed_name(feed), stand.feed_url(feed), feed.niche, feed.content == "summary")
            for source in stand.corpus.sources
            for feed in source.feeds
        ]

    @property
    def discovery_url(self) -> str:
        """A home page whose feed is found by its `<link rel=alternate>`; it has one feed."""
        return f"{self.url}/kiln/"

    def opml(self) -> bytes:
        """Return the subscription list of all feeds, grouped by niche."""
        return self._stand.opml()

    def publish_correction(self) -> list[str]:
        """Replace corrected articles by their second version, in feeds and pages; return their addresses.

        Only the first call changes anything.
        """
        if self._stand.corrected_at is None:
            elapsed = timedelta(seconds=monotonic() - self._started)
            self._stand = replace(self._stand, corrected_at=self._stand.now + elapsed)
        return [self.url + article.path for article in self._stand.corpus.articles if article.correction]

    @web.middleware
    async def _count(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.requests[request.path] += 1
        try:
            response = await handler(request)
        except web.HTTPException as error:
            self.answers[request.path, error.status] += 1
            raise
        self.answers[request.path, response.status] += 1
        return response

    def _feed_handler(self, feed: Feed) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            if feed.answer == "failing":
                raise web.HTTPInternalServerError(text="<h1>Internal Server Error</h1>", content_type="text/html")
            if feed.answer == "slow":
                await asyncio.sleep(self._slow_seconds)
            modified = max(entry.updated for entry in self._stand.entries(feed))
            # A charset in the header would overrule the XML declaration, which is where odd encodings are announced.
            return _conditional(request, self._stand.feed(feed), CONTENT_TYPES[feed.format], modified)

        return answer

    def _moved(self, feed: Feed) -> Handler:
        async def answer(request: web.Request) -> web.StreamResponse:
            raise web.HTTPMovedPermanently(f"/{feed.source}/{feed.path}")

        return answer

    async def _page(self, request: web.Request) -> web.StreamResponse:
        for article in self._stand.corpus.articles:
            if article.path == request.path:
                modified = self._stand.entry(article).updated
                return _conditional(request, self._stand.page(article), "text/html; charset=utf-8", modified)
        raise web.HTTPNotFound

    async def _front_page(self, request: web.Request) -> web.StreamResponse:
        for source in self._stand.corpus.sources:
            if source.slug == request.match_info["source"]:
                return web.Response(body=self._stand.front_page(source), content_type="text/html", charset="utf-8")
        raise web.HTTPNotFound

    async def _index(self, request: web.Request) -> web.StreamResponse:
        links = "".join(f'<li><a href="/{one.slug}/">{one.name}</a>' for one in self._stand.corpus.sources)
        return web.Response(
            text=f"<!doctype html><title>Demo newsrooms</title><ul>{links}</ul>", content_type="text/html"
        )

    async def _subscriptions(self, request: web.Request) -> web.StreamResponse:
        return web.Response(body=self.opml(), content_type="text/x-opml")

    async def _robots(self, request: web.Request) -> web.StreamResponse:
        return web.Response(text="User-agent: *\nAllow: /\n")


def _conditional(request: web.Request, body: bytes, content_type: str, modified: datetime) -> web.Response:
    tag = hashlib.sha256(body).hexdigest()[:16]
    response = web.Response(headers={"Cache-Control": "max-age=60"})
    response.etag = tag
    response.last_modified = modified
    if request.if_none_match is not None:
        unchanged = any(candidate.value in (tag, "*") for candidate in request.if_none_match)
    else:
        since = request.if_modified_since
        unchanged = since is not None and modified <= since
    if unchanged:
        response.set_status(304)
        return response
    response.headers["Content-Type"] = content_type
    response.body = body
    response.enable_compression()
    return response


async def _serve(port: int) -> None:
    async with DemoSite(port) as site:
        print(f"{site.url}/  (subscription list: {site.url}/opml.xml; Ctrl-C ends)", flush=True)
        for feed in site.feeds:
            print(f"  {feed.niche:<11} {feed.name:<34} {feed.url}", flush=True)
        await asyncio.Event().wait()


def main() -> None:
    """Serve the demo world until interrupted."""
    parser = argparse.ArgumentParser(description="Serve the demo's newsrooms on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=0, help="port to listen on; 0 takes a free one")
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(parser.parse_args().port))


if __name__ == "__main__":
    main()
