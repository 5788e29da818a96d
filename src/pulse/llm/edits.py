"""False sentences made from true ones, with a seed: what the gate must never let through.

Each edit changes one thing: a number, a unit, a name, two names' places, a date, a negation, who said it, how many.
The tests and the benchmark make them by the thousand; they are also what a model of our own can be trained on.
"""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from pulse.llm.tokens import tokenize
from pulse.llm.verify.reading import Reading
from pulse.llm.verify.stream import Stream, read
from pulse.llm.words import FACTS, Phrases, Words, words


class EditKind(StrEnum):
    """What an edit changes."""

    NUMBER = "number"
    UNIT = "unit"
    NAME = "name"
    SWAP = "swap"
    DATE = "date"
    NEGATION = "negation"
    ATTRIBUTION = "attribution"
    QUANTIFIER = "quantifier"


@dataclass(frozen=True, slots=True)
class Edit:
    """A false sentence, what was changed and how."""

    kind: EditKind
    text: str
    before: str
    after: str


_STRANGERS = {
    "Latin": ("Marlowe", "Quentin", "Zagreb", "Halvorsen", "Nairobi", "Okafor", "Brisbane", "Tanaka"),
    "Cyrillic": ("Одинцов", "Самара", "Левченко", "Казань", "Мельник", "Томск"),
}
_CURRENCIES = ("$", "€", "£", "¥")
_AUXILIARIES = frozenset(
    {
        "is",
        "are",
        "was",
        "were",
        "will",
        "would",
        "can",
        "could",
        "has",
        "have",
        "had",
        "may",
        "might",
        "should",
        "must",
    }
)
_PLAIN_NEGATIONS = 6


def false_edits(sentence: str, language: str | None, seed: int, names: Sequence[str] = ()) -> tuple[Edit, ...]:
    """Return at most one edit of each kind that the sentence has something to change for.

    The same arguments give the same edits. `names` are others that may take the place of a name of the sentence, and
    the only way to find names in scripts without capitals.
    """
    chance = random.Random(f"{seed}:{sentence}")
    table = words(language)
    stream = read(sentence, table)
    found = []
    for kind, make in _MAKERS.items():
        options = [edit for edit in make(_Sentence(stream, table, tuple(names)), chance) if edit[1] != edit[2]]
        if not options:
            continue
        (first, last), before, after = chance.choice(options)
        folded = stream.tokens.folded
        text = folded[:first] + after + folded[last:]
        if tokenize(text).texts != stream.tokens.texts:
            found.append(Edit(kind, " ".join(text.split()), before, after))
    return tuple(found)


@dataclass(frozen=True)
class _Sentence:
    stream: Stream
    words: Words
    names: tuple[str, ...]

    def span(self, first: int, last: int) -> tuple[int, int]:
        """Return where tokens `first` up to and without `last` stand in the folded sentence."""
        tokens = self.stream.tokens
        return tokens.starts[first], tokens.starts[last - 1] + len(tokens.texts[last - 1])

    def text(self, span: tuple[int, int]) -> str:
        """Return what stands there."""
        return self.stream.tokens.folded[span[0] : span[1]]


_Change = tuple[tuple[int, int], str, str]
_Maker = Callable[[_Sentence, random.Random], Iterator[_Change]]


def _numbers(sentence: _Sentence, chance: random.Random) -> Iterator[_Change]:
    tokens = sentence.stream.tokens
    for index, (text, kind) in enumerate(zip(tokens.texts, tokens.kinds, strict=True)):
        if kind == "n":
            place = chance.randrange(len(text))
            while not text[place].isdigit():
                place = chance.randrange(len(text))
            digit = str((int(text[place]) + chance.randrange(1, 9)) % 10)
            after = (
                text[:place] + (digit if digit != "0" or place else "1" if text[0] != "1" else "7") + text[place + 1 :]
            )
            yield sentence.span(index, index + 1), text, after
        elif text.lower() in sentence.words.number_words:
            value = sentence.words.number_words[text.lower()]
            others = [word for word, other in sentence.words.number_words.items() if other != value]
            yield sentence.span(index, index + 1), text, _like(text, chance.choice(others))


def _units(sentence: _Sentence, chance: random.Random) -> Iterator[_Change]:
    tokens, table = sentence.stream.tokens, sentence.words
    for index, text in enumerate(tokens.texts):
        if text in _CURRENCIES:
            yield sentence.span(index, index + 1), text, chance.choice([sign for sign in _CURRENCIES if sign != text])
        elif text == "%" and index:
            yield sentence.span(index, index + 1), text, chance.choice(["‰", " km", " kg"])
        elif text.lower() in table.magnitudes and index and tokens.kinds[index - 1] == "n":
            value = table.magnitudes[text.lower()]
            others = [word for word, other in table.magnitudes.items() if other != value]
            yield sentence.span(index, index + 1), text, chance.choice(others)
    groups = table.raw.get("numbers", {}).get("units", [])
    for phrase in table.units.find(tokens):
        if phrase.first and tokens.kinds[phrase.first - 1] == "n":
            group = chance.choice([group for group in groups if group[0] != phrase.meaning])
            span = sentence.span(phrase.first, phrase.last)
            yield span, sentence.text(span), chance.choice(group)


