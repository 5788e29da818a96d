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
from pulse.llm.words import Calendar, Phrase, Phrases, Words

_NEAR = 3
_WEEK = 7
_LONGEST_DATE = 8
_YEARS = range(1000, 2200)


@dataclass(frozen=True, slots=True)
class Dated:
    """A date that may stand at an offset (code points) of a text, brackets and space included."""

    offset: int
    text: str


def dates(text: str, source: str, published: datetime | None, words: Words) -> tuple[Dated, ...]:
    """Return the dates that may be put into a sentence, in order.

    It says what `source` says, whole or with parts left out, which was published at a moment (None: nobody knows).
    """
    calendar = words.calendar
    if calendar is None or published is None:
        return ()
    tokens = tokenize(text)
    if len(tokens.folded) != len(text) or _tells_its_own(tokenize(source), words):
        return ()
    quoted = quoted_tokens([tokens])[0]
    here = _local_days(published, calendar)
    found = []
    for phrase, days in (*_days(tokens, here, calendar), *_weekdays(tokens, here, words, calendar)):
        if len(days) == 1 and not any(quoted[phrase.first : phrase.last]) and not _goes_on(tokens, phrase.last, words):
            date = day_and_month(next(iter(days)), words.language)
            found.append(Dated(_end(tokens, phrase.last), f"（{date}）" if words.unspaced else f" ({date})"))
    return tuple(sorted(found, key=lambda dated: dated.offset))


def absolute(text: str, published: datetime | None, words: Words) -> str:
    """Return a source sentence with every date that may be put into it."""
    return put(text, dates(text, text, published, words))


def put(text: str, found: tuple[Dated, ...]) -> str:
    """Return a sentence with dates put into it, which are in order."""
    for one in reversed(found):
        text = text[: one.offset] + one.text + text[one.offset :]
    return text


def taken_out(text: str, words: Words) -> tuple[str, frozenset[Dated]] | None:
    """Return a sentence without the brackets that stand where a date may, and these; None where there are none."""
    tokens = tokenize(text)
    if len(tokens.folded) != len(text):
        return None
    bare, position, found = "", 0, set()
    for phrase, last in _bracketed(tokens, words):
        start, end = _end(tokens, phrase.last), _end(tokens, last)
        bare += text[position:start]
        found.add(Dated(len(bare), text[start:end]))
        position = end
    return (bare + text[position:], frozenset(found)) if found else None


def days_told(tokens: Tokens, words: Words) -> frozenset[str]:
    """Return every day of a sentence that has brackets behind it, with them: `yesterday (24 November)`."""
    return frozenset(" ".join(tokens.lower[phrase.first : last]) for phrase, last in _bracketed(tokens, words))


def _bracketed(tokens: Tokens, words: Words) -> Iterator[tuple[Phrase, int]]:
    """Yield the days that have brackets behind them, in order, with the token after these."""
    if words.calendar is None:
        return
    found = (*_longest(words.calendar.days, tokens), *_longest(words.calendar.weekdays, tokens))
    for phrase in sorted(found, key=lambda phrase: phrase.last):
        after = tokens.texts[phrase.last : phrase.last + _LONGEST_DATE]
        if after[:1] == ("(",) and ")" in after:
            yield phrase, phrase.last + after.index(")") + 1


def _longest(phrases: Phrases, tokens: Tokens) -> Iterator[Phrase]:
    """Yield the entries that occur, the longest one at each place: not the 昨日 in 一昨日."""
    place = 0
    while place < len(tokens):
        phrase = phrases.at(tokens, place)
        if phrase is not None:
            yield phrase
        place = phrase.last if phrase is not None else place + 1


def _local_days(published: datetime, calendar: Calendar) -> tuple[date, ...]:
    """Return the days it may have been where the source appeared, earliest first."""
    # Feeds that name no zone, or the wrong one, give the time of their own clocks as if it were UTC.
    zones = min(0, *calendar.zones), max(0, *calendar.zones)
    least, most = (published.astimezone(timezone(timedelta(hours=hours))).date() for hours in zones)
    return tuple(least + timedelta(days=more) for more in range((most - least).days + 1))


def _days(tokens: Tokens, here: tuple[date, ...], calendar: Calendar) -> Iterator[tuple[Phrase, frozenset[date]]]:
    for phrase in _longest(calendar.days, tokens):
        around = {
            *tokens.lower[max(0, phrase.first - _NEAR) : phrase.first],
            *tokens.lower[phrase.last : phrase.last + _NEAR],
        }
        before = tokens.lower[phrase.first - 1] if phrase.first else ""
        named = is_capitalised(tokens.texts[phrase.first]) and not _begins(tokens, phrase.first)
        if not named and not around & calendar.not_near and before not in calendar.not_after:
            days = timedelta(days=int(phrase.meaning))
            yield phrase, frozenset(day + days for day in here)


def _weekdays(
    tokens: Tokens, here: tuple[date, ...], words: Words, calendar: Calendar
) -> Iterator[tuple[Phrase, frozenset[date]]]:
    for phrase in _longest(calendar.weekdays, tokens):
        verb = phrase.first - 1 - (tokens.lower[phrase.first - 1] in calendar.before_weekday)
        passed = (
            verb >= 0
            and tokens.lower[verb] in calendar.past
            and not calendar.not_past & {*tokens.lower[max(0, verb - _NEAR) : verb]}
        )
        weekday = int(phrase.meaning)
        if passed and _stands_alone(tokens, phrase.last, words, calendar):
            yield phrase, frozenset(day - timedelta(days=(day.weekday() - weekday) % _WEEK) for day in here)


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
