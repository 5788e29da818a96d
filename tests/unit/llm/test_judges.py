"""A language model as a judge: log-odds, and every answer that is none."""

import math
from collections.abc import Mapping

import pytest

from pulse.llm.errors import ProviderTimedOut
from pulse.llm.gates import gate
from pulse.llm.judges.log_odds import Calibration, LogOddsJudge, log_odds
from pulse.llm.judges.port import JudgeFailed, Pair
from pulse.llm.providers.port import Answer, Completion
from pulse.llm.routing import engines
from pulse.llm.shapes import Usage
from pulse.settings import LlmSettings

PAIR = Pair("It rained for three days.", "It rained.")


class Model:
    """A provider that gives set log probabilities."""

    name, model = "double", "sure"

    def __init__(self, logprobs: Mapping[str, float] | None, error: Exception | None = None) -> None:
        self.logprobs, self.error = logprobs, error
        self.asked: list[Completion] = []

    async def complete(self, request: Completion) -> Answer:
        self.asked.append(request)
        if self.error:
            raise self.error
        return Answer("yes", self.model, Usage(1, 1), logprobs=self.logprobs)


async def test_the_odds_of_yes_against_no_become_a_probability() -> None:
    model = Model({"yes": math.log(0.6), " Yes": math.log(0.2), "no": math.log(0.2)})
    [probability] = await LogOddsJudge(model).judge([PAIR])
    assert probability == pytest.approx(0.8)
    assert PAIR.premise in model.asked[0].user
    assert model.asked[0].logprobs > 0


async def test_a_sentence_is_asked_about_with_what_stands_before_it() -> None:
    model = Model({"yes": -0.1, "no": -3.0})
    await LogOddsJudge(model).judge([Pair("Ann won.", "She wept.", "Ann won the race.")])
    assert "Statement:\nAnn won the race. She wept.\n" in model.asked[0].user
    assert model.asked[0].sentence == "She wept."


async def test_a_calibration_moves_and_scales_them() -> None:
    model = Model({"yes": math.log(0.5), "no": math.log(0.5)})
    [probability] = await LogOddsJudge(model, Calibration(slope=2.0, offset=math.log(1 / 3))).judge([PAIR])
    assert probability == pytest.approx(0.25)


def test_a_word_that_is_not_listed_counts_as_the_least_likely() -> None:
    answer = Answer("yes", "m", Usage(1, 1), logprobs={"yes": -0.1, "maybe": -4.0})
    assert log_odds(answer) == pytest.approx(3.9)


@pytest.mark.parametrize("logprobs", [None, {}, {"perhaps": -0.1}])
async def test_an_answer_without_yes_or_no_is_a_failure(logprobs: Mapping[str, float] | None) -> None:
    with pytest.raises(JudgeFailed):
        await LogOddsJudge(Model(logprobs)).judge([PAIR])


async def test_a_provider_that_fails_is_a_failure() -> None:
    with pytest.raises(JudgeFailed, match="slow"):
        await LogOddsJudge(Model(None, ProviderTimedOut("slow"))).judge([PAIR])


async def test_nothing_asked_is_nothing_answered() -> None:
    assert await LogOddsJudge(Model(None)).judge([]) == []


def test_the_settings_calibrate_a_provider_as_judge() -> None:
    settings = LlmSettings(
        provider="openai",
        base_url="http://127.0.0.1:9/v1",
        model="m",
        judge="provider",
        judge_slope=2.5,
        judge_offset=-0.75,
        judge_threshold=0.9,
    )
    found = gate(settings, engines(settings))
    assert found.threshold == 0.9
    assert found.judge is not None
    assert found.judge.version.endswith(" 2.5 -0.75")