def _names(sentence: _Sentence, chance: random.Random) -> Iterator[_Change]:
    for span, text in _name_spans(sentence):
        pool = [name for name in sentence.names if name not in sentence.stream.tokens.folded]
        pool += [] if pool else _STRANGERS["Cyrillic" if "Ѐ" <= text[0] <= "ӿ" else "Latin"]
        yield span, text, chance.choice(pool)


def _swaps(sentence: _Sentence, chance: random.Random) -> Iterator[_Change]:
    spans = _name_spans(sentence)
    for number, (first, one) in enumerate(spans):
        for second, other in spans[number + 1 :]:
            if one.lower() != other.lower() and first[1] <= second[0]:
                between = sentence.text((first[1], second[0]))
                whole = (first[0], second[1])
                yield whole, sentence.text(whole), other + between + one


def _name_spans(sentence: _Sentence) -> list[tuple[tuple[int, int], str]]:
    tokens = sentence.stream.tokens
    found = set(Reading(sentence.stream, sentence.words).names)
    spans = [(sentence.span(i, i + 1), text) for i, text in enumerate(tokens.texts) if text in found]
    dates = {phrase.first for phrase in sentence.words.dates.find(tokens)}
    spans = [pair for pair in spans if tokens.starts.index(pair[0][0]) not in dates]
    for name in sentence.names:
        place = tokens.folded.find(name)
        if place >= 0:
            spans.append(((place, place + len(name)), name))
    return sorted(set(spans))


def _dates(sentence: _Sentence, chance: random.Random) -> Iterator[_Change]:
    tokens, raw = sentence.stream.tokens, sentence.words.raw.get("dates", {})
    for kind in ("months", "weekdays"):
        groups = [group for group in raw.get(kind, ()) if not group[0].endswith("*")] or [
            [name.rstrip("*") for name in group] for group in raw.get(kind, ())
        ]
        for phrase in Phrases({n: g[0] for g in groups for n in g}, sentence.words.unspaced).find(tokens):
            span = sentence.span(phrase.first, phrase.last)
            before = sentence.text(span)
            forms = next((group.index(before.lower()) for group in groups if before.lower() in group), 0)
            others = [group[min(forms, len(group) - 1)] for group in groups if group[0] != phrase.meaning]
            yield span, before, _like(before, chance.choice(others))
    for index, text in enumerate(tokens.texts):
        if len(text) == 4 and text.isdecimal() and text[:2] in {"19", "20"}:
            yield sentence.span(index, index + 1), text, str(int(text) + chance.choice([-3, -2, -1, 1, 2, 3]))


def _negations(sentence: _Sentence, chance: random.Random) -> Iterator[_Change]:
    tokens, raw = sentence.stream.tokens, sentence.words.raw.get("facts", {})
    negator = raw.get("negator")
    plain = {entry for entry in raw.get("negation", ())[:_PLAIN_NEGATIONS] if not entry.endswith("*")}
    for index, text in enumerate(tokens.lower):
        if text in plain or text in {"n't", negator}:
            first, last = sentence.span(index, index + 1)
            yield (first, last), sentence.text((first, last)), ""
    if negator is None:
        return
    for index in range(1, len(tokens)):
        if sentence.words.language == "en" and tokens.lower[index - 1] not in _AUXILIARIES:
            continue
        if tokens.kinds[index] in "ws" and tokens.texts[index][0] != "'" and tokens.texts[index] != "n't":
            first, last = sentence.span(index, index + 1)
            space = "" if sentence.words.unspaced else " "
            before = sentence.text((first, last))
            yield (first, last), before, negator + space + before


def _attributions(sentence: _Sentence, chance: random.Random) -> Iterator[_Change]:
    yield from _replaced(sentence, chance, "attribution")


def _quantifiers(sentence: _Sentence, chance: random.Random) -> Iterator[_Change]:
    yield from _replaced(sentence, chance, "quantifier")


def _replaced(sentence: _Sentence, chance: random.Random, kind: str) -> Iterator[_Change]:
    if kind not in FACTS:
        raise ValueError(kind)
    table = sentence.words.facts[kind]
    entries = [entry for entry in sentence.words.raw.get("facts", {}).get(kind, ()) if not entry.endswith("*")]
    meanings = {entry: found.meaning for entry in entries if (found := table.at(tokenize(entry))) is not None}
    for phrase in table.find(sentence.stream.tokens):
        span = sentence.span(phrase.first, phrase.last)
        before = sentence.text(span)
        others = [
            entry
            for entry, meaning in meanings.items()
            # `says` for `said` is not false.
            if meaning != phrase.meaning and entry not in before.lower() and before.lower() not in entry
        ]
        if others:
            yield span, before, _like(before, chance.choice(others))


def _like(model: str, word: str) -> str:
    return word[:1].upper() + word[1:] if model[:1].isupper() else word


_MAKERS: dict[EditKind, _Maker] = {
    EditKind.NUMBER: _numbers,
    EditKind.UNIT: _units,
    EditKind.NAME: _names,
    EditKind.SWAP: _swaps,
    EditKind.DATE: _dates,
    EditKind.NEGATION: _negations,
    EditKind.ATTRIBUTION: _attributions,
    EditKind.QUANTIFIER: _quantifiers,
}
