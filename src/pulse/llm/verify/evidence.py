"""The sources of a story, read once, for judging many sentences against them."""

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from pulse.llm.language import guess
from pulse.llm.shapes import Citation, Proof, SourceSentence
from pulse.llm.tokens import stem, tokenize
from pulse.llm.verify.absolute import Dated, absolute, dates, taken_out
from pulse.llm.verify.proof import Match, Passage, passages, prove
from pulse.llm.verify.reading import Amount, Reading
from pulse.llm.verify.stream import Stream, read
from pulse.llm.words import Words, words

_NEAREST = 3
_SPACED = re.compile(r"\b\d{1,3}(?:[.,]?\s\d{3})+\b")


class Evidence:
    """Source sentences of one language, indexed. What readers cannot see in a source proves nothing."""

    def __init__(self, sources: Sequence[SourceSentence], language: str | None = None) -> None:
        self.sentences = tuple(sources)
        sample = " ".join(sentence.text for sentence in self.sentences[:20])
        known = language or next((sentence.language for sentence in self.sentences if sentence.language), None)
        self.words: Words = words(known or guess(sample))
        self._passages: tuple[Passage, ...] = passages(self.sentences, self.words)

    def prove(self, stream: Stream) -> list[Match]:
        """Return every proof of a sentence, at most one for each run of source sentences."""
        return [match for passage in self._passages if (match := prove(stream, passage)) is not None]

    def prove_dated(self, sentence: str) -> list[Match]:
        """Return every proof of a sentence in which dates stand behind days: of what is left, and of each date."""
        found = taken_out(sentence, self.words)
        if found is None:
            return []
        bare, told = found
        return [
            replace(match, proof=Proof.NOTATION) if match.proof is Proof.VERBATIM else match
            for match in self.prove(read(bare, self.words))
            if told <= self._dates(bare, match.citations)
        ]

    def _dates(self, text: str, cited: Sequence[Citation]) -> frozenset[Dated]:
        """Return the dates that may be put into a text that says what sentences of one article say."""
        sources = [sentence for sentence in self.sentences if sentence.citation in cited]
        whole = " ".join(source.text for source in sources)
        return frozenset(dates(text, whole, sources[0].published, self.words))

    @cached_property
    def readings(self) -> tuple[tuple[Citation, Reading], ...]:
        """Every source sentence as the rules see it: with the dates of the days that it names."""
        return tuple(
            (sentence.citation, Reading(self._dated(sentence, stream), self.words))
            for passage in self._passages
            for sentence, stream in zip(passage.sentences, passage.streams, strict=True)
        )

    def _dated(self, sentence: SourceSentence, stream: Stream) -> Stream:
        dated = absolute(sentence.text, sentence.published, self.words)
        return stream if dated == sentence.text else read(dated, self.words)

    @cached_property
    def weights(self) -> dict[str, float]:
        """Inverse document frequency of each stem, a sentence being a document."""
        counts = Counter(stem for _, reading in self.readings for stem in reading.stem_set)
        total = len(self.readings)
        return {stem: math.log(1 + total / count) for stem, count in counts.items()}

    @cached_property
    def pairs(self) -> frozenset[tuple[str, str]]:
        """Neighbouring stems of all sentences."""
        return frozenset(
            pair for _, reading in self.readings for pair in zip(reading.stems, reading.stems[1:], strict=False)
        )

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """Every word of every sentence in lower case."""
        return frozenset(word for _, reading in self.readings for word in reading.stream.tokens.lower)

    @cached_property
    def amounts(self) -> frozenset[Amount]:
        """Every number with its unit."""
        return frozenset(amount for _, reading in self.readings for amount in reading.amounts)

    @cached_property
    def values(self) -> frozenset[str]:
        """Every number, those also that stand with a space between their groups."""
        spaced = (_SPACED.findall(sentence.text) for sentence in self.sentences)
        joined = {re.sub(r"\D", "", number) for numbers in spaced for number in numbers}
        return frozenset({amount.value for amount in self.amounts} | joined)

    def in_order(self, text: str) -> float:
        """Return the share (0 to 1) of a text's words that stand in one article in the same order, gaps allowed."""
        words = [stem(word) for word in tokenize(text).lower]
        most = max((_longest_common(words, *places) for places in self._places), default=0)
        return most / len(words) if words else 0.0

    @cached_property
    def _places(self) -> tuple[tuple[dict[str, int], int], ...]:
        """For each article, each of its words with the places it stands at as bits, and how many places there are."""
        articles: dict[str, list[str]] = {}
        for passage in self._passages:
            for sentence, stream in zip(passage.sentences, passage.streams, strict=True):
                articles.setdefault(sentence.article, []).extend(map(stem, stream.tokens.lower))
        found = []
        for stems in articles.values():
            places: dict[str, int] = {}
            for place, word in enumerate(stems):
                places[word] = places.get(word, 0) | 1 << place
            found.append((places, len(stems)))
        return tuple(found)

    def nearest(self, claim: Reading) -> list[tuple[Citation, Reading]]:
        """Return up to three source sentences that together share most with a sentence, nearest first."""
        wanted = set(claim.stem_set)
        left = [item for item in self.readings if item[1].stem_set & wanted]
        found: list[tuple[Citation, Reading]] = []
        while left and wanted and len(found) < _NEAREST:
            best = max(left, key=lambda item: (self._shared(item[1], wanted), -len(item[1].stem_set)))
            left.remove(best)
            # A word alone does not make a sentence a source: London in a dateline is not where the story happens.
            if not best[1].stem_set & wanted or (found and len(best[1].stem_set & claim.stem_set) < 2):
                break
            found.append(best)
            wanted -= best[1].stem_set
        return found

    def _shared(self, reading: Reading, wanted: set[str]) -> float:
        return math.fsum(self.weights[stem] for stem in reading.stem_set & wanted)


def _longest_common(words: Sequence[str], places: Mapping[str, int], total: int) -> int:
    """Return the length of the longest common subsequence, row by row in the bits of one number (Hyyrö 2004)."""
    whole = row = (1 << total) - 1
    for word in words:
        matched = row & places.get(word, 0)
        row = ((row + matched) | (row - matched)) & whole
    return total - row.bit_count()
