"""What a language calls things: negations, hedges, number words, months, what a sentence must not start with.

One TOML file for each language, written by hand. An entry is a word or a phrase in lower case; `*` after a word stands
for any further letters. A language without a file has empty tables, and everything still works by the rules of Unicode.
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

import regex

from pulse.llm.folding import fold
from pulse.llm.tokens import Tokens, tokenize

LANGUAGES = ("ar", "de", "en", "es", "fr", "it", "ja", "nl", "pl", "pt", "ru", "uk", "zh")
"""The languages that have a table."""

FACTS = ("negation", "modality", "condition", "attribution", "quantifier", "qualifier")
"""Kinds of words that change what a sentence claims."""

_SAID, _FOUND = "said", "found"
_NOT = {"n't": "not", "cannot": "not"}


@dataclass(frozen=True, slots=True)
class Phrase:
    """An entry found in a text: tokens `first` up to and without `last`, and what the entry stands for."""

    first: int
    last: int
    meaning: str


_Entry = tuple[tuple[tuple[str, bool], ...], str]
"""The words after the first, each with whether further letters may follow, and what the entry stands for."""


class Phrases:
    """A set of entries that can be found in tokens. `meanings` maps each entry to what it stands for."""

    def __init__(self, meanings: Mapping[str, str], unspaced: bool) -> None:
        self._unspaced: regex.Pattern[str] | None = None
        self._meanings = {fold(entry).rstrip("*"): meaning for entry, meaning in meanings.items()}
        self._first: dict[str, list[_Entry]] = {}
        self._prefix_lengths: tuple[int, ...] = ()
        if unspaced:
            longest_first = sorted(self._meanings, key=len, reverse=True)
            self._unspaced = regex.compile("|".join(map(regex.escape, longest_first)) or r"(?!)")
            return
        lengths = set()
        for entry, meaning in meanings.items():
            words = [(text, False) for text in tokenize(entry.replace("*", "")).texts]
            parts = entry.split()
            if len(parts) == len(words):
                words = [(text, part.endswith("*")) for (text, _), part in zip(words, parts, strict=True)]
            elif entry.endswith("*"):
                words[-1] = (words[-1][0], True)
            head, is_prefix = words[0]
            if is_prefix:
                lengths.add(len(head))
            self._first.setdefault(head + "*" * is_prefix, []).append((tuple(words[1:]), meaning))
        self._prefix_lengths = tuple(sorted(lengths))

    def find(self, tokens: Tokens) -> Iterator[Phrase]:
        """Yield every entry that occurs in `tokens`."""
        if self._unspaced is not None:
            index = {start: position for position, start in enumerate(tokens.starts)}
            for match in self._unspaced.finditer(tokens.folded, overlapped=True):
                if match.start() in index:
                    first = index[match.start()]
                    last = first + 1
                    while last < len(tokens) and tokens.starts[last] < match.end():
                        last += 1
                    yield Phrase(first, last, self._meanings[match[0]])
            return
        for position in range(len(tokens)):
            yield from self._at(tokens.lower, position)

    def at(self, tokens: Tokens, position: int = 0) -> Phrase | None:
        """Return the longest entry that begins at a token, or None."""
        if position >= len(tokens):
            return None
        if self._unspaced is not None:
            match = self._unspaced.match(tokens.folded, tokens.starts[position])
            return Phrase(position, position + len(tokenize(match[0])), self._meanings[match[0]]) if match else None
        return max(self._at(tokens.lower, position), key=lambda phrase: phrase.last, default=None)

    def _at(self, lower: Sequence[str], position: int) -> Iterator[Phrase]:
        word = lower[position]
        if word in self._first:
            yield from self._matches(self._first[word], lower, position)
        for length in self._prefix_lengths:
            if length > len(word):
                break
            if (head := word[:length] + "*") in self._first:
                yield from self._matches(self._first[head], lower, position)

    def _matches(self, entries: Sequence[_Entry], lower: Sequence[str], position: int) -> Iterator[Phrase]:
        for rest, meaning in entries:
            last = position + 1 + len(rest)
            if last <= len(lower) and all(
                word.startswith(text) if is_prefix else word == text
                for word, (text, is_prefix) in zip(lower[position + 1 : last], rest, strict=True)
            ):
                yield Phrase(position, last, meaning)


@dataclass(frozen=True)
class Calendar:
    """How a language names days near the one it is written on, and when such a name is plain.

    `days` finds them and means how many days later; `weekdays` means their number from Monday, 0. `zones` are the
    least and most hours that clocks are ahead of UTC where papers of the language appear. `not_near` and `not_after`
    are words beside which a day's name means another day; a weekday has passed after a verb of `past` without a word
    of `not_past` before it, and is none by itself before one of `span`.
    """

    days: Phrases
    weekdays: Phrases
    zones: tuple[int, int]
    not_near: frozenset[str]
    not_after: frozenset[str]
    before_weekday: frozenset[str]
    past: frozenset[str]
    not_past: frozenset[str]
    span: frozenset[str]


@dataclass(frozen=True)
class Speech:
    """How a language names a speaker: `said` are verbs that only say so, `according` comes before a speaker.

    `that` may open a statement, `joins` begin what may be no part of the statement before them.
    """

    said: Phrases
    according: Phrases
    that: frozenset[str]
    joins: Phrases


@dataclass(frozen=True)
class Words:
    """The tables of one language, ready to use."""

    language: str
    unspaced: bool
    decimal_comma: bool
    ordinal_dot: bool
    agents: frozenset[str]
    """Where who did it stands before the verb: what comes before who did it in the passive voice, `by`."""
    abbreviations: frozenset[str]
    facts: Mapping[str, Phrases]
    directions: tuple[tuple[Phrases, Phrases], ...]
    opposites: tuple[str, ...]
    number_words: Mapping[str, int]
    magnitudes: Mapping[str, Decimal]
    percent: Phrases
    units: Phrases
    counts: Phrases
    dates: Phrases
    months: frozenset[str]
    calendar: Calendar | None
    speech: Speech | None
    connectors: Phrases
    bare_connectors: frozenset[str]
    dangling: Phrases
    boilerplate: Phrases
    appositives: frozenset[str]
    relatives: frozenset[str]
    adverbial: frozenset[str]
    common: frozenset[str]
    stop: frozenset[str]
    raw: Mapping[str, Any]


@cache
def words(language: str | None) -> Words:
    """Return the tables of a language (`en`, `pt-BR` …), empty ones for a language that has none."""
    code = (language or "").lower().replace("_", "-").split("-")[0]
    raw: dict[str, Any] = {}
    if code in LANGUAGES:
        raw = tomllib.loads(files(__name__).joinpath(f"{code}.toml").read_text(encoding="utf-8"))
    facts, numbers, dates, style = (raw.get(name, {}) for name in ("facts", "numbers", "dates", "style"))
    unspaced = bool(raw.get("unspaced", False))

    def phrases(entries: Sequence[str], meaning: str | None = None) -> Phrases:
        return Phrases({entry: meaning or entry for entry in entries}, unspaced)

    def synonyms(groups: Sequence[Sequence[str]]) -> Phrases:
        return Phrases({entry: group[0] for group in groups for entry in group}, unspaced)

    date_groups = [
        *dates.get("months", ()),
        *dates.get("weekdays", ()),
        *([word] for word in dates.get("relative", ())),
    ]
    counts = [
        *numbers.get("words", ()),
        *numbers.get("vague", ()),
        *numbers.get("ordinals", ()),
        *numbers.get("magnitudes", ()),
    ]
    speech = raw.get("speech", {})
    # Words that only say who speaks stand for each other.
    plain = {*speech.get("said", ()), *speech.get("according", ()), *speech.get("plain", ())}
    findings = speech.get("found", ())
    attribution = {
        entry: _SAID if entry in plain else _FOUND if entry in findings else entry
        for entry in facts.get("attribution", ())
    }
    negation = {entry: _NOT.get(entry, entry) for entry in facts.get("negation", ())}
    return Words(
        language=code,
        unspaced=unspaced,
        decimal_comma=bool(numbers.get("decimal_comma", False)),
        ordinal_dot=bool(raw.get("ordinal_dot", False)),
        agents=frozenset(raw.get("agents", ())),
        abbreviations=frozenset(raw.get("abbreviations", ())),
        facts={kind: phrases(facts.get(kind, ())) for kind in FACTS}
        | {"attribution": Phrases(attribution, unspaced), "negation": Phrases(negation, unspaced)},
        directions=tuple((phrases(pair["up"]), phrases(pair["down"])) for pair in raw.get("directions", ())),
        opposites=tuple(facts.get("opposites", ())),
        number_words=numbers.get("words", {}),
        magnitudes={word: Decimal(value) for word, value in numbers.get("magnitudes", {}).items()},
        percent=phrases(numbers.get("percent", ()), "%"),
        units=synonyms(numbers.get("units", ())),
        counts=phrases(counts),
        dates=synonyms(date_groups),
        months=frozenset(group[0] for group in dates.get("months", ())),
        calendar=_calendar(raw["absolute"], dates["weekdays"], unspaced) if "absolute" in raw else None,
        speech=Speech(
            said=phrases(speech["said"]),
            according=phrases(speech["according"]),
            that=frozenset(speech["that"]),
            joins=phrases(speech["joins"]),
        )
        if speech
        else None,
        connectors=phrases(style.get("connectors", ())),
        bare_connectors=frozenset(style.get("bare_connectors", ())),
        dangling=phrases(style.get("dangling", ())),
        boilerplate=phrases(style.get("boilerplate", ())),
        appositives=frozenset(style.get("appositive", ())),
        relatives=frozenset(style.get("relatives", ())),
        adverbial=frozenset(style.get("adverbial", ())),
        common=frozenset(style.get("common", ())),
        stop=frozenset(style.get("stop", ())),
        raw=raw,
    )


def _calendar(raw: Mapping[str, Any], weekdays: Sequence[Sequence[str]], unspaced: bool) -> Calendar:
    def some(name: str) -> frozenset[str]:
        return frozenset(map(fold, raw.get(name, ())))

    return Calendar(
        days=Phrases({name: str(days) for name, days in raw["days"].items()}, unspaced),
        # Whole names only: `lundis` are all Mondays.
        weekdays=Phrases({name.rstrip("*"): str(n) for n, names in enumerate(weekdays) for name in names}, unspaced),
        zones=tuple(raw["zones"]),
        not_near=some("not_near"),
        not_after=some("not_after"),
        before_weekday=some("before_weekday"),
        past=some("past"),
        not_past=some("not_past"),
        span=some("span"),
    )
