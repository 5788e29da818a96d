"""What a story is about: the words its sentences share, weighted by where they stand.

The model is that of concept coverage (Gillick and Favre 2009): a summary is good that covers the heavy concepts once.
Weights lean on position, because news is written that way (LEAD-3 is hard to beat), and on repetition: what a story
says in one sentence only counts next to nothing.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pulse.llm.shapes import Citation
from pulse.llm.tokens import Tokens, stem
from pulse.llm.words import Words

_SINGLE = 0.05
_TITLE = 1.25
_NICHE = 3.0


@dataclass(slots=True, eq=False)
class Candidate:
    """A source sentence as the engine weighs it.

    `rank` is the article's place in the story, `fit` how well the sentence's place speaks for it; `quoted` says that
    it stands wholly inside somebody's quotation, `headline` that it says what the title says.
    """

    citation: Citation
    rank: int
    index: int
    source: str
    text: str
    tokens: Tokens
    concepts: frozenset[str]
    fit: float
    quoted: bool
    headline: bool


def concepts_of(tokens: Tokens, words: Words) -> frozenset[str]:
    """Return the concepts of a sentence: the stems of its words, or pairs of signs in unspaced scripts."""
    if not tokens.folded.isascii() and "s" in tokens.kinds:
        lower, kinds = tokens.lower, tokens.kinds
        pairs = zip(lower, lower[1:], kinds, kinds[1:], strict=False)
        signs = [one + other for one, other, kind, following in pairs if kind == following == "s"]
        return frozenset(signs + [text for text, kind in zip(lower, kinds, strict=True) if kind in "nw"])
    return frozenset([stem(text) for text in {*tokens.lower} - words.stop if text[0].isalnum()])


def decay(index: int, reach: float, floor: float) -> float:
    """Return 1 for the first sentence, falling towards `floor` over some `reach` sentences."""
    return floor + (1 - floor) * math.exp(-index / reach)


def weigh(
    sentences: Sequence[tuple[int, float, frozenset[str]]], titles: frozenset[str], niche: frozenset[str]
) -> Mapping[str, float]:
    """Weigh the concepts of all sentences, given as (index in the article, weight of the article, concepts).

    Those of the titles and of the niche's keywords weigh more, and need no second sentence that says them.
    """
    weights: dict[str, float] = {}
    repeated: set[str] = set()
    for index, trust, concepts in sentences:
        weight = trust * decay(index, reach=8, floor=0.3)
        repeated |= weights.keys() & concepts
        for concept in concepts:
            weights[concept] = weights.get(concept, 0.0) + weight
    for concept in weights.keys() - repeated - titles - niche:
        weights[concept] *= _SINGLE
    for wanted, factor in ((titles, _TITLE), (niche, _NICHE)):
        for concept in wanted & weights.keys():
            weights[concept] *= factor
    return weights
