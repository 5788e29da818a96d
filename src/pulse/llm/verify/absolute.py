"""Days that a text names by the day it was written on, told with their date: `on Monday (23 November)`.

A summary is read later than its sources were written, when `yesterday` is another day. The date is put in brackets
behind the words of the source, which stay as they are, so that taking it out again gives them back: that is how the
gate proves it. Only days that are plain are dated, those that are the same day wherever the source may have appeared:
a table for each language says beside which words they are not. Nothing in a quotation is touched.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone

from pulse.i18n.translator import day_and_month
from pulse.llm.tokens import Tokens, is_capitalised, tokenize
from pulse.llm.verify.quotations import quoted_tokens
from pulse.llm.words import Calendar, Words

_NEAR = 3
_WEEK = 7
_LONGEST_DATE = 8
_YEARS = range(1000, 2200)


@dataclass(frozen=True, slots=True)
class Dated:
    """A date that may stand at an offset (code points) of a text, brackets and space included."""

    offset: int
    text: str


def dates(text: str, published: datetime | None, words: Words) -> tuple[Dated, ...]:
    """Return the dates that may be put into a sentence that was published at a moment, in order."""
    calendar = words.calendar
    if calendar is None or published is None:
        return ()
    tokens = tokenize(text)
    if len(tokens.folded) != len(text) or _tells_its_own(tokens, words):
        return ()
    quoted = quoted_tokens([tokens])[0]
    here = _local_days(published, calendar)
    found = {}
    for first, last, days in (*_days(tokens, here, calendar), *_weekdays(tokens, here, words, calendar)):
        if len(days) == 1 and not any(quoted[first:last]) and not _goes_on(tokens, last, words):
            found[_end(tokens, last)] = day_and_month(next(iter(days)), words.language)
    left, right = ("（", "）") if words.unspaced else (" (", ")")
    return tuple(Dated(offset, f"{left}{found[offset]}{right}") for offset in sorted(found))


def absolute(text: str, published: datetime | None, words: Words) -> str:
    """Return a sentence with every date that may be put into it."""
    return put(text, dates(text, published, words))


def put(text: str, found: tuple[Dated, ...]) -> str:
    """Return a sentence with dates put into it, which are in order."""
    for one in reversed(found):
        text = text[: one.offset] + one.text + text[one.offset :]
    return text


def taken_out(text: str, words: Words) -> tuple[str, frozenset[Dated]] | None:
    """Return a sentence without the brackets that stand where a date may, and these; None where there are none."""
    calendar = words.calendar
    if calendar is None:
        return None
    tokens = tokenize(text)
    if len(tokens.folded) != len(text):
        return None
    ends = {phrase.last for phrases in (calendar.days, calendar.weekdays) for phrase in phrases.find(tokens)}
    bare, position, found = "", 0, set()
    for last in sorted(ends):
        if tokens.texts[last : last + 1] != ("(",) or ")" not in tokens.texts[last : last + _LONGEST_DATE]:
            continue
        start = _end(tokens, last)
        end = _end(tokens, tokens.texts.index(")", last) + 1)
        bare += text[position:start]
        found.add(Dated(len(bare), text[start:end]))
        position = end
    return (bare + text[position:], frozenset(found)) if found else None


def _local_days(published: datetime, calendar: Calendar) -> tuple[date, ...]:
    """Return the days it may have been where the source appeared, earliest first."""
    least, most = (published.astimezone(timezone(timedelta(hours=hours))).date() for hours in calendar.zones)
    return tuple(least + timedelta(days=more) for more in range((most - least).days + 1))


def _days(tokens: Tokens, here: tuple[date, ...], calendar: Calendar) -> Iterator[tuple[int, int, frozenset[date]]]:
    phrases = list(calendar.days.find(tokens))
    for phrase in phrases:
        # A day's name may hold another's, as 一昨日 does.
        if any(
            (other.first, other.last) != (phrase.first, phrase.last)
            and other.first <= phrase.first
            and phrase.last <= other.last
            for other in phrases
        ):
            continue
        around = {
            *tokens.lower[max(0, phrase.first - _NEAR) : phrase.first],
            *tokens.lower[phrase.last : phrase.last + _NEAR],
        }
        before = tokens.lower[phrase.first - 1] if phrase.first else ""
        named = is_capitalised(tokens.texts[phrase.first]) and not _begins(tokens, phrase.first)
        if not named and not around & calendar.not_near and before not in calendar.not_after:
            days = timedelta(days=int(phrase.meaning))
            yield phrase.first, phrase.last, frozenset(day + days for day in here)


def _weekdays(
    tokens: Tokens, here: tuple[date, ...], words: Words, calendar: Calendar
) -> Iterator[tuple[int, int, frozenset[date]]]:
    for first in range(len(tokens)):
        phrase = calendar.weekdays.at(tokens, first)
        if phrase is None:
            continue
        verb = first - 1 - (tokens.lower[first - 1] in calendar.before_weekday)
        passed = (
            verb >= 0
            and tokens.lower[verb] in calendar.past
            and not calendar.not_past & {*tokens.lower[max(0, verb - _NEAR) : verb]}
        )
        weekday = int(phrase.meaning)
        if passed and _stands_alone(tokens, phrase.last, words, calendar):
            days = frozenset(day - timedelta(days=(day.weekday() - weekday) % _WEEK) for day in here)
            yield first, phrase.last, days


def _stands_alone(tokens: Tokens, last: int, words: Words, calendar: Calendar) -> bool:
    """Say whether a weekday is neither the first of several nor part of a name."""
    if last >= len(tokens):
        return True
    after = tokens.lower[last]
    if tokens.kinds[last] == "m":
        return not after.startswith("-")
    return after in words.stop and after not in calendar.span


def _tells_its_own(tokens: Tokens, words: Words) -> bool:
    """Say whether a sentence names a month or a year: its days may be of another time."""
    return any(phrase.meaning in words.months for phrase in words.dates.find(tokens)) or any(
        kind == "n" and text.isdecimal() and int(text) in _YEARS
        for kind, text in zip(tokens.kinds, tokens.texts, strict=True)
    )


def _goes_on(tokens: Tokens, last: int, words: Words) -> bool:
    """Say whether the name of a day goes on: `Monday night`, `today's`, `yesterday (…)`."""
    after = tokens.texts[last : last + 1]
    return after in {("(",), ("'s",), ("'",)} or words.dates.at(tokens, last) is not None


def _begins(tokens: Tokens, place: int) -> bool:
    return all(kind == "m" for kind in tokens.kinds[:place])


def _end(tokens: Tokens, last: int) -> int:
    return tokens.starts[last - 1] + len(tokens.texts[last - 1])
