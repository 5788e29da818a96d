"""The measurement of the gate on sets of one's own making."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from pulse.evaluation import languages
from pulse.evaluation.sets import Judged, sample
from pulse.evaluation.verifier import as_table, measure, others_of
from pulse.llm.edits import EditKind
from pulse.llm.judges.port import Pair
from pulse.llm.shapes import Verdict
from pulse.llm.verify import Evidence
from pulse.llm.verify.gate import RULES, Gate

DOCUMENT = (
    "The council of Camden approved 40 homes on Monday. Building work starts in June after a public hearing. "
    "Residents plan to appeal against the decision. Mayor Anna Lind said that the town had waited for years."
)
TRUE = "The council of Camden approved 40 homes on Monday."
FALSE = "The council of Camden approved 42 homes on Tuesday."
GIST = "The council of Camden gave 40 homes its blessing."
FALSE_GIST = "The council of Camden gave 40 homes its contempt."


class Reads:
    """A judge that goes by one word."""

    name, version, room, languages, weight = "reads", "1", 500, None, 1.0

    def __init__(self, word: str) -> None:
        self.word = word

    async def judge(self, pairs: Sequence[Pair]) -> list[float]:
        return [0.9 if self.word in pair.claim else 0.1 for pair in pairs]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    items = [{"doc": DOCUMENT, "summary": text, "label": int(text == TRUE)} for text in (TRUE, FALSE) * 2]
    for name in ("one", "other"):
        (tmp_path / f"summedits_{name}.json").write_text(json.dumps(items))
    pair = {"article": DOCUMENT, "reference_summary": TRUE, "edited_summary": FALSE}
    (tmp_path / "bump_small.json").write_text(json.dumps([pair]))
    return tmp_path


def test_what_is_plain_is_told_apart(folder: Path) -> None:
    report = measure(folder)
    [own] = [result for result in report.results if (result.set, result.measure) == ("summedits_one", "gate")]
    assert (own.texts, own.auc, own.balanced_accuracy) == (4, 100.0, 100.0)
    assert (own.passed_true, own.passed_false) == (2, 0)
    assert report.pairs["gate"] == 100.0
    assert report.edits["verbatim"][0] == report.edits["verbatim"][1] > 0
    assert {kind for kind, (passed, _) in report.edits.items() if passed} == {"verbatim"}
    assert report.rewritings["several"].tried > 0


def test_a_single_set_is_measured_too(folder: Path) -> None:
    (folder / "summedits_other.json").unlink()
    (folder / "bump_small.json").unlink()
    table = as_table(measure(folder, Gate(Reads("blessing"), 0.8)))
    assert "| summedits_one | 100.0 / 100.0 |" in table


def test_every_baseline_is_in_the_table(folder: Path) -> None:
    table = as_table(measure(folder))
    for name in ("gate", "ROUGE-L", "similarity", "names", "numbers", "words", "regression"):
        assert f"| {name} |" in table


def test_a_threshold_comes_from_other_domains_and_counts_no_text_twice() -> None:
    names = ["summedits_a", "summedits_b", "qags_x", "qags_x by sentence", "bump"]
    assert others_of("summedits_a", names) == ["summedits_b", "qags_x", "bump"]
    assert others_of("qags_x by sentence", names) == ["summedits_a", "summedits_b", "bump"]
    assert others_of("bump", names) == ["summedits_a", "summedits_b", "qags_x"]


def test_a_judge_is_measured_beside_the_rules_alone_and_at_a_strict_threshold(folder: Path) -> None:
    items = [{"doc": DOCUMENT, "summary": text, "label": label} for text, label in ((GIST, 1), (FALSE_GIST, 0))]
    for name in ("one", "other"):
        (folder / f"summedits_{name}.json").write_text(json.dumps(items * 5))
    report = measure(folder, Gate(Reads("blessing"), 0.8, thorough=True))
    row = {result.measure: result for result in report.results if result.set == "summedits_one"}
    assert row["gate"].auc == 100.0
    assert row["rules"].auc <= 50.0
    assert (row["gate"].strict_true, row["gate"].strict_false) == (100.0, 0.0)
    assert (row["gate"].passed_true, row["gate"].passed_false) == (5, 0)
    assert "| strict |" in as_table(report)
    assert "reads 1" in report.verifier


def test_a_judge_that_says_the_contrary_is_fitted_with_a_slope_below_nothing(folder: Path) -> None:
    items = [{"doc": DOCUMENT, "summary": text, "label": label} for text, label in ((GIST, 1), (FALSE_GIST, 0))]
    for name in ("one", "other"):
        (folder / f"summedits_{name}.json").write_text(json.dumps(items * 20))
    right, wrong = (measure(folder, Gate(Reads(word), None, thorough=True)).fitted for word in ("blessing", "contempt"))
    assert right is not None
    assert wrong is not None
    assert right[0] > 0.5
    assert wrong[0] < -0.5
    assert measure(folder).fitted is None


def test_a_fold_judges_the_sets_of_its_word(folder: Path) -> None:
    items = [{"doc": DOCUMENT, "summary": text, "label": label} for text, label in ((GIST, 1), (FALSE_GIST, 0))]
    for name in ("one", "other"):
        (folder / f"summedits_{name}.json").write_text(json.dumps(items))
    report = measure(folder, Gate(Reads("contempt"), 0.8), folds={"_one": Gate(Reads("blessing"), 0.8)})
    row = {result.set: result.passed_true for result in report.results if result.measure == "gate"}
    assert (row["summedits_one"], row["summedits_other"]) == (1, 0)


def test_no_judge_is_asked_about_what_it_learnt_from(folder: Path) -> None:
    asked: list[str] = []

    class Notes(Reads):
        async def judge(self, pairs: Sequence[Pair]) -> list[float]:
            asked.extend(pair.premise for pair in pairs)
            return await super().judge(pairs)

    items = [
        {"doc": DOCUMENT.replace("Camden", "Elmstead"), "summary": text.replace("Camden", "Elmstead"), "label": label}
        for text, label in ((GIST, 1), (FALSE_GIST, 0))
    ]
    for name in ("one", "other"):
        (folder / f"summedits_{name}.json").write_text(json.dumps(items))
    own = Gate(Notes("Elmstead"), 0.8)
    measure(folder, own, folds={"summedits": Gate(Reads("Elmstead"), 0.8), "bump": Gate(Reads("Camden"), 0.8)})
    assert not any("Mayor Anna Lind" in premise for premise in asked)
    measure(folder, own)
    assert any("Elmstead" in premise for premise in asked)
    assert any("Anna Lind" in premise and "Camden" in premise for premise in asked)


def test_a_sample_holds_as_many_true_as_false_where_it_can() -> None:
    items = [Judged("d", str(number), number < 3) for number in range(100)]
    drawn = sample(items, 10, 1)
    assert (len(drawn), sum(item.true for item in drawn)) == (10, 3)
    assert sample(items, None, 1) == items
    assert sample(items, 10, 1) == drawn


async def test_every_language_is_edited_in_every_way_and_nothing_false_passes() -> None:
    found = await languages.passing(RULES, seeds=3)
    assert len(found) == 13
    for language, counts in found.items():
        assert set(counts) == {languages.VERBATIM, *map(str, EditKind)}, language
        passed, of = counts.pop(languages.VERBATIM)
        assert passed == of > 0
        assert {kind: count for kind, (count, _) in counts.items() if count} == {}, language


async def test_a_gate_that_lets_everything_through_is_seen() -> None:
    class Open(Gate):
        async def verify(self, sentences: Sequence[str], evidence: Evidence) -> list[Verdict]:
            return [Verdict(True, 1.0, ()) for _ in sentences]

    found = await languages.passing(Open(), seeds=1)
    assert all(passed == of for counts in found.values() for passed, of in counts.values())
    line = next(line for line in languages.as_table(found).splitlines() if line.startswith("| de "))
    assert "0 of" not in line.replace("10 of", "")
