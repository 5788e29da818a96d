"""What a sentence commits itself to: its amounts, names, dates and the words that change a claim.

Read for doubts and for ranking only. Proof looks at the words themselves, so that a gap in a table costs a reason its
name and never lets a false sentence through.
"""

from dataclasses import dataclass
from functools import cached_property

from pulse.llm.tokens import is_capitalised, stem
from pulse.llm.verify.stream import QUOTE, Stream
from pulse.llm.words import FACTS, Words

_CURRENCIES = frozenset("$€£¥₹₽₴₩₺₪₫฿₦")
_SCOPE = 3
_LINKS = frozenset({"-", "de", "d'", "di"})
"""What may stand between a number and its unit: 40-metre, millones de euros."""
_DIRECT = frozenset({"%", "‰", "°", "′", "″"})


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with what it counts: the sign or the unit beside it, empty where there is none."""

    value: str
    unit: str


@dataclass(frozen=True)
class Reading:
    """A sentence as the rules see it."""

    stream: Stream
    words: Words

    @cached_property
    def facts(self) -> dict[str, list[str]]:
        """Entries found, by kind of fact."""
        return {kind: [phrase.meaning for phrase in self.words.facts[kind].find(self.stream.tokens)] for kind in FACTS}

    @cached_property
    def all_dates(self) -> tuple[str, ...]:
        """Months, weekdays and relative dates as often as they occur, one name for each."""
        return tuple(phrase.meaning for phrase in self.words.dates.find(self.stream.tokens))

    @cached_property
    def dates(self) -> frozenset[str]:
        """The same, each once."""
        return frozenset(self.all_dates)

    @cached_property
    def counts(self) -> frozenset[str]:
        """Number words that are no plain number: half, dozen, first."""
        return frozenset(
            phrase.meaning
            for phrase in self.words.counts.find(self.stream.tokens)
            if phrase.meaning not in self.words.number_words and phrase.meaning not in self.words.magnitudes
        )

    @cached_property
    def amounts(self) -> tuple[Amount, ...]:
        """Numbers in digits or words, with their units."""
        keys = self.stream.keys
        units = {
            self.stream.key_at(phrase.first): phrase.meaning for phrase in self.words.units.find(self.stream.tokens)
        }
        found = []
        for index, key in enumerate(keys):
            if not (key[0].isdigit() or (key[0] == "#" and len(key) > 1)):
                continue
            before = keys[index - 1] if index else ""
            after = keys[index + 1] if index + 1 < len(keys) else ""
            if before in _CURRENCIES:
                unit = before
            elif after in _CURRENCIES or after in _DIRECT:
                unit = after
            else:
                linked = after in _LINKS or after in self.words.magnitudes
                unit = units.get(index + 1) or (units.get(index + 2, "") if linked else "")
            found.append(Amount(key.lstrip("#"), unit))
        return tuple(found)

    @cached_property
    def units(self) -> frozenset[str]:
        """Currency signs, and every word that can be a unit."""
        return _CURRENCIES.intersection(self.stream.tokens.texts) | {
            phrase.meaning for phrase in self.words.units.find(self.stream.tokens)
        }

    @cached_property
    def measures(self) -> frozenset[str]:
        """Currency signs, and every unit that stands right behind a number in digits."""
        tokens = self.stream.tokens
        return _CURRENCIES.intersection(tokens.texts) | {
            phrase.meaning
            for phrase in self.words.units.find(tokens)
            if phrase.first and tokens.kinds[phrase.first - 1] == "n"
        }

    @cached_property
    def denials(self) -> tuple[tuple[str, frozenset[str]], ...]:
        """Each negation with the stems of the words it is most likely about: the next ones, or all around it."""
        tokens, found = self.stream.tokens, []
        for phrase in self.words.facts["negation"].find(tokens):
            scope: list[str] = []
            last = phrase.last
            while last < len(tokens) and len(scope) < _SCOPE and tokens.kinds[last] != "m":
                scope += [stem(tokens.lower[last])] * (tokens.lower[last] not in self.words.stop)
                last += 1
            if self.words.unspaced:
                scope += tokens.lower[max(0, phrase.first - _SCOPE) : phrase.first]
            found.append((phrase.meaning, frozenset(scope)))
        return tuple(found)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Capitalised words that are not there because a sentence or a quotation begins."""
        found = []
        starts = True
        for place, (text, kind) in enumerate(zip(self.stream.tokens.texts, self.stream.tokens.kinds, strict=True)):
            if kind == "w" and is_capitalised(text) and len(text) > 1 and not (starts and self._is_common(place)):
                found.append(text)
            starts = (starts and kind == "m") or text in {".", "!", "?", ":", QUOTE}
        return tuple(found)

    def _is_common(self, place: int) -> bool:
        """Say whether a word is in one of the language's tables, and so no name where a sentence begins."""
        tokens, words = self.stream.tokens, self.words
        if tokens.lower[place] in words.stop | words.adverbial | words.common:
            return True
        return any(words.facts[kind].at(tokens, place) is not None for kind in FACTS)

    @cached_property
    def content(self) -> tuple[str, ...]:
        """The words and numbers that carry meaning, in order, in lower case; pairs of signs in unspaced scripts."""
        return tuple(text for text, _ in self._content)

    @cached_property
    def places(self) -> tuple[int, ...]:
        """The token where each entry of `content` begins."""
        return tuple(place for _, place in self._content)

    @cached_property
    def _content(self) -> tuple[tuple[str, int], ...]:
        tokens, keys, firsts = self.stream.tokens, self.stream.keys, self.stream.firsts
        stop = self.words.stop
        found = []
        for key, first in zip(keys, firsts, strict=True):
            kind, text = tokens.kinds[first], key.lower()
            if key[0] == "#" and len(key) > 1:
                found.append((key, first))
            elif kind == "s":
                if tokens.kinds[first + 1 : first + 2] == "s":
                    found.append((text + tokens.lower[first + 1], first))
            elif kind != "m" and text not in stop and text[0] != "'":
                found.append((text, first))
        return tuple(found)

    @cached_property
    def stems(self) -> tuple[str, ...]:
        """The stems of `content`, in step with it."""
        return tuple(map(stem, self.content))

    @cached_property
    def stem_set(self) -> frozenset[str]:
        """The stems without their order."""
        return frozenset(self.stems)

    @cached_property
    def word_set(self) -> frozenset[str]:
        """The stems of all words and signs that are not stop words."""
        return frozenset(stem(text) for text in self.stream.tokens.lower if text not in self.words.stop)
