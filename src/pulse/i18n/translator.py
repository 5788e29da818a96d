"""Texts, dates and numbers in one language."""

import io
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel import Locale
from babel.dates import format_datetime, format_skeleton, format_timedelta
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal, format_percent

FOLDER = Path(__file__).parent / "locale"
LANGUAGES: Mapping[str, str] = {"en": "English", "de": "Deutsch", "pl": "Polski"}
"""The languages Pulse speaks, each by its own name. The first is the one that the code is written in."""


def message(text: str) -> str:
    """Mark a text for the catalogues where it is written; it is translated where it is shown. Returns it unchanged."""
    return text


class Translator:
    """One language: its words, its plural rules, its way to write dates and numbers."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.direction = Locale.parse(language).text_direction
        self._locale = Locale.parse(language)
        self._catalogue = _catalogue(language)

    def text(self, text: str) -> str:
        """Return a text of the code in this language; one that no catalogue has, unchanged."""
        return self._catalogue.gettext(text) if text else ""

    def count(self, one: str, many: str, number: int) -> str:
        """Return `one` or `many` in the form that this language has for `number`, which stands for `%(number)s`."""
        return self._catalogue.ngettext(one, many, number) % {"number": self.number(number)}

    def number(self, value: float, digits: int = 1) -> str:
        """Return a number with at most `digits` places after the point."""
        return str(format_decimal(round(value, digits), locale=self._locale))

    def fixed(self, value: float, digits: int) -> str:
        """Return a number with exactly `digits` places after the point, for columns."""
        return str(format_decimal(value, format="#,##0." + "0" * digits, locale=self._locale))

    def percent(self, share: float | None) -> str:
        """Return a share of 1 in percent, never rounded up to a hundred; None as a dash."""
        if share is None:
            return "–"
        shown = 0.99 if round(share * 100) == 100 and share < 1 else share
        return str(format_percent(shown, locale=self._locale))

    def money(self, amount: float, currency: str = "USD") -> str:
        """Return an amount of money. What is more than nothing and less than a cent keeps its first figures."""
        if 0 < abs(amount) < 0.01:
            pattern = self._locale.currency_formats["standard"].pattern.replace("0.00", "0.00##")
            return str(format_currency(amount, currency, pattern, locale=self._locale, currency_digits=False))
        return str(format_currency(amount, currency, locale=self._locale))

    def duration(self, seconds: float) -> str:
        """Return a length of time in words: `5 minutes`, `3 hours`."""
        return str(format_timedelta(timedelta(seconds=seconds), threshold=1.5, locale=self._locale))

    def date_time(self, moment: datetime) -> str:
        """Return a moment's date and time of day, in the zone it is in."""
        return str(format_datetime(moment, "d MMM y, HH:mm", locale=self._locale))


def day_and_month(day: date, language: str) -> str:
    """Return a day as any language writes it, not only one that Pulse speaks: `24 November`, `11月24日`."""
    # As everywhere in Pulse, English has the day first.
    locale = "en_GB" if language == "en" else language
    return str(format_skeleton("MMMMd", datetime(day.year, day.month, day.day), locale=locale))


@lru_cache
def translator(language: str) -> Translator:
    """Return the translator of one of `LANGUAGES`. Raises `KeyError` for any other."""
    if language not in LANGUAGES:
        raise KeyError(language)
    return Translator(language)


def _catalogue(language: str) -> NullTranslations:
    if language == next(iter(LANGUAGES)):
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, read_po(io.BytesIO((FOLDER / f"{language}.po").read_bytes()), locale=language))
    compiled.seek(0)
    return GNUTranslations(compiled)
