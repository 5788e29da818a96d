"""The port to entailment models: pairs of a source passage and a sentence in, one probability for each out."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pulse.kernel.errors import Kind, PulseError


@dataclass(frozen=True, slots=True)
class Pair:
    """`premise` is a passage of the sources, `claim` the sentence that must follow from it.

    `before` is what stands before the claim in its own text: what its "he" and "there" mean.
    """

    premise: str
    claim: str
    before: str = ""


class JudgeFailed(PulseError):
    """A judge gave no verdict, or one that cannot be read. What it was asked about waits for a person."""

    code = "llm.judge_failed"
    kind = Kind.UNAVAILABLE
    next_step = "The sentences wait for a person. Check PULSE_LLM__JUDGE and what it names."


class Judge(Protocol):
    """An entailment model. Its verdicts are comparable only within one name and version."""

    @property
    def name(self) -> str:
        """What it is called on receipts."""

    @property
    def version(self) -> str:
        """Changes whenever a probability could: the model's hash and the calibration's."""

    @property
    def languages(self) -> frozenset[str] | None:
        """The languages it can judge; None for all."""

    @property
    def room(self) -> int:
        """How many characters of the sources it reads well."""

    @property
    def weight(self) -> float:
        """How much its log-odds count in the ranking of what does not pass, beside the rules: 1 is as much."""

    async def judge(self, pairs: Sequence[Pair]) -> list[float]:
        """Return for each pair the probability, 0 to 1, that the premise supports the claim. Raises `JudgeFailed`."""


def checked(probabilities: Sequence[float], pairs: Sequence[Pair]) -> list[float]:
    """Return a judge's answer if it is one: as many numbers as pairs, each from 0 to 1. Raises `JudgeFailed`."""
    if len(probabilities) != len(pairs):
        raise JudgeFailed(f"{len(probabilities)} answers to {len(pairs)} questions")
    for value in probabilities:
        if not math.isfinite(value) or not 0.0 <= value <= 1.0:
            raise JudgeFailed(f"{value} is no probability")
    return list(map(float, probabilities))
