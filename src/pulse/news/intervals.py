"""When a source is asked again. Pure."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from pulse.fetch import retry_after
from pulse.settings import NewsSettings

_LOOKED_AT = 10
_GROWTH = 1.3
"""An answer without news makes the pause longer by this."""
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age\s*=\s*\"?(\d{1,9})")


def publication_gap(published: Sequence[datetime], now: datetime) -> float | None:
    """Return the seconds between a feed's newest entries on average, with the time since the newest counted in.

    None when too few entries are dated.
    """
    newest = sorted((moment for moment in published if moment <= now), reverse=True)[:_LOOKED_AT]
    if len(newest) < 2:
        return None
    return (now - newest[-1]).total_seconds() / len(newest)


def interval_after_news(published: Sequence[datetime], now: datetime, previous: float, settings: NewsSettings) -> float:
    """Return the pause after a feed that brought something: half the gap between its entries."""
    gap = publication_gap(published, now)
    return _bounded(previous if gap is None else gap / 2, settings)


def interval_without_news(previous: float, settings: NewsSettings) -> float:
    """Return the pause after a feed that brought nothing: somewhat longer than the last."""
    return _bounded(previous * _GROWTH, settings)


def interval_after_failure(failures: int, settings: NewsSettings) -> float:
    """Return the pause after the n-th failure in a row: the shortest one, doubled each time, up to the longest."""
    return _bounded(settings.min_interval_seconds * 2.0 ** min(max(failures, 1) - 1, 30), settings)


def asked_for(
    headers: Mapping[str, str], ttl_seconds: float | None, now: datetime, settings: NewsSettings, *, succeeded: bool
) -> float:
    """Return the shortest pause that the server asks for: Retry-After, and of a good answer max-age and the feed's ttl.

    Retry-After is honoured as it is (the fetcher bounds it at a week), the others within our longest interval.
    """
    wait = retry_after(headers, now)
    seconds = wait.total_seconds() if wait else 0.0
    if succeeded:
        found = _MAX_AGE.search(headers.get("Cache-Control", "") or "")
        hints = [float(found.group(1)) if found else 0.0, ttl_seconds or 0.0]
        seconds = max(seconds, min(max(hints), settings.max_interval_seconds))
    return seconds


def next_poll(now: datetime, interval: float, asked: float, spread: float) -> datetime:
    """Return when to ask again.

    `spread` (0 to 1, fixed for a source) moves it by up to a tenth, so that sources added together do not stay so.
    """
    return now + timedelta(seconds=max(interval * (0.95 + 0.1 * spread), asked))


def _bounded(seconds: float, settings: NewsSettings) -> float:
    return min(max(seconds, settings.min_interval_seconds), settings.max_interval_seconds)
