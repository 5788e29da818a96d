"""`pulse config` and `pulse token`: what is set, from where, and who may come in."""

from pathlib import Path
from typing import Any

import pytest

from pulse.cli.config import MASK
from pulse.http.tokens import Role, open_tokens
from pulse.kernel.tenant import DEFAULT_TENANT
from pulse.settings import Settings, load
from tests.unit.cli.conftest import Call, Ended


def row(ended: Ended, name: str) -> dict[str, Any]:
    return next(one for one in ended.document["settings"] if one["name"] == name)


def test_every_setting_is_shown_with_a_description(call: Call, data_folder: Path) -> None:
    ended = call("config", "show", "--json")
    assert ended.code == 0
    assert ended.document["home"] == str(data_folder)
    names = {one["name"] for one in ended.document["settings"]}
    sections = {name for name, field in Settings.model_fields.items() if hasattr(field.annotation, "model_fields")}
    assert {name.partition(".")[0] for name in names} == sections
    assert "http.port" in names
    for one in ended.document["settings"]:
        assert one["description"], one["name"]
        assert one["source"] == "default"


def test_the_source_is_named_and_the_environment_wins(
    call: Call, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data_folder.mkdir()
    (data_folder / "pulse.toml").write_text("[http]\nport = 9001\n[llm]\nmax_length = 300\n")
    monkeypatch.setenv("PULSE_HTTP__PORT", "9002")
    ended = call("config", "show", "--changed", "--json")
    assert [one["name"] for one in ended.document["settings"]] == ["llm.max_length", "http.port"]
    assert (row(ended, "http.port")["value"], row(ended, "http.port")["source"]) == (9002, "PULSE_HTTP__PORT")
    assert (row(ended, "llm.max_length")["value"], row(ended, "llm.max_length")["source"]) == (300, "pulse.toml")


def test_secrets_are_masked_wherever_they_come_from(
    call: Call, data_folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("sk-topsecret")
    monkeypatch.setenv("PULSE_LLM__API_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("PULSE_STORAGE__URL", "postgresql://pulse:topsecret@127.0.0.1/pulse")
    for words in (("config", "show"), ("config", "show", "--json")):
        ended = call(*words)
        assert ended.code == 0
        assert "topsecret" not in ended.out + ended.err
    assert row(ended, "llm.api_key")["value"] == MASK
    assert row(ended, "llm.api_key")["source"] == "PULSE_LLM__API_KEY_FILE"


def test_a_wrong_setting_is_named_with_what_is_allowed(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_HTTP__PORT", "99999")
    ended = call("config", "show")
    assert ended.code == 2
    assert "PULSE_HTTP__PORT = '99999'" in ended.err
    assert "65535" in ended.err


def test_home_is_an_option_of_the_group_and_of_the_command(call: Call, tmp_path: Path) -> None:
    for words in (("--home", tmp_path / "x", "config", "path"), ("config", "path", "--home", tmp_path / "x")):
        assert call(*words).out == f"{tmp_path / 'x' / 'pulse.toml'}\n"


def test_a_token_is_good_for_its_role_and_days(call: Call, data_folder: Path) -> None:
    ended = call("token", "--role", "viewer", "--name", "press", "--days", "1", "--json")
    principal, expires = open_tokens(load({"PULSE_HOME": str(data_folder)})).verify_until(ended.document["token"])
    assert (principal.role, principal.subject, principal.tenant) == (Role.VIEWER, "press", DEFAULT_TENANT)
    assert expires.isoformat()[:16] == ended.document["expires_at"][:16]
    assert call("token").out.count("\n") == 1


@pytest.mark.parametrize("words", [("--role", "service"), ("--days", "0"), ("--days", "-1")])
def test_a_token_that_must_not_be_is_refused(call: Call, words: tuple[str, ...]) -> None:
    assert call("token", *words).code == 2
