"""Choosing sentences: the heaviest uncovered concepts first, nothing twice, everything readable where it stands."""

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pulse.llm.extract.concepts import Candidate
from pulse.llm.extract.length import count_characters
from pulse.llm.extract.readable import dangles, quality, why_unreadable
from pulse.llm.extract.shorten import shorten
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


def readability(candidate: Candidate, words: Words) -> float:
    """Return 0 to 1: how well a sentence reads by itself; 0 where it must not be shown."""
    if candidate.quoted or candidate.headline or why_unreadable(candidate.text, candidate.tokens, words):
        return 0.0
    return quality(candidate.text, candidate.tokens)


def choose(
    candidates: Sequence[Candidate], weights: Mapping[str, float], limits: Limits, words: Words
) -> tuple[Chosen, ...]:
    """Choose greedily under the limits and return the sentences in reading order.

    What a sentence adds only ever falls as others are taken, so that the best of a heap whose value is still true is
    the best of all (Minoux 1978), and readability need be looked at in those few only.
    """
    separator = 0 if words.unspaced else 1
    heap = [
        (
            -_gain(candidate, candidate.fit, weights, set()),
            candidate.rank,
            candidate.index,
            -1,
            candidate.fit,
            candidate,
        )
        for candidate in candidates
    ]
    heapq.heapify(heap)
    taken: list[tuple[Candidate, Chosen]] = []
    contested: list[tuple[Candidate, Chosen]] = []
    leaning: dict[tuple[int, int], tuple[float, Candidate]] = {}
    places: set[tuple[int, int]] = set()
    covered: set[str] = set()
    room, first = limits.max_characters, 0.0
    while heap and len(taken) < limits.max_sentences:
        gain, rank, index, seen, fit, best = heapq.heappop(heap)
        if seen < 0:
            fit *= readability(best, words)
            if fit > 0 and dangles(best.tokens, words) and (rank, index - 1) not in places:
                leaning[rank, index - 1] = fit, best
            elif fit > 0:
                gain = -_gain(best, fit, weights, covered)
                heapq.heappush(heap, (gain, rank, index, len(taken), fit, best))
            continue
        if seen < len(taken):
            gain = -_gain(best, fit, weights, covered)
            heapq.heappush(heap, (gain, rank, index, len(taken), fit, best))
            continue
        if len(taken) >= limits.min_sentences and -gain < _WORTH_ADDING * first:
            break
        text = _fitting(best, room - (separator if taken else 0), words)
        if text is None or any(_repeats(best, other) for other, _ in taken):
            continue
        first = first or -gain
        chosen = _with_citations(best, text, -gain, candidates, words)
        # What the sources tell in two ways is left to what they agree on, as long as there is something.
        if chosen.disputed_by:
            contested.append((best, chosen))
            continue
        room -= count_characters(text) + (separator if taken else 0)
        taken.append((best, chosen))
        places.add((rank, index))
        covered |= best.concepts
        if (rank, index) in leaning:
            fit, follower = leaning.pop((rank, index))
            gain = -_gain(follower, fit, weights, covered)
            heapq.heappush(heap, (gain, follower.rank, follower.index, len(taken), fit, follower))
    found = sorted(taken or contested[:1], key=lambda pair: (pair[0].rank, pair[0].index))
    return tuple(chosen for _, chosen in found)


def _gain(candidate: Candidate, fit: float, weights: Mapping[str, float], covered: set[str]) -> float:
    # fsum: a set has no order, and a summary must not depend on the one it happens to have.
    total = math.fsum([weights[concept] for concept in candidate.concepts - covered])
    return float(fit * total / (len(candidate.tokens) + 5) ** _LENGTH_POWER)


def _fitting(candidate: Candidate, room: int, words: Words) -> str | None:
    """Return the sentence, shorter where it must and can be, or None where there is no room for it."""
    if count_characters(candidate.text) <= room:
        return candidate.text
    return shorten(candidate.text, candidate.source, room, words) if room > 0 else None


def _repeats(one: Candidate, other: Candidate) -> bool:
    smaller = min(len(one.concepts), len(other.concepts))
    return smaller == 0 or len(one.concepts & other.concepts) >= _REPEATS * smaller


def _with_citations(
    candidate: Candidate, text: str, score: float, everything: Sequence[Candidate], words: Words
) -> Chosen:
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
    return Chosen(text, tuple(same), score, tuple(disputed))


def _likeness(one: Candidate, other: Candidate) -> float:
    together = len(one.concepts | other.concepts)
    return len(one.concepts & other.concepts) / together if together else 0.0


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
