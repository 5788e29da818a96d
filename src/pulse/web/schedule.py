"""From the time on a person's clock to the moment a post goes out. Pure."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from pulse.web.errors import BadForm


def moment(local: str, zone: str) -> datetime:
    """Return the UTC moment at which clocks in `zone` (an IANA name) show `local` (`2026-11-24T09:00`).

    An hour that happens twice, when clocks go back, is taken the first time. Raises `BadForm` for an hour that clocks
    skip when they go forward, and for what is no time or no zone.
    """
    try:
        wanted = datetime.fromisoformat(local)
    except ValueError:
        raise BadForm(f"{local!r} is not a date and time") from None
    if wanted.tzinfo is not None:
        raise BadForm(f"{local!r} names a zone of its own")
    try:
        place = ZoneInfo(zone)
    except (KeyError, ValueError, OSError):  # ZoneInfoNotFoundError is a KeyError
        raise BadForm(f"{zone!r} is not a time zone") from None
    try:
        instant = wanted.replace(tzinfo=place).astimezone(UTC)
        shown = instant.astimezone(place).replace(tzinfo=None)
    except OverflowError:
        raise BadForm(f"{local!r} is too far away") from None
    if shown != wanted:
        raise BadForm(f"on that day clocks in {zone} go forward and never show {wanted:%H:%M}")
    return instant


def is_past(instant: datetime, now: datetime) -> bool:
    """Return whether a moment is over, allowing for the minute that a person needs to send the form."""
    return instant < now - timedelta(minutes=1)
