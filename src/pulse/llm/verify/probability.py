"""How likely a sentence is that could not be proven: a number to rank by, never one to publish by.

The score is a sum, squashed to 0 … 0.9. Upwards: the share of neighbouring word pairs that the sources have too, which
only tells once most of it is copied. Downwards, for each kind of contradiction that the rules find, at most twice:
names, numbers and units that no source has, negations on one side only, opposites, changed limits, the same words in
another order. A judge of entailment, which alone sees one changed ordinary word, may lower it further. The weights are
round numbers chosen on development sets (`pulse eval verifier` prints what they reach): more sharing never lowers the
score and more contradiction never raises it.
"""

import math
from collections import Counter

from pulse.llm.shapes import Doubt, Reason
from pulse.llm.verify.evidence import Evidence
from pulse.llm.verify.reading import Reading

HIGHEST_UNPROVEN = 0.9
_COPIED_FROM = 0.75
_COPIED = 1.0
_SHARED = 0.25
_ABSENT_NAME = 1.0
_ABSENT_NUMBER = 0.5
_ABSENT_UNIT = 0.3
_ADDED_NEGATION = 1.0
_DROPPED_NEGATION = 0.25
_WEIGHTS = {Doubt.DIRECTION: 1.2, Doubt.QUALIFIER: 0.15, Doubt.ORDER: 1.0, Doubt.QUOTE: 0.5, Doubt.NOT_PLAIN: 3.0}
_MOST = 2
_SURE = 1.5
"""The log-odds at which a judge has nothing against a sentence."""
_TRACE = 0.1
_ORDERED = 0.5
"""How much it counts, in log-odds, that no word of a text stands in its sources in this order."""


def unproven(claim: Reading, evidence: Evidence, reasons: tuple[Reason, ...]) -> float:
    """Return the probability, 0 to 0.9, of a sentence that is not proven and raised `reasons`."""
    if not claim.stem_set & evidence.weights.keys():
        return 0.0
    shared = _shared_pairs(claim, evidence)
    score = _SHARED * shared + _COPIED * max(0.0, shared - _COPIED_FROM) / (1 - _COPIED_FROM)
    score -= _ABSENT_NAME * min(_MOST, len({name for name in claim.names if name.lower() not in evidence.vocabulary}))
    score -= _ABSENT_NUMBER * min(_MOST, sum(amount.value not in evidence.values for amount in claim.amounts))
    score -= _ABSENT_UNIT * min(
        _MOST, sum(amount.value in evidence.values and amount not in evidence.amounts for amount in claim.amounts)
    )
    counted = Counter(_kind(reason) for reason in reasons)
    for kind, count in counted.items():
        score -= min(_MOST, count) * _penalty(kind)
    return HIGHEST_UNPROVEN / (1 + math.exp(-score))


def lowered(probability: float, entailment: float, weight: float) -> float:
    """Return the probability of an unproven sentence after a judge's, 0 to 1: never more than before.

    `weight` is how much the judge's log-odds count beside the score of the rules.
    """
    if not 1e-6 < probability < HIGHEST_UNPROVEN:
        return probability
    score = math.log(probability / (HIGHEST_UNPROVEN - probability))
    kept = min(max(entailment, 1e-6), 1 - 1e-6)
    against = min(0.0, math.log(kept / (1 - kept)) - _SURE)
    # Rounding may put a judgement of nothing against it a hair above where it began.
    return min(probability, HIGHEST_UNPROVEN / (1 + math.exp(-(score + weight * against))))


def of_text(probabilities: list[float], all_supported: bool, ordered: float) -> float:
    """Return the probability of a text from those of its sentences: the lowest, told apart by a trace of the mean.

    Where a sentence is not supported, the less the more of its words do not stand in the sources in this order:
    `ordered` is the share (0 to 1) that do.
    """
    if not probabilities:
        return 0.0
    mean = sum(probabilities) / len(probabilities)
    value = (1 - _TRACE) * min(probabilities) + _TRACE * mean
    if all_supported:
        return value
    value = min(value, HIGHEST_UNPROVEN)
    if not 0 < value < HIGHEST_UNPROVEN:
        return value
    score = math.log(value / (HIGHEST_UNPROVEN - value)) + _ORDERED * (ordered - 1)
    return HIGHEST_UNPROVEN / (1 + math.exp(-score))


def _kind(reason: Reason) -> tuple[Doubt, bool]:
    return reason.doubt, reason.detail.startswith("without: ")


def _penalty(kind: tuple[Doubt, bool]) -> float:
    doubt, dropped = kind
    if doubt is Doubt.NEGATION:
        return _DROPPED_NEGATION if dropped else _ADDED_NEGATION
    return _WEIGHTS.get(doubt, 0.0)


def _shared_pairs(claim: Reading, evidence: Evidence) -> float:
    pairs = set(zip(claim.stems, claim.stems[1:], strict=False))
    if not pairs:
        return 0.0
    return len(pairs & evidence.pairs) / len(pairs)
