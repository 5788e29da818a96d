"""When a server asks to be left alone for a while."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

LONGEST = timedelta(days=7)
"""A server that asks for more is asked again after this."""


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return how long the Retry-After header asks to wait: never negative, at most `LONGEST`, None without one.

    The header holds seconds or an HTTP date (RFC 9110, section 10.2.3); anything else counts as absent.
    """
    value = next((text for name, text in headers.items() if name.lower() == "retry-after"), "").strip()
    if value.isascii() and value.isdigit():
        return min(timedelta(seconds=int(value[:9])), LONGEST)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    return max(timedelta(), min(moment - now, LONGEST))
