"""The gate's layers: what a judge may decide, what it may never, and what its failure means."""

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pulse.llm.judges.port import JudgeFailed
from pulse.llm.shapes import SOFT, Doubt, Layer, Reason, SourceSentence, Verdict
from pulse.llm.verify import Evidence
from pulse.llm.verify.gate import Gate, decide
from tests.doubles.scripted_judge import Says

SOURCE = (
    "The council approved the new bridge on Tuesday after two years of debate.",
    "It will cost 40 million euros and open in 2027.",
    "Mayor Anna Lind said the town had not waited in vain.",
)
EVIDENCE = Evidence([SourceSentence("a", index, text, "en") for index, text in enumerate(SOURCE)], "en")
CONTRADICTED = "The council gave the new bridge its blessing on Wednesday."
REWRITTEN = "The council gave the new bridge its blessing on Tuesday."


async def _verdict(sentence: str, judge: Says | None, threshold: float | None = 0.9) -> Verdict:
    [verdict] = await Gate(judge, threshold).verify([sentence], EVIDENCE)
    return verdict


async def test_what_stands_in_a_source_needs_no_judge() -> None:
    judge = Says(0.0)
    verdict = await _verdict(SOURCE[1], judge)
    assert verdict.supported
    assert verdict.layer is Layer.PROOF
    assert judge.asked == []


async def test_rewritten_text_waits_for_a_person_without_a_judge() -> None:
    verdict = await _verdict(REWRITTEN, None)
    assert not verdict.supported
    assert verdict.needs_person


async def test_rewritten_text_passes_where_a_judge_finds_it_entailed() -> None:
    judge = Says(0.95)
    verdict = await _verdict(REWRITTEN, judge)
    assert verdict.supported
    assert verdict.layer is Layer.ENTAILMENT
    assert verdict.judge == "says 1"
    assert verdict.probability == 0.95
    assert SOURCE[0] in judge.asked[0].premise


async def test_below_the_threshold_it_waits_with_the_doubt_marked() -> None:
    verdict = await _verdict(REWRITTEN, Says(0.89))
    assert not verdict.supported
    assert verdict.needs_person
    assert verdict.reasons[-1] == Reason(Doubt.NOT_ENTAILED, "0.89, wanted 0.90")


async def test_a_judge_without_an_operating_point_passes_nothing() -> None:
    verdict = await _verdict(REWRITTEN, Says(1.0), threshold=None)
    assert not verdict.supported
    assert verdict.needs_person
    assert verdict.entailment == 1.0


@pytest.mark.parametrize(
    "sentence",
    [
        "The council gave the new bridge its blessing on Wednesday.",
        "The new bridge will cost 41 million euros.",
        "The new bridge will cost 40 million dollars.",
        "Mayor Anna Berg said the town had not waited in vain.",
        "Mayor Anna Lind said the town had waited in vain.",
        "The council never approved the new bridge.",
        "",
    ],
)
async def test_no_judge_lifts_a_hard_doubt(sentence: str) -> None:
    judge = Says(1.0)
    verdict = await _verdict(sentence, judge)
    assert not verdict.supported
    assert not verdict.needs_person
    assert judge.asked == []


async def test_a_thorough_gate_asks_what_cannot_pass_and_lets_none_of_it_pass() -> None:
    judge = Says(0.01)
    plain = (await Gate(judge, 0.5).verify([CONTRADICTED], EVIDENCE))[0]
    asked = (await Gate(judge, 0.5, thorough=True).verify([CONTRADICTED], EVIDENCE))[0]
    assert len(judge.asked) == 1
    assert asked.probability < plain.probability
    assert asked.entailment == 0.01
    sure = (await Gate(Says(1.0), 0.5, thorough=True).verify([CONTRADICTED], EVIDENCE))[0]
    assert (sure.supported, sure.reasons) == (False, plain.reasons)


