"""A language model as a judge: not what it says but how sure it is, as calibrated log-odds of yes against no.

What a model says outright is a poor verdict of a one-word change; the odds it gives rank far better, once a threshold
has been calibrated (Kadavath et al. 2022 on what models know; Platt 1999 on the calibration).
"""

import asyncio
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pulse.llm import prompts
from pulse.llm.errors import ProviderError
from pulse.llm.judges.port import JudgeFailed, Pair, checked
from pulse.llm.providers.port import Answer, Completion, Provider

_ALTERNATIVES = 20
_AT_ONCE = 4
_LONGEST_PREMISE = 12_000


@dataclass(frozen=True, slots=True)
class Calibration:
    """`probability = 1 / (1 + exp(-(slope * log_odds + offset)))`, fitted on labelled pairs (Platt 1999)."""

    slope: float = 1.0
    offset: float = 0.0

    def probability(self, log_odds: float) -> float:
        """Return the probability of support."""
        value = max(-500.0, min(500.0, self.slope * log_odds + self.offset))
        return 1 / (1 + math.exp(-value))


class LogOddsJudge:
    """Asks `provider` once for each pair; an answer without log probabilities is a failure, not a yes."""

    room = _LONGEST_PREMISE
    languages = None
    weight = 2.0

    def __init__(self, provider: Provider, calibration: Calibration = Calibration()) -> None:
        self._provider = provider
        self._calibration = calibration
        self.name = f"{provider.name}:{provider.model}"
        self.version = f"{prompts.JUDGE} {calibration.slope:g} {calibration.offset:g}"

    def through(self, provider: Provider) -> "LogOddsJudge":
        """Return the same judge asking `provider`, which keeps the books of one tenant's calls."""
        judge = LogOddsJudge(provider, self._calibration)
        judge.name, judge.version = self.name, self.version
        return judge

    async def judge(self, pairs: Sequence[Pair]) -> list[float]:
        """Return the calibrated probabilities. Raises `JudgeFailed`."""
        limit = asyncio.Semaphore(_AT_ONCE)

        async def one(pair: Pair) -> float:
            async with limit:
                return self._calibration.probability(log_odds(await self._provider.complete(question(pair))))

        try:
            return checked(await asyncio.gather(*map(one, pairs)), pairs)
        except ProviderError as error:
            raise JudgeFailed(f"{self.name}: {error.message}") from error


def question(pair: Pair) -> Completion:
    """Return what the model is asked about a pair."""
    statement = f"{pair.before} {pair.claim}".strip()
    user = f"Text:\n{pair.premise[:_LONGEST_PREMISE]}\n\nStatement:\n{statement}\n\nSupported (yes or no):"
    return Completion(
        prompts.load(prompts.JUDGE),
        user,
        max_tokens=1,
        logprobs=_ALTERNATIVES,
        prompt_version=prompts.JUDGE,
        sentence=pair.claim,
    )


def log_odds(answer: Answer) -> float:
    """Return ln(P(yes) / P(no)) of the first token. Raises `JudgeFailed` where neither is among the alternatives."""
    if answer.logprobs is None:
        raise JudgeFailed(f"{answer.model} gives no log probabilities")
    yes, no = _mass(answer.logprobs, "yes"), _mass(answer.logprobs, "no")
    if yes is None and no is None:
        raise JudgeFailed(f"{answer.model} answers neither yes nor no")
    # What is not listed is less likely than the least likely that is.
    least = min(answer.logprobs.values())
    return (least if yes is None else yes) - (least if no is None else no)


def _mass(logprobs: Mapping[str, float], word: str) -> float | None:
    found = [value for token, value in logprobs.items() if token.strip(" .\n▁Ġ\"'").lower() == word]
    return math.log(math.fsum(map(math.exp, found))) if found else None
