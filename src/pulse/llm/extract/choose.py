"""Choosing sentences: the heaviest uncovered concepts first, nothing twice, everything readable where it stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pulse.llm.extract.concepts import Candidate, Concept
from pulse.llm.shapes import Citation, Limits
from pulse.llm.verify.reading import Reading
from pulse.llm.verify.stream import read
from pulse.llm.words import Words

_LENGTH_POWER = 0.8
_REPEATS = 0.6
_SAME = 0.6
_WORTH_ADDING = 0.2


@dataclass(frozen=True, slots=True)
class Chosen:
    """A sentence of an extract. `citations` hold its own place first, then those that say the same; `disputed_by` those that
    tell the same with another number, date or negation. `score` is what it added to the summary."""

    text: str
    citations: tuple[Citation, ...]
    score: float
    disputed_by: tuple[Citation, ...] = ()


def choose(
    readable: Sequence[Candidate],
    everything: Sequence[Candidate],
    weights: Mapping[Concept, float],
    limits: Limits,
    words: Words,
) -> tuple[Chosen, ...]:
    """Choose greedily under the limits and return the sentences in reading order."""
    separator = 0 if words.unspaced else 1
    taken: list[tuple[Candidate, float]] = []
    covered: set[Concept] = set()
    left, room, first = list(readable), limits.max_characters, 0.0
    while left and len(taken) < limits.max_sentences:
        places = {(candidate.rank, candidate.index) for candidate, _ in taken}
        open_now = [
            candidate
            for candidate in left
            if candidate.characters + (separator if taken else 0) <= room and _stands(candidate, places)
        ]
        gain, best = max(
            ((_gain(candidate, weights, covered), candidate) for candidate in open_now),
            key=lambda pair: (pair[0], -pair[1].rank, -pair[1].index),
            default=(0.0, None),
        )
        if best is None or (len(taken) >= limits.min_sentences and gain < _WORTH_ADDING * first):
            break
        first = first or gain
        left.remove(best)
        if any(_repeats(best, other) for other, _ in taken):
            continue
        taken.append((best, gain))
        covered |= best.concepts
        room -= best.characters + (separator if len(taken) > 1 else 0)
    taken.sort(key=lambda pair: (pair[0].rank, pair[0].index))
    return tuple(_with_citations(candidate, gain, everything, words) for candidate, gain in taken)


def _gain(candidate: Candidate, weights: Mapping[Concept, float], covered: set[Concept]) -> float:
    total = sum(weights[concept] for concept in candidate.concepts if concept not in covered)
    return float(candidate.fit * total / (len(candidate.tokens) + 5) ** _LENGTH_POWER)


def _stands(candidate: Candidate, places: set[tuple[int, int]]) -> bool:
    """A sentence that leans on the one before it is shown only right after that one."""
    return not candidate.dangling or (candidate.rank, candidate.index - 1) in places


def _repeats(one: Candidate, other: Candidate) -> bool:
    smaller = min(len(one.words), len(other.words))
    return smaller == 0 or len(one.words & other.words) >= _REPEATS * smaller


def _with_citations(
    candidate: Candidate, score: float, everything: Sequence[Candidate], words: Words
) -> Chosen:
    same, disputed = [candidate.citation], []
    reading: Reading | None = None
    for other in everything:
        shared = len(candidate.words & other.words)
        if other.rank == candidate.rank or shared < _SAME * len(candidate.words | other.words):
            continue
        reading = reading or Reading(read(candidate.text, words), words)
        if says_the_same(reading, Reading(read(other.text, words), words)):
            same.append(other.citation)
        else:
            disputed.append(other.citation)
    return Chosen(candidate.text, tuple(same), score, tuple(disputed))


def says_the_same(one: Reading, other: Reading) -> bool:
    """Of two sentences in much the same words: whether numbers, units, dates, names and claim words agree too."""
    return (
        set(one.amounts) == set(other.amounts)
        and one.dates == other.dates
        and one.counts == other.counts
        and {name.lower() for name in one.names} == {name.lower() for name in other.names}
        and all(sorted(one.facts[kind]) == sorted(other.facts[kind]) for kind in one.facts)
    )
