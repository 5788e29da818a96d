"""Answers of a slow judge are kept: nothing is asked twice, and what was cut off is asked again."""

from pathlib import Path

import pytest

from pulse.evaluation.answers import Kept
from pulse.llm.judges.port import JudgeFailed, Pair
from tests.doubles.scripted_judge import Says

ONE, OTHER = (
    Pair("It rained for three days.", "It rained."),
    Pair("It rained for three days.", "It rained.", "So it was."),
)


async def test_each_pair_is_asked_once_also_by_another_run(tmp_path: Path) -> None:
    judge = Says(0.25)
    path = tmp_path / "answers.jsonl"
    assert await Kept(judge, path).judge([ONE, ONE, OTHER]) == [0.25, 0.25, 0.25]
    assert judge.asked == [ONE, OTHER]
    later = Says(0.75)
    assert await Kept(later, path).judge([OTHER, ONE]) == [0.25, 0.25]
    assert later.asked == []


async def test_a_line_that_was_cut_off_is_asked_again(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    await Kept(Says(0.25), path).judge([ONE, OTHER])
    path.write_bytes(path.read_bytes()[:-20])
    later = Says(0.75)
    assert await Kept(later, path).judge([ONE, OTHER]) == [0.25, 0.75]
    assert await Kept(Says(1.0), path).judge([ONE, OTHER]) == [0.25, 0.75]


async def test_another_version_answers_for_itself(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    await Kept(Says(0.25), path).judge([ONE])
    later = Says(0.75)
    later.version = "2"
    assert await Kept(later, path).judge([ONE]) == [0.75]


async def test_a_failure_keeps_what_was_answered_before(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    await Kept(Says(0.25), path).judge([ONE])
    with pytest.raises(JudgeFailed):
        await Kept(Says(JudgeFailed("gone")), path).judge([ONE, OTHER])
    assert await Kept(Says(0.75), path).judge([ONE, OTHER]) == [0.25, 0.75]
