"""Honest rewritings say what the sentence says, and what becomes of them is counted beside false edits of them."""

import random

import pytest

from pulse.evaluation import seeded
from pulse.evaluation.rewritings import REWRITES, SEVERAL, rewritings
from pulse.llm.sentences import split
from pulse.llm.shapes import SourceSentence
from pulse.llm.verify import Evidence
from pulse.llm.verify.gate import RULES

DOCUMENT = (
    "On Monday, the council of Camden approved two homes near the harbour. Police said the company hadn't waited for "
    "the children. Building work (near the old mill) starts quickly and the film ends after a public hearing. "
    "The mayor opened the bridge for the whole town of Camden on Friday. The road is closed for now, Anna Lind said."
)


@pytest.mark.parametrize(
    ("kind", "sentence", "wanted"),
    [
        ("written out", "They hadn't said we're late.", "They had not said we are late."),
        ("in numerals", "The two men own 5 percent.", "The 2 men own 5%."),
        ("asides left out", "Ann Roe, who lives nearby, won (again) at last.", "Ann Roe won at last."),
        ("adverbs left out", "Ann quickly and allegedly left.", "Ann and allegedly left."),
        ("speaker first", "The road is closed for now, Ann Roe said.", "Ann Roe said that the road is closed for now."),
        ("opening to end", "On Monday, the council approved two homes.", "the council approved two homes on Monday."),
        ("opening to end", "On Monday, the council, at last, met.", "On Monday, the council, at last, met."),
        ("end to opening", "The board of Leeds met in a hall in May.", "In May, the board of Leeds met in a hall."),
        ("speaker last", "Police said to me that it was over now.", "Police said to me that it was over now."),
        ("synonym", "Ann bought it.", "Ann purchased it."),
    ],
)  # fmt: skip
def test_what_is_done(kind: str, sentence: str, wanted: str) -> None:
    assert REWRITES[kind](sentence, random.Random(1)) == wanted


def test_the_speaker_goes_last_in_either_way() -> None:
    made = {REWRITES["speaker last"]("Ann Roe said that it was all over.", random.Random(seed)) for seed in range(20)}
    assert made == {"According to Ann Roe, it was all over.", "It was all over, Ann Roe said."}


def test_the_same_seed_makes_the_same_rewritings() -> None:
    for sentence in split(DOCUMENT, "en"):
        assert rewritings(sentence.text, 3) == rewritings(sentence.text, 3)
        assert all(one.text != sentence.text for one in rewritings(sentence.text, 3) if one.kind != SEVERAL)


async def test_what_becomes_of_them_is_counted() -> None:
    evidence = {DOCUMENT: Evidence([SourceSentence("a", s.index, s.text) for s in split(DOCUMENT, "en")], "en")}
    told: list[int] = []
    found = await seeded.rewritten(
        evidence, {DOCUMENT: RULES}, 1, 1, lambda what, done, total: told.append(100 * done // total)
    )
    assert found["written out"] == seeded.Outcomes(passed=1)
    assert found["in numerals"] == seeded.Outcomes(passed=1)
    assert found["asides left out"] == seeded.Outcomes(passed=1)
    assert found["opening to end"] == seeded.Outcomes(waits=1)
    assert found["synonym"].tried == found["synonym"].waits == 2
    false = found[seeded.EDITS_OF_REWRITINGS]
    assert false.tried > 5
    assert false.passed == 0
    assert told[-1] == 100
    *_, last = seeded.as_table(found).splitlines()
    assert last == f"| {seeded.EDITS_OF_REWRITINGS} | {false.tried} | 0 | {false.waits} | {false.held_back} |"
