"""What a story is about: the words and word pairs its sentences share, weighted by where they stand.

The model is that of concept coverage (Gillick and Favre 2009): a summary is good that covers the heavy concepts once.
Weights lean on position, because news is written that way (LEAD-3 is hard to beat), and on repetition: what a story
says in one sentence only counts less.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pulse.llm.shapes import Citation
from pulse.llm.tokens import Tokens, stem
from pulse.llm.words import Words

Concept = str | tuple[str, str]

_SINGLE = 0.3
_TITLE = 1.25


@dataclass(frozen=True)
class Candidate:
    """A source sentence as the engine weighs it.

    `rank` is the article's place in the story; `fit` is 0 where it must not be shown.
    """

    citation: Citation
    rank: int
    index: int
    text: str
    characters: int
    tokens: Tokens
    concepts: frozenset[Concept]
    words: frozenset[str]
    fit: float
    dangling: bool


def concepts_of(tokens: Tokens, words: Words) -> tuple[frozenset[str], frozenset[Concept]]:
    """Return the stems of a sentence and all its concepts: stems and neighbouring pairs, pairs of signs for CJK."""
    lower, kinds, stop = tokens.lower, tokens.kinds, words.stop
    if "s" in kinds:
        pairs = zip(lower, lower[1:], kinds, kinds[1:], strict=False)
        stems = [one + other for one, other, kind, following in pairs if kind == following == "s"]
        stems += [text for text, kind in zip(lower, kinds, strict=True) if kind in "nw"]
    else:
        wanted = (text for text, kind in zip(lower, kinds, strict=True) if kind != "m" and text not in stop)
        stems = [stem(text) for text in wanted if text[0] != "'"]
    unique = frozenset(stems)
    return unique, unique | frozenset(pairwise(stems))


def decay(index: int, reach: float, floor: float) -> float:
    """Return 1 for the first sentence, falling towards `floor` over some `reach` sentences."""
    return floor + (1 - floor) * math.exp(-index / reach)


def weigh(sentences: Sequence[tuple[int, float, frozenset[Concept]]], title: frozenset[str]) -> Mapping[Concept, float]:
    """Weigh the concepts of all sentences, given as (index in the article, weight of the article, concepts)."""
    weights: dict[Concept, float] = {}
    for index, trust, concepts in sentences:
        weight = trust * decay(index, reach=8, floor=0.3)
        for concept in concepts:
            weights[concept] = weights.get(concept, 0.0) + weight
    counts = Counter(concept for _, _, concepts in sentences for concept in concepts)
    for concept, count in counts.items():
        if count == 1:
            weights[concept] *= _SINGLE
        if concept in title:
            weights[concept] *= _TITLE
    return weights
