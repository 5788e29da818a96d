"""Choosing sentences: the heaviest uncovered concepts first, nothing twice, everything readable where it stands."""

import math
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
    """A sentence of an extract.

    `citations` hold its own place first, then those that say the same; `disputed_by` those that tell the same with
    another number, date or negation. `score` is what it added to the summary.
    """

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
    taken: list[tuple[Candidate, Chosen]] = []
    contested: list[tuple[Candidate, Chosen]] = []
    covered: set[Concept] = set()
    left, room, first = list(readable), limits.max_characters, 0.0
    while left and len(taken) < limits.max_sentences:
        places = {(candidate.rank, candidate.index) for candidate, _ in taken}
        between = separator if taken else 0
        open_now = [c for c in left if c.characters + between <= room and _stands(c, places)]
        if not open_now:
            break
        gain, best = max(
            ((_gain(candidate, weights, covered), candidate) for candidate in open_now),
            key=lambda pair: (pair[0], -pair[1].rank, -pair[1].index),
        )
        if len(taken) >= limits.min_sentences and gain < _WORTH_ADDING * first:
            break
        first = first or gain
        left.remove(best)
        if any(_repeats(best, other) for other, _ in taken):
            continue
        chosen = _with_citations(best, gain, everything, words)
        # What the sources tell in two ways is left to what they agree on, as long as there is something.
        if chosen.disputed_by:
            contested.append((best, chosen))
            continue
        taken.append((best, chosen))
        covered |= best.concepts
        room -= best.characters + between
    found = sorted(taken or contested[:1], key=lambda pair: (pair[0].rank, pair[0].index))
    return tuple(chosen for _, chosen in found)


def _gain(candidate: Candidate, weights: Mapping[Concept, float], covered: set[Concept]) -> float:
    # fsum: a set has no order, and a summary must not depend on the one it happens to have.
    total = math.fsum(weights[concept] for concept in candidate.concepts if concept not in covered)
    return float(candidate.fit * total / (len(candidate.tokens) + 5) ** _LENGTH_POWER)


def _stands(candidate: Candidate, places: set[tuple[int, int]]) -> bool:
    """Say whether a sentence may stand: one that leans on the one before it only right after that one."""
    return not candidate.dangling or (candidate.rank, candidate.index - 1) in places


def _repeats(one: Candidate, other: Candidate) -> bool:
    smaller = min(len(one.words), len(other.words))
    return smaller == 0 or len(one.words & other.words) >= _REPEATS * smaller


def _with_citations(candidate: Candidate, score: float, everything: Sequence[Candidate], words: Words) -> Chosen:
    same, disputed = [candidate.citation], []
    reading: Reading | None = None
    for other in everything:
        if other.rank == candidate.rank or _likeness(candidate, other) < _SAME:
            continue
        reading = reading or Reading(read(candidate.text, words), words)
        its = Reading(read(other.text, words), words)
        if disputes(reading, its):
            disputed.append(other.citation)
        elif says_the_same(reading, its):
            same.append(other.citation)
    return Chosen(candidate.text, tuple(same), score, tuple(disputed))


def _likeness(one: Candidate, other: Candidate) -> float:
    together = len(one.words | other.words)
    return len(one.words & other.words) / together if together else 0.0


def says_the_same(one: Reading, other: Reading) -> bool:
    """Of two sentences in much the same words: whether numbers, units, dates, names and claim words agree too."""
    return (
        set(one.amounts) == set(other.amounts)
        and one.dates == other.dates
        and one.counts == other.counts
        and {name.lower() for name in one.names} == {name.lower() for name in other.names}
        and all(sorted(one.facts[kind]) == sorted(other.facts[kind]) for kind in one.facts)
    )


def disputes(one: Reading, other: Reading) -> bool:
    """Of two sentences in much the same words: whether numbers or dates differ, or only one denies it."""
    amounts = set(one.amounts), set(other.amounts)
    if amounts[0] - amounts[1] and amounts[1] - amounts[0]:
        return True
    return (bool(one.dates - other.dates) and bool(other.dates - one.dates)) or bool(one.denials) != bool(other.denials)
