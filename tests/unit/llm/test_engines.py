"""Patience, fallbacks, the breaker, and which models are for what."""

import asyncio
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.llm import retry
from pulse.llm.breaker import Breaker
from pulse.llm.budget import Prices
from pulse.llm.engines import Engine, Fallbacks, Patient
from pulse.llm.errors import (
    AnswerRefused,
    BudgetExhausted,
    ProviderError,
    ProviderLimited,
    ProviderTimedOut,
    ProviderUnavailable,
)
from pulse.llm.providers.port import Answer, Completion
from pulse.llm.shapes import Usage

ASKED = Completion("system", "user")


class Scripted:
    """Raises what it is told, in order, and then answers."""

    def __init__(self, *failures: ProviderError, model: str = "scripted") -> None:
        self.name, self.model, self.failures, self.asked = "double", model, list(failures), 0

    async def complete(self, request: Completion) -> Answer:
        self.asked += 1
        if self.failures:
            raise self.failures.pop(0)
        return Answer("yes", self.model, Usage(1, 1))


def patient(model: Scripted, waits: list[float], breaker: Breaker | None = None) -> Patient:
    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    return Patient(model, Engine(model, Prices(1, 1), breaker=breaker or Breaker()), sleep, lambda: 0.0)


async def test_a_busy_provider_is_asked_again_after_the_wait_it_names() -> None:
    model, waits = Scripted(ProviderLimited("slow", retry_after=2.0), ProviderUnavailable("down")), list[float]()
    assert (await patient(model, waits).complete(ASKED)).text == "yes"
    assert model.asked == 3
    assert 2.0 <= waits[0] <= 2.5
    assert 0.0 <= waits[1] <= 1.0


@pytest.mark.parametrize(
    "error",
    [ProviderTimedOut("slow"), AnswerRefused("no"), BudgetExhausted("none left"), ProviderLimited("", retry_after=60)],
)
async def test_what_may_be_billed_or_will_not_change_is_not_asked_again(error: ProviderError) -> None:
    model, waits = Scripted(error), list[float]()
    with pytest.raises(type(error)):
        await patient(model, waits).complete(ASKED)
    assert (model.asked, waits) == (1, [])


async def test_attempts_have_an_end() -> None:
    model, waits = Scripted(*[ProviderUnavailable("down")] * 9), list[float]()
    with pytest.raises(ProviderUnavailable):
        await patient(model, waits).complete(ASKED)
    assert model.asked == retry.ATTEMPTS


async def test_who_failed_too_often_is_left_alone() -> None:
    model = Scripted(*[ProviderTimedOut("slow")] * 9)
    asking = patient(model, [], Breaker(threshold=2))
    for _ in range(2):
        with pytest.raises(ProviderTimedOut):
            await asking.complete(ASKED)
    with pytest.raises(ProviderUnavailable):
        await asking.complete(ASKED)
    assert model.asked == 2


async def test_the_next_model_takes_over() -> None:
    first, second = Scripted(AnswerRefused("no"), model="first"), Scripted(model="second")
    both = Fallbacks([first, second])
    assert (both.name, both.model) == ("double", "first")
    assert (await both.complete(ASKED)).model == "second"
    assert (await both.complete(ASKED)).model == "first"


@pytest.mark.parametrize(
    ("failures", "raised"),
    [
        ([AnswerRefused("no"), ProviderTimedOut("slow")], ProviderTimedOut),
        ([BudgetExhausted("none"), AnswerRefused("no")], BudgetExhausted),
    ],
)
async def test_when_all_fail_what_may_pass_is_told(
    failures: Sequence[ProviderError], raised: type[ProviderError]
) -> None:
    with pytest.raises(raised):
        await Fallbacks([Scripted(error) for error in failures]).complete(ASKED)


async def test_only_so_many_are_under_way_at_once() -> None:
    now = most = 0

    class Slow(Scripted):
        async def complete(self, request: Completion) -> Answer:
            nonlocal now, most
            now += 1
            most = max(most, now)
            await asyncio.sleep(0)
            now -= 1
            return await super().complete(request)

    model = Slow()
    asking = Patient(model, Engine(model, Prices(1, 1), slots=asyncio.Semaphore(2)))
    await asyncio.gather(*(asking.complete(ASKED) for _ in range(10)))
    assert (most, model.asked) == (2, 10)


def test_a_model_is_for_what_it_names() -> None:
    engine = Engine(Scripted(), Prices(1, 1), frozenset({"draft"}), frozenset({"sport"}))
    assert engine.serves("draft", "sport")
    assert not engine.serves("tone", "sport")
    assert not engine.serves("draft", None)
    assert Engine(Scripted(), Prices(1, 1)).serves("tone", None)


@given(st.lists(st.tuples(st.floats(0, 100), st.booleans()), max_size=60), st.integers(1, 6), st.floats(1, 50))
def test_the_breaker_stops_a_run_of_failures(steps: list[tuple[float, bool]], threshold: int, rest: float) -> None:
    breaker, now, run, last = Breaker(threshold, rest), 0.0, 0, 0.0
    for pause, works in steps:
        now += pause
        admitted = breaker.admits(now)
        assert admitted == (run < threshold or now >= last + rest)
        if not admitted:
            continue
        if works:
            breaker.succeeded()
            run = 0
        else:
            breaker.failed(now)
            run, last = run + 1, now


def test_after_a_rest_there_is_one_try() -> None:
    breaker = Breaker(threshold=1, rest_seconds=10)
    breaker.failed(0)
    assert [breaker.admits(moment) for moment in (5, 10, 11, 20)] == [False, True, False, True]


@given(st.integers(1, 10), st.floats(0, 1), st.none() | st.floats(0, 3_600))
def test_a_wait_is_never_shorter_than_asked_nor_longer_than_a_job_may_wait(
    attempt: int, random: float, asked: float | None
) -> None:
    seconds = retry.wait(ProviderLimited("slow", retry_after=asked), attempt, random)
    assert (seconds is None) or (asked or 0) <= seconds <= retry.LONGEST_SECONDS
