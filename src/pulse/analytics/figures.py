"""How the live figures are made of the facts. Pure."""

from collections.abc import Iterable
from datetime import datetime, timedelta

MINUTE = timedelta(minutes=1)
RATE_WINDOW = timedelta(minutes=5)
SUCCESS_WINDOW = timedelta(hours=24)


def per_minute(counts: Iterable[tuple[datetime, int]], now: datetime) -> float:
    """Return the average per minute over the last five minutes.

    `counts` holds (start of a minute, count). The minute that the window's beginning cuts counts by the share of
    it that lies inside: the sliding window counter of rate limiters.
    """
    begin = now - RATE_WINDOW
    total = sum(count * max(0.0, min(1.0, (minute + MINUTE - begin) / MINUTE)) for minute, count in counts)
    return total / (RATE_WINDOW / MINUTE)


def success_rate(published: int, failed: int) -> float | None:
    """Return the share of deliveries that succeeded, 0 to 1; None when there were none."""
    return published / (published + failed) if published + failed else None
