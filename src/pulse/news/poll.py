"""The poll cycle: claim what is due (transaction), ask and read (network, no transaction), take in (transaction).

Killed anywhere, it has either stored what a source brought, with keys, stories, event and the source's new state, or
nothing of it; then the lease ends and the source is asked again.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit
from uuid import UUID

from opentelemetry import trace

from pulse.fetch.errors import FetchError
from pulse.kernel.errors import PulseError
from pulse.kernel.tenant import TenantId
from pulse.news import readings, store
from pulse.news.collector import calm_collector
from pulse.news.errors import NotStorable
from pulse.news.intake import Taken, take_in
from pulse.news.readings import Reading
from pulse.news.room import NewsRoom
from pulse.news.store.sources import Claimed
from pulse.storage.engine import BAD_VALUE
from pulse.telemetry import metrics
from pulse.telemetry.tracing import tracer

LEASE = timedelta(minutes=5)
"""How long a process that died keeps its sources from the others."""
_PATIENCE = LEASE.total_seconds() - 60
"""Seconds a source may take with all its waiting; what a busy host did not answer by then is given back."""
_GATHER = 1.5
"""Seconds after which what has arrived is stored, so that a slow server does not hold up the others' news."""

_UNFIT: tuple[type[Exception], ...] = (*BAD_VALUE, ValueError)
"""What comes of values that no row can hold."""

_logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SourceFailure:
    """A source that could not be read, and why in words."""

    source: UUID
    url: str
    error: str


@dataclass(slots=True)
class PollReport:
    """What one call of `poll_due` did."""

    sources: int = 0
    """Polled, with or without success."""
    changed: int = 0
    unchanged: int = 0
    failed: int = 0
    discovered: int = 0
    """Articles that were not known before."""
    stored: int = 0
    """Rows that went into the database; equals `discovered`."""
    known: int = 0
    """Entries seen before."""
    revised: int = 0
    stories: int = 0
    """Begun or changed."""
    failures: list[SourceFailure] = field(default_factory=list)
    seconds: float = 0.0


async def poll_due(room: NewsRoom, tenant: TenantId, *, sources: Collection[UUID] | None = None) -> PollReport:
    """Poll every source that is due, or those given whether due or not, and take in what they bring.

    Sources that another process polls at the moment are left to it.
    """
    with calm_collector():
        return await _poll_due(room, tenant, None if sources is None else list(dict.fromkeys(sources)))


async def _poll_due(room: NewsRoom, tenant: TenantId, left: list[UUID] | None) -> PollReport:
    started = time.perf_counter()
    report = PollReport()
    waiting: dict[asyncio.Task[Reading | None], Claimed] = {}
    more = True
    try:
        while more or waiting:
            room_for = room.settings.batch_sources - len(waiting)
            if more and room_for > 0:
                chosen = None if left is None else [left.pop() for _ in range(min(room_for, len(left)))]
                claimed = await _claim(room, tenant, room_for, chosen)
                more = len(claimed) == room_for if left is None else bool(left)
                waiting |= {asyncio.create_task(_ask(room, source)): source for source in claimed}
            if waiting:
                done, _ = await asyncio.wait(waiting, timeout=_GATHER)
                await _store(room, tenant, [await task for task in done], [waiting[task] for task in done], report)
                for task in done:
                    del waiting[task]
    finally:
        if waiting:
            await _give_back(room, tenant, waiting)
    report.seconds = time.perf_counter() - started
    return report


async def _claim(room: NewsRoom, tenant: TenantId, limit: int, only: Collection[UUID] | None) -> list[Claimed]:
    now = room.clock()
    async with room.database.transaction(tenant) as tx:
        return await store.sources.claim(tx, now, now + LEASE, limit, only)


async def _give_back(room: NewsRoom, tenant: TenantId, waiting: dict[asyncio.Task[Reading | None], Claimed]) -> None:
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    async with room.database.transaction(tenant) as tx:
        await store.sources.release(tx, [source.id for source in waiting.values()])


