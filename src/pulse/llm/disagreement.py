"""Where sources tell different numbers of the same thing, and the sentence that says so with their names. Pure.

The sentence is a template over two source sentences. It is proven by reading it back: each name is a source's, each
number stands in a sentence of that source, and these two sentences tell the same with another number.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from pulse.llm.extract.choose import disputes
from pulse.llm.shapes import Article, Citation, Layer, Proof, Verdict
from pulse.llm.verify.evidence import Evidence
from pulse.llm.verify.reading import Reading

TEMPLATES: Mapping[str, str] = {
    "en": "{a} says {x}, {b} says {y}.",
    "de": "Laut {a} {x}, laut {b} {y}.",
    "fr": "Selon {a} {x}, selon {b} {y}.",
    "es": "Según {a} {x}, según {b} {y}.",
    "it": "Secondo {a} {x}, secondo {b} {y}.",
    "pt": "Segundo {a} {x}, segundo {b} {y}.",
    "nl": "Volgens {a} {x}, volgens {b} {y}.",
}
_ANY = "{a}: {x}; {b}: {y}."
_ALIKE = 0.6
_NUMBER = re.compile(r"(?P<number>[$€£¥]?\d+(?:[.,\u00a0\u202f ]\d{3})*(?![.,]?\d)%?)(?P<words>(?: [^\W\d_]+){0,3})")
_MOST_SENTENCES = 10
"""Sentences of an article that are compared: what matters of a report stands at its beginning."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two sources, what each says, and where."""

    names: tuple[str, str]
    amounts: tuple[str, str]
    citations: tuple[Citation, Citation]

    def text(self, language: str | None) -> str:
        """Return the sentence that states it."""
        template = TEMPLATES.get(language or "", _ANY)
        return template.format(a=self.names[0], x=self.amounts[0], b=self.names[1], y=self.amounts[1])


def find(articles: Sequence[Article], evidence: Evidence) -> tuple[Disagreement, ...]:
    """Return where independent sources of different names tell another number of the same thing, first places first."""
    sources = {article.id: article for article in articles if article.independent and article.source}
    read = [
        (citation, reading)
        for citation, reading in evidence.readings
        if citation.article in sources and citation.index < _MOST_SENTENCES and reading.amounts
    ]
    texts = {sentence.citation: sentence.text for sentence in evidence.sentences}
    found = []
    for (one, first), (other, second) in combinations(read, 2):
        names = sources[one.article].source, sources[other.article].source
        if one.article == other.article or names[0] == names[1] or not _same_but_numbers(first, second):
            continue
        amounts = _shown(first, second, texts[one]), _shown(second, first, texts[other])
        if amounts[0] and amounts[1]:
            found.append(Disagreement(names, (amounts[0], amounts[1]), (one, other)))
    return tuple(sorted(found, key=lambda item: max(place.index for place in item.citations)))


def prove(sentence: str, articles: Sequence[Article], evidence: Evidence, language: str | None) -> Verdict | None:
    """Return the verdict on a sentence that states a disagreement of these sources, or None where it is none."""
    for item in find(articles, evidence):
        if sentence in _ways(item, language):
            return Verdict(True, 0.96, (), item.citations, Proof.COMPOSED, Layer.PROOF)
    return None


def _ways(item: Disagreement, language: str | None) -> Iterator[str]:
    yield item.text(language)
    turned = (item.names[::-1], item.amounts[::-1], item.citations[::-1])
    yield Disagreement(*turned).text(language)


def _same_but_numbers(one: Reading, other: Reading) -> bool:
    digits = re.compile(r"^[#\d]")
    mine, its = (frozenset(s for s in reading.stem_set if not digits.match(s)) for reading in (one, other))
    together = len(mine | its)
    same_names = {name.lower() for name in one.names} == {name.lower() for name in other.names}
    return (
        together > 0
        and len(mine & its) / together >= _ALIKE
        and same_names
        and one.dates == other.dates
        and all(sorted(one.facts[kind]) == sorted(other.facts[kind]) for kind in one.facts)
        and disputes(one, other)
    )


def _shown(one: Reading, other: Reading, text: str) -> str | None:
    """Return the one number that `other` does not have, as it stands in `text`, with what it counts."""
    own = [amount for amount in one.amounts if amount not in set(other.amounts)]
    if len(own) != 1 or not own[0].value.isdigit():
        return None
    for found in _NUMBER.finditer(text):
        if re.sub(r"\D", "", found["number"]) == own[0].value:
            following = list[str]()
            for word in found["words"].split():
                if word.lower() in one.words.stop:
                    break
                following.append(word)
            return " ".join([found["number"], *following])
    return None
