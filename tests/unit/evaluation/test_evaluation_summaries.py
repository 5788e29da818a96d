"""The measurement of extracts, on sets of our own in the public sets' form."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from pulse.cli.entry import pulse
from pulse.evaluation.baselines import lead, lexrank, textrank
from pulse.evaluation.report import section
from pulse.evaluation.summaries import as_table, as_values, measure, references

DOCUMENT = (
    "The council of Camden approved forty homes near the canal on Monday. "
    "Weather in the county was mild and the streets stayed dry. "
    "The forty homes near the canal will cost the council nine million pounds. "
    "Residents near the canal plan an appeal against the homes of the council. "
    "A bakery in Leeds sold its last loaf of rye before noon."
)
SENTENCES = DOCUMENT.replace(". ", ".\n").split("\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    bump = {"article": DOCUMENT, "reference_summary": "Council approves forty homes . Residents plan an appeal ."}
    edits = [
        {"doc": DOCUMENT, "original_summary": "The council approved forty homes.", "summary": "x", "label": "1"},
        {"doc": DOCUMENT, "original_summary": "Another text of this document.", "summary": "y", "label": "0"},
    ]
    (tmp_path / "bump_task1_dev.json").write_text(json.dumps([bump, bump]))
    (tmp_path / "summedits_town.json").write_text(json.dumps(edits))
    return tmp_path


def test_central_sentences_are_found_and_others_are_not() -> None:
    assert lead(SENTENCES, 2) == [0, 1]
    assert textrank(SENTENCES, 3) == [0, 2, 3]
    wheel = [
        "Trees fell in Leeds.",
        "Storms closed harbours.",
        "Storms felled trees and closed schools.",
        "Schools reopen.",
    ]
    assert lexrank([*wheel, "A baker sold bread."], 1) == [2]
    for engine in (lexrank, textrank):
        assert engine([], 3) == []
        assert engine(["One."], 3) == [0]


def test_only_true_summaries_are_references(folder: Path) -> None:
    assert references(folder) == {
        "CNN/DailyMail (BUMP)": [(DOCUMENT, ["Council approves forty homes", "Residents plan an appeal"])],
        "SummEdits town": [(DOCUMENT, ["The council approved forty homes."])],
    }
    assert references(folder / "nowhere") == {}


def test_every_engine_is_measured_on_every_set(folder: Path) -> None:
    results = measure(folder)
    assert {(one.set, one.engine) for one in results} == {
        (name, engine) for name in references(folder) for engine in ("pulse", "LEAD-3", "LexRank", "TextRank")
    }
    by_engine = {one.engine: one for one in results if one.set == "SummEdits town"}
    assert by_engine["pulse"].rouge1 >= by_engine["LEAD-3"].rouge1 > 0
    assert all(one.faithful == 1.0 for one in results)
    assert by_engine["LEAD-3"].compression == pytest.approx(len(" ".join(SENTENCES[:3])) / len(DOCUMENT))
    assert as_table(results).count("\n") == len(results) + 2
    assert as_values(results)[0]["documents"] == 1


def test_a_section_is_written_anew_and_the_others_stay(tmp_path: Path) -> None:
    page = tmp_path / "docs" / "quality.md"
    section(page, "one", "first")
    section(page, "two", "second")
    section(page, "one", r"third \1 & \g<0>")
    text = page.read_text()
    assert text.startswith("# Quality\n")
    assert "first" not in text
    assert text.index(r"third \1 & \g<0>") < text.index("second")


def test_the_command_prints_what_was_measured_and_writes_its_section(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "quality.md"
    arguments = ["eval", "summaries", "--data", str(folder), "--write", str(page)]
    shown = CliRunner().invoke(pulse, [*arguments, "--json"])
    assert shown.exit_code == 0, shown.output
    assert {one["engine"] for one in json.loads(shown.stdout)} == {"pulse", "LEAD-3", "LexRank", "TextRank"}
    assert "| SummEdits town | pulse | 1 |" in page.read_text()
    assert "SummEdits town" in CliRunner().invoke(pulse, arguments).stdout
    nothing = CliRunner().invoke(pulse, ["eval", "summaries", "--data", str(tmp_path / "docs-not-there")])
    assert nothing.exit_code == 2