@pytest.mark.parametrize(
    "answer", [JudgeFailed("away"), TimeoutError(), ValueError("broken"), math.nan, math.inf, 1.5, -0.1, [], [1.0, 1.0]]
)
async def test_a_judge_that_fails_supports_nothing(answer: object) -> None:
    verdict = await _verdict(REWRITTEN, Says(answer))
    assert not verdict.supported
    assert verdict.needs_person
    assert verdict.reasons[-1].doubt is Doubt.NOT_JUDGED


_REASONS = st.lists(st.sampled_from(list(Doubt)).map(lambda doubt: Reason(doubt, "")), max_size=4).map(tuple)


@example((), False, 0.76171875, 1.0, None)
@given(_REASONS, st.booleans(), st.floats(0, 1), st.floats(0, 1), st.none() | st.floats(0.01, 1))
def test_a_judge_only_ever_decides_soft_doubts(
    reasons: tuple[Reason, ...], supported: bool, probability: float, entailment: float, threshold: float | None
) -> None:
    before = Verdict(supported, probability, reasons)
    after = decide(before, entailment, threshold, 1.0)
    if before.supported:
        assert after == before
    elif not before.needs_person:
        assert (after.supported, after.reasons) == (False, reasons)
        assert after.probability <= before.probability
    elif after.supported:
        assert threshold is not None
        assert entailment >= threshold
        assert all(reason.doubt in SOFT for reason in reasons)
    else:
        assert after.probability <= before.probability
        assert after.reasons[: len(reasons)] == reasons


async def test_a_judge_reads_the_whole_source_where_it_fits_and_what_stands_before_a_sentence() -> None:
    judge = Says(0.95)
    await Gate(judge, 0.9).verify([REWRITTEN, SOURCE[1], "Its cost will be 40 million euros."], EVIDENCE)
    first, last = judge.asked
    assert (first.before, last.before) == ("", f"{REWRITTEN} {SOURCE[1]}")
    assert first.premise == last.premise == " ".join(SOURCE)


async def test_a_judge_with_little_room_reads_what_is_nearest() -> None:
    judge = Says(0.95)
    judge.room = 100
    await Gate(judge, 0.9).verify([REWRITTEN], EVIDENCE)
    assert judge.asked[0].premise == SOURCE[0]


async def test_signs_of_an_unspaced_script_need_the_room_of_three_letters() -> None:
    texts = ("市议会星期二批准了新的大桥。", "它将耗资四千万欧元。", "居民计划对市议会的决定提出上诉。")
    chinese = Evidence([SourceSentence("a", 10 * index, text, "zh") for index, text in enumerate(texts)], "zh")
    judge = Says(0.95)
    judge.room = 3 * sum(len(text) + 1 for text in texts)
    await Gate(judge, 0.9).verify(["星期二，市议会同意了新的大桥。"], chinese)
    judge.room -= 3
    await Gate(judge, 0.9).verify(["星期二，市议会同意了新的大桥。"], chinese)
    whole, less = judge.asked
    assert whole.premise == " ".join(texts)
    assert len(less.premise) < len(whole.premise)


async def test_sentences_that_are_no_text_are_judged_each_by_itself() -> None:
    judge = Says(0.95)
    verdicts = await Gate(judge, 0.9).verify_each([REWRITTEN, CONTRADICTED, REWRITTEN], EVIDENCE)
    assert [verdict.supported for verdict in verdicts] == [True, False, True]
    assert {pair.before for pair in judge.asked} == {""}


def test_a_judge_of_more_weight_lowers_further_what_does_not_pass() -> None:
    before = Verdict(False, 0.5, (Reason(Doubt.REWRITTEN, ""),))
    light, heavy = (decide(before, 0.3, 0.9, weight).probability for weight in (0.3, 2.0))
    assert 0 < heavy < light < 0.5
    assert decide(before, 0.99, None, 2.0).probability == 0.5
