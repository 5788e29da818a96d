"""`pulse llm fetch`: models by name and hash from a hub, ready for the settings that are printed."""

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from pulse.llm.gates import gate
from pulse.llm.judges.onnx import COMPACT
from pulse.llm.judges.port import Pair
from pulse.settings import LlmSettings
from tests.doubles.model_hub import ModelHub, model_hub
from tests.unit.cli.conftest import Call


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModelHub]:
    with model_hub() as double:
        monkeypatch.setenv("HF_ENDPOINT", double.url)
        yield double


def test_a_file_comes_with_its_hash_and_the_settings_that_use_it(call: Call, hub: ModelHub, tmp_path: Path) -> None:
    content = os.urandom(50_000)
    hub.files["org/model/deep/model.gguf"] = content
    right = hashlib.sha256(content).hexdigest()
    ended = call(
        "llm", "fetch", "org/model", "deep/model.gguf", "--sha256", right.upper(), "--into", tmp_path, "--json"
    )
    assert ended.code == 0
    assert (tmp_path / "model.gguf").read_bytes() == content
    assert ended.document["files"] == [{"path": str(tmp_path / "model.gguf"), "sha256": right}]
    assert ended.document["settings"] == {
        "PULSE_LLM__PROVIDER": "local",
        "PULSE_LLM__MODEL": str(tmp_path / "model.gguf"),
        "PULSE_LLM__SHA256": right,
    }
    LlmSettings(provider="local", model=str(tmp_path / "model.gguf"), sha256=right)


def test_without_a_folder_it_lies_in_the_data_folder(call: Call, hub: ModelHub, tmp_path: Path) -> None:
    hub.files["org/model/model.gguf"] = b"a model"
    said = call("llm", "fetch", "org/model", "model.gguf", "--home", tmp_path).out
    path = tmp_path / "models" / "org--model" / "model.gguf"
    assert path.read_bytes() == b"a model"
    assert f"PULSE_LLM__MODEL={path}" in said


def test_another_file_than_the_one_that_was_meant_is_thrown_away(call: Call, hub: ModelHub, tmp_path: Path) -> None:
    hub.files["org/model/model.gguf"] = b"another model"
    ended = call("llm", "fetch", "org/model", "model.gguf", "--sha256", "0" * 64, "--into", tmp_path)
    assert ended.code != 0
    assert f"and not {'0' * 64}" in ended.err
    assert not list(tmp_path.rglob("*.gguf"))


def test_a_download_that_breaks_off_goes_on(call: Call, hub: ModelHub, tmp_path: Path) -> None:
    content = os.urandom(25_000_000)
    hub.files["org/model/model.gguf"], hub.cut = content, 15_000_000
    assert call("llm", "fetch", "org/model", "model.gguf", "--into", tmp_path).code == 0
    assert (tmp_path / "model.gguf").read_bytes() == content
    [range_asked] = hub.ranges
    assert int(range_asked.removeprefix("bytes=").rstrip("-")) > 0


@pytest.mark.parametrize("name", ["absent.gguf", "../up.gguf", "/etc/passwd", "a\\b.gguf"])
def test_what_is_not_there_is_named(call: Call, hub: ModelHub, tmp_path: Path, name: str) -> None:
    ended = call("llm", "fetch", "org/model", name, "--into", tmp_path, "--json")
    assert ended.code != 0
    assert ended.document["error"]["code"] == "llm.hub_failed"
    assert name.replace("\\", "\\\\") in ended.document["error"]["message"]


def test_a_hub_that_wants_a_key_says_so(call: Call, hub: ModelHub, tmp_path: Path) -> None:
    hub.files["org/model/model.gguf"], hub.status = b"", 401
    ended = call("llm", "fetch", "org/model", "model.gguf", "--into", tmp_path)
    assert ended.code != 0
    assert "401" in ended.err


async def test_a_judge_comes_with_its_card_and_judges(call: Call, hub: ModelHub, tmp_path: Path) -> None:
    hub.files["org/judge/onnx/model_int8.onnx"] = (COMPACT / "model.onnx").read_bytes()
    hub.files["org/judge/tokenizer.json"] = (COMPACT / "tokenizer.json").read_bytes()
    command = ["llm", "fetch", "org/judge", "onnx/model_int8.onnx", "tokenizer.json", "--judge", "--claim-first"]
    ended = call(*command, "--max-tokens", "160", "--languages", "en", "--into", tmp_path, "--json")
    assert ended.document["settings"] == {"PULSE_LLM__JUDGE": str(tmp_path)}
    chosen = gate(LlmSettings(judge=str(tmp_path)), None)
    assert chosen.threshold is None
    assert chosen.judge is not None
    assert chosen.judge.languages == frozenset({"en"})
    passage = "The council approved 40 homes in Camden on Monday."
    same, other = await chosen.judge.judge(
        [Pair(passage, passage), Pair(passage, "Nobody came to the harbour at night.")]
    )
    assert same > other
    shutil.rmtree(tmp_path)