async def _ask(room: NewsRoom, source: Claimed) -> Reading | None:
    """Fetch and read one source; None when its host was too busy with our other requests."""
    started = time.time_ns()
    try:
        async with asyncio.timeout(_PATIENCE):
            response = await room.fetcher.get(source.url, headers=readings.conditions(source), accept=readings.ACCEPT)
        return await readings.read(source, response, room.clock(), room.settings, started)
    except TimeoutError:
        return None
    except FetchError as error:
        return readings.failed(source, error, room.clock(), room.settings, started)
    except Exception as error:
        # One source's bytes must not stop the others, whatever they do to us.
        _logger.exception("a feed could not be read", extra={"url": source.url})
        unforeseen = PulseError(f"{source.url} could not be read: {type(error).__name__}")
        return readings.failed(source, unforeseen, room.clock(), room.settings, started)


async def _store(
    room: NewsRoom,
    tenant: TenantId,
    found: Sequence[Reading | None],
    sources: Sequence[Claimed],
    report: PollReport,
) -> None:
    by_niche: dict[str, list[Reading]] = {}
    put_off = []
    for reading, source in zip(found, sources, strict=True):
        if reading is None:
            put_off.append(source.id)
        else:
            by_niche.setdefault(source.niche, []).append(reading)
    for niche, group in sorted(by_niche.items()):
        await _take_in(room, tenant, niche, group, report)
    if put_off:
        async with room.database.transaction(tenant) as tx:
            await store.sources.release(tx, put_off)


async def _take_in(room: NewsRoom, tenant: TenantId, niche: str, group: Sequence[Reading], report: PollReport) -> None:
    try:
        async with _span(niche, group) as span, room.database.transaction(tenant) as tx:
            taken = await take_in(room, tx, niche, group, room.clock())
            span.set_attribute("article_count", len(taken.new))
    except _UNFIT as error:
        # Something in it cannot be stored. One by one the others can, and the culprit is named.
        if len(group) > 1:
            for reading in group:
                await _take_in(room, tenant, niche, [reading], report)
            return
        _logger.exception("a feed could not be stored", extra={"url": group[0].source.url})
        reason = NotStorable(f"{group[0].source.url} has an entry that cannot be stored: {type(error).__name__}")
        failed = readings.failed(group[0].source, reason, room.clock(), room.settings, group[0].started_ns)
        async with room.database.transaction(tenant) as tx:
            taken = await take_in(room, tx, niche, [failed], room.clock())
        group = [failed]
    _count(report, group, taken)
    _measure(niche, group, taken)


@asynccontextmanager
async def _span(niche: str, group: Sequence[Reading]) -> AsyncIterator[trace.Span]:
    """Open the span of a fetch; it began when the first source was asked."""
    begun = min(reading.started_ns for reading in group)
    with tracer.start_as_current_span("fetch_news", start_time=begun, attributes={"niche": niche}) as span:
        yield span


def _count(report: PollReport, group: Sequence[Reading], taken: Taken) -> None:
    report.sources += len(group)
    for reading in group:
        report.changed += reading.outcome == "changed"
        report.unchanged += reading.outcome == "unchanged"
        report.failed += reading.outcome in ("failed", "gone")
        if reading.state.last_error:
            report.failures.append(SourceFailure(reading.source.id, reading.source.url, reading.state.last_error))
    report.discovered += len(taken.new)
    report.stored += taken.stored
    report.known += taken.known
    report.revised += taken.revised
    report.stories += taken.stories


def _measure(niche: str, group: Sequence[Reading], taken: Taken) -> None:
    for reading in group:
        metrics.fetches.labels(reading.outcome).inc()
    counts: dict[tuple[str, str], int] = {}
    for article in taken.new:
        place = urlsplit(article.arrival.source.url).hostname or "", article.status
        counts[place] = counts.get(place, 0) + 1
    for (host, status), count in counts.items():
        metrics.articles_processed.labels(niche, host, status).inc(count)
