"""The judge in ONNX with the model that is shipped: what it tells apart, and every way its folder can be wrong."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from pulse.llm.gates import gate
from pulse.llm.judges.onnx import COMPACT, OnnxJudge
from pulse.llm.judges.port import JudgeFailed, Pair
from pulse.llm.shapes import Layer, SourceSentence
from pulse.llm.verify import Evidence
from pulse.llm.verify.gate import Gate
from pulse.settings import BadSettings, LlmSettings

SOURCE = (
    "The city council of Camden, which had debated them for two years, approved 40 new homes near the old harbour "
    "on Monday."
)
TRUE = "Camden's city council approved 40 new homes near the old harbour on Monday."
FALSE = "Camden's city council rejected 40 new homes near the old harbour on Monday."
JUDGE = OnnxJudge(COMPACT)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the model's folder that a test may spoil."""
    return Path(shutil.copytree(COMPACT, tmp_path / "judge"))


async def test_one_changed_word_that_no_rule_of_overlap_sees() -> None:
    true, false = await JUDGE.judge([Pair(SOURCE, TRUE), Pair(SOURCE, FALSE)])
    assert 0 < false < true < 1
    assert true - false > 0.1


async def test_an_answer_does_not_depend_on_what_else_is_asked() -> None:
    together = await JUDGE.judge(
        [Pair(SOURCE, FALSE), Pair("It rained.", "It rained for three days."), Pair(SOURCE, TRUE)]
    )
    assert together[2:] == await JUDGE.judge([Pair(SOURCE, TRUE)])


async def test_what_it_cannot_read_whole_is_not_supported() -> None:
    [probability] = await JUDGE.judge([Pair(SOURCE, f"{TRUE} " * 10)])
    assert probability == 0.0


async def test_a_long_passage_is_cut_and_not_the_claim() -> None:
    [probability] = await JUDGE.judge([Pair(f"{SOURCE} " * 40, TRUE)])
    assert probability > 0.5


async def test_languages_it_was_not_made_for_wait_for_a_person() -> None:
    source = SourceSentence("a", 0, "Der Stadtrat von Camden hat am Montag 40 neue Wohnungen genehmigt.", "de")
    claim = "Am Montag bewilligte der Stadtrat von Camden 40 neue Wohnungen."
    [verdict] = await Gate(JUDGE, 0.01).verify([claim], Evidence([source], "de"))
    assert (verdict.supported, verdict.needs_person, verdict.judge) == (False, True, None)


async def test_the_settings_choose_it_with_its_own_operating_point() -> None:
    chosen = gate(LlmSettings(judge="compact"), None)
    assert chosen.threshold == JUDGE.card.threshold
    assert chosen.thorough
    near = "City council of Camden approved 40 new homes near the old harbour on Monday."
    verdicts = await chosen.verify([near, FALSE], Evidence([SourceSentence("a", 0, SOURCE, "en")], "en"))
    assert [verdict.layer for verdict in verdicts] == [Layer.ENTAILMENT, Layer.RULES]
    assert [verdict.supported for verdict in verdicts] == [True, False]
    assert str(verdicts[0].judge).startswith("pulse-compact-en ")


async def test_another_model_under_the_same_card_is_refused(folder: Path) -> None:
    with (folder / "model.onnx").open("ab") as file:
        file.write(b"\0")
    with pytest.raises(JudgeFailed, match="is not the model"):
        await OnnxJudge(folder).judge([Pair(SOURCE, TRUE)])


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "judge.json"])
async def test_a_file_that_is_missing_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(JudgeFailed, match=name if name != "tokenizer.json" else "cannot be loaded"):
        await OnnxJudge(folder).judge([Pair(SOURCE, TRUE)])


@pytest.mark.parametrize("change", [{"supported": -1}, {"temperature": 0}, {"max_tokens": 1_000_000}, {"surprise": 1}])
async def test_a_card_that_does_not_fit_is_refused(folder: Path, change: dict[str, object]) -> None:
    path = folder / "judge.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | change))
    with pytest.raises(JudgeFailed):
        await OnnxJudge(folder).judge([Pair(SOURCE, TRUE)])


async def test_bytes_that_are_no_model_are_refused(folder: Path) -> None:
    (folder / "model.onnx").write_bytes(b"no model")
    card = json.loads((folder / "judge.json").read_text())
    card["sha256"] = hashlib.sha256(b"no model").hexdigest()
    (folder / "judge.json").write_text(json.dumps(card))
    with pytest.raises(JudgeFailed, match="cannot be loaded"):
        await OnnxJudge(folder).judge([Pair(SOURCE, TRUE)])


def test_a_folder_that_is_none_is_a_bad_setting(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="neither none, compact, provider nor"):
        gate(LlmSettings(judge=str(tmp_path)), None)
