"""Dates as feeds write them. Always aware, always UTC, never from the future."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

SLACK = timedelta(hours=24)
"""How far ahead of now a date may be: clocks and time zones are often wrong, by at most a day."""

EARLIEST = datetime(1970, 1, 3, tzinfo=UTC)
"""What is before is the Unix epoch of somebody's empty field."""

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "jan january", "feb february", "mar march mär", "apr april", "may mai", "jun june", "jul july",
            "aug august", "sep sept september", "oct october okt", "nov november", "dec december dez",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
_ZONES: Final = {
    "": 0, "z": 0, "gmt": 0, "ut": 0, "utc": 0, "wet": 0, "bst": 1, "cet": 1, "mez": 1, "west": 1, "cest": 2, "mesz": 2,
    "eet": 2, "eest": 3, "msk": 3, "ist": 5.5, "jst": 9, "kst": 9, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13,
    "est": -5, "edt": -4, "et": -5, "cst": -6, "cdt": -5, "ct": -6, "mst": -7, "mdt": -6, "mt": -7, "pst": -8,
    "pdt": -7, "pt": -8, "akst": -9, "akdt": -8, "hst": -10, "ast": -4, "adt": -3, "at": -4,
}  # fmt: skip

_USUAL = re.compile(
    r"[A-Z][a-z][a-z], ([0-9]{1,2}) ([A-Z][a-z][a-z]) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-5][0-9]) "
    r"(?:GMT|UTC|Z|([+-])([0-9]{2})([0-9]{2}))"
)
_RFC822 = re.compile(
    r"(?:[^\W\d]+\.?,?\s*)?(\d{1,2})[\s-]+([^\W\d]{3,9})\.?,?[\s-]+(\d{4}|\d{2})"
    r"(?:,?\s+(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?\s*(?:([+-])(\d{2}):?(\d{2})|\(?([a-zA-Z]{1,5})\)?)?(?:\s*\(.*\))?"
)
_ISO = re.compile(
    r"(\d{4})-(\d{1,2})-(\d{1,2})(?:(?:[Tt]|\s+)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*"
    r"(?:[Zz]|(?:UTC|GMT)|([+-])(\d{2}):?(\d{2})?)?)?"
)


def parse_date(text: str) -> datetime | None:
    """Read a date of RFC 822, RFC 3339 or one of the many forms between; None if it is none of them."""
    text = text.strip()
    if not 4 <= len(text) <= 80:
        return None
    try:
        if (match := _USUAL.fullmatch(text)) is not None:
            day, name, year, hour, minute, second, sign, hours, minutes = match.groups()
            moment = datetime(int(year), _MONTHS[name.lower()], int(day), int(hour), int(minute), int(second), 0, UTC)
            return moment - _offset(sign, hours, minutes) if sign and hours + minutes != "0000" else moment
        if (match := _ISO.fullmatch(text)) is not None:
            year, month, day, hour, minute, second, sign, hours, minutes = match.groups()
            offset = _offset(sign, hours, minutes or "0") if sign else timedelta()
            return _moment(int(year), int(month), int(day), hour, minute, second) - offset
        if (match := _RFC822.fullmatch(text)) is not None:
            day, name, year, hour, minute, second, sign, hours, minutes, zone = match.groups()
            month_number = _MONTHS.get(name.lower()) or _MONTHS[name.lower()[:3]]
            hours_ahead = _ZONES.get((zone or "").lower(), 0)
            offset = _offset(sign, hours, minutes) if sign else timedelta(hours=hours_ahead)
            return _moment(_year(year), month_number, int(day), hour, minute, second) - offset
    except (ValueError, OverflowError, KeyError):
        pass
    return _by_feedparser(text)


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < 70 else 1900)


def _offset(sign: str, hours: str, minutes: str) -> timedelta:
    offset = timedelta(hours=int(hours), minutes=int(minutes))
    return -offset if sign == "-" else offset


def _moment(year: int, month: int, day: int, hour: str | None, minute: str | None, second: str | None) -> datetime:
    if hour == "24":
        return datetime(year, month, day, tzinfo=UTC) + timedelta(days=1)
    # A leap second has no place in datetime.
    return datetime(year, month, day, int(hour or 0), int(minute or 0), min(int(second or 0), 59), tzinfo=UTC)


_feedparser_date: Callable[[str], object] | None = None


def _by_feedparser(text: str) -> datetime | None:
    """Try the rarer forms (asctime, Korean, Greek, Hungarian …) that feedparser collected over twenty years."""
    global _feedparser_date
    if _feedparser_date is None:
        from feedparser.datetimes import _parse_date  # imported when first needed: it is slow to load

        _feedparser_date = _parse_date
    try:
        parts = _feedparser_date(text)
        if not isinstance(parts, tuple):
            return None
        year, month, day, hour, minute, second = parts[:6]
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
    except Exception:  # whatever odd text makes a third party's date parser do, it is not a date
        return None


def plausible(moment: datetime | None, now: datetime) -> datetime | None:
    """Return the moment, or None if it lies in the future or at the beginning of Unix time."""
    return moment if moment is not None and EARLIEST <= moment <= now + SLACK else None
