"""The measurement of the gate on sets of one's own making."""

import json
from pathlib import Path

import pytest

from pulse.evaluation.verifier import as_table, measure, others_of

DOCUMENT = (
    "The council of Camden approved 40 homes on Monday. Building work starts in June after a public hearing. "
    "Residents plan to appeal against the decision. Mayor Anna Lind said that the town had waited for years."
)
TRUE = "The council of Camden approved 40 homes on Monday."
FALSE = "The council of Camden approved 42 homes on Tuesday."


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


def test_every_baseline_is_in_the_table(folder: Path) -> None:
    table = as_table(measure(folder))
    for name in ("gate", "ROUGE-L", "similarity", "names", "numbers", "words", "regression"):
        assert f"| {name} |" in table


def test_a_threshold_comes_from_other_domains_and_counts_no_text_twice() -> None:
    names = ["summedits_a", "summedits_b", "qags_x", "qags_x by sentence", "bump"]
    assert others_of("summedits_a", names) == ["summedits_b", "qags_x", "bump"]
    assert others_of("qags_x by sentence", names) == ["summedits_a", "summedits_b", "bump"]
    assert others_of("bump", names) == ["summedits_a", "summedits_b", "qags_x"]
