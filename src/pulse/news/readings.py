"""What one poll of one source comes to: its entries, and the source's new state. Decides; asks nobody."""

import asyncio
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal
from uuid import UUID

from pulse.fetch.response import Response
from pulse.kernel.errors import PulseError
from pulse.news import intervals
from pulse.news.arrivals import Arrival, arrivals
from pulse.news.feeds import Feed, parse_feed, parse_feed_async
from pulse.news.store.sources import Claimed, Polled
from pulse.settings import NewsSettings

ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.5"
)
Outcome = Literal["changed", "unchanged", "failed", "gone"]
_LARGE = 100_000
"""Bytes of a body that is parsed in a thread, so that nobody waits for it."""

_BY_ITSELF = "Pulse asks again by itself, less often each time."
_STATUS: dict[int, tuple[str, str]] = {
    401: ("wants a password", "Put user and password into the address, as https://user:password@host/…"),
    403: (
        "refuses to answer Pulse",
        "The site may keep programs out; open the address in a browser, or ask its owner.",
    ),
    404: ("has nothing at this address", "Look for the feed's new address on its site, and add it as a new source."),
    410: (
        "says that the feed is gone for good",
        "Pulse has stopped asking. Remove the source, or resume it if that was a mistake.",
    ),
    429: ("asks for fewer requests", "Nothing is to be done: Pulse waits as long as the server wants."),
}


@dataclass(frozen=True, slots=True)
class Reading:
    """The outcome of one poll."""

    source: Claimed
    outcome: Outcome
    state: Polled
    started_ns: int
    """When its fetch began, in Unix nanoseconds."""
    arrivals: list[Arrival] = field(default_factory=list)

    def counted(self, new_articles: int) -> Polled:
        """Return the state with the number of articles that turned out to be new."""
        return replace(self.state, new_articles=new_articles) if new_articles else self.state


def conditions(source: Claimed) -> dict[str, str]:
    """Return the headers that ask for the feed only if it has changed."""
    headers = {"If-None-Match": source.etag or "", "If-Modified-Since": source.last_modified or ""}
    return {name: value for name, value in headers.items() if value}


async def read(source: Claimed, response: Response, now: datetime, settings: NewsSettings, started_ns: int) -> Reading:
    """Understand an answer."""
    if response.status == 304:
        return _unchanged(source, response, source.body_hash, now, settings, started_ns)
    if not 200 <= response.status < 300:
        return _refused(source, response, now, settings, started_ns)
    body_hash = UUID(bytes=hashlib.blake2b(response.body, digest_size=16).digest())
    if body_hash == source.body_hash:
        return _unchanged(source, response, body_hash, now, settings, started_ns)
    content_type = response.headers.get("Content-Type")
    try:
        if len(response.body) > _LARGE:
            feed, found = await asyncio.to_thread(_parse, source, response, content_type, now)
        else:
            feed = await parse_feed_async(response.body, content_type=content_type, url=response.url_final, now=now)
            found = arrivals(source, feed, now)
    except PulseError as error:
        return failed(source, error, now, settings, started_ns, headers=response.headers)
    published = [arrival.published for arrival in found]
    interval = intervals.interval_after_news(published, now, source.interval_seconds, settings)
    ttl = feed.every.total_seconds() if feed.every else None
    state = _good(source, response, body_hash, interval, ttl, now, settings)
    named = source.title and source.title != source.url
    state = replace(
        state,
        title=source.title if named else feed.title or source.url,
        home_url=source.home_url or feed.home_url,
        language=source.language or feed.language,
    )
    return Reading(source, "changed", state, started_ns, found)


def _parse(source: Claimed, response: Response, content_type: str | None, now: datetime) -> tuple[Feed, list[Arrival]]:
    feed = parse_feed(response.body, content_type=content_type, url=response.url_final, now=now)
    return feed, arrivals(source, feed, now)


def _unchanged(
    source: Claimed, response: Response, body_hash: UUID | None, now: datetime, settings: NewsSettings, started_ns: int
) -> Reading:
    interval = intervals.interval_without_news(source.interval_seconds, settings)
    state = _good(source, response, body_hash, interval, None, now, settings)
    return Reading(source, "unchanged", state, started_ns)


def _good(
    source: Claimed,
    response: Response,
    body_hash: UUID | None,
    interval: float,
    ttl: float | None,
    now: datetime,
    settings: NewsSettings,
) -> Polled:
    asked = intervals.asked_for(response.headers, ttl, now, settings, succeeded=True)
    etag, last_modified = _validator(response.headers, "ETag"), _validator(response.headers, "Last-Modified")
    if response.status == 304:
        etag, last_modified = etag or source.etag, last_modified or source.last_modified
    return Polled(
        id=source.id,
        url=response.moved_to or source.url,
        title=source.title,
        home_url=source.home_url,
        language=source.language,
        state="ok",
        paused=False,
        last_error=None,
        failures=0,
        interval_seconds=interval,
        last_polled_at=now,
        next_poll_at=intervals.next_poll(now, interval, asked, _spread(source)),
        etag=etag,
        last_modified=last_modified,
        body_hash=body_hash,
        new_articles=0,
    )


def failed(
    source: Claimed,
    error: PulseError,
    now: datetime,
    settings: NewsSettings,
    started_ns: int,
    *,
    headers: Mapping[str, str] | None = None,
) -> Reading:
    """Return the reading of a source that could not be read, and say why in words."""
    return _trouble(source, error.message, error.next_step, now, settings, started_ns, headers or {})


def _refused(source: Claimed, response: Response, now: datetime, settings: NewsSettings, started_ns: int) -> Reading:
    status = response.status
    what, step = _STATUS.get(
        status, ("has a failure of its own" if status >= 500 else "does not give the feed", _BY_ITSELF)
    )
    message = f"{response.url_final} {what} (HTTP {status})"
    reading = _trouble(source, message, step, now, settings, started_ns, response.headers)
    if status == 410:
        return replace(reading, outcome="gone", state=replace(reading.state, paused=True))
    return reading


def _trouble(
    source: Claimed,
    message: str,
    step: str,
    now: datetime,
    settings: NewsSettings,
    started_ns: int,
    headers: Mapping[str, str],
) -> Reading:
    failures = source.failures + 1
    pause = intervals.interval_after_failure(failures, settings)
    asked = intervals.asked_for(headers, None, now, settings, succeeded=False)
    state = Polled(
        id=source.id,
        url=source.url,
        title=source.title,
        home_url=source.home_url,
        language=source.language,
        state="failing",
        paused=False,
        last_error=f"{message.rstrip('.')}. {step}"[:1_000],
        failures=failures,
        interval_seconds=source.interval_seconds,
        last_polled_at=now,
        next_poll_at=intervals.next_poll(now, pause, asked, _spread(source)),
        etag=source.etag,
        last_modified=source.last_modified,
        body_hash=source.body_hash,
        new_articles=0,
    )
    return Reading(source, "failed", state, started_ns)


def _spread(source: Claimed) -> float:
    return (source.id.int & 0xFFFF) / 0xFFFF


def _validator(headers: Mapping[str, str], name: str) -> str | None:
    """Return a validator that can be sent back as it came."""
    value = headers.get(name) or ""
    return value if value.isascii() and value.isprintable() and 0 < len(value) <= 500 else None
