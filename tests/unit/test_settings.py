"""Settings: where they come from, which wins, and what is said of one that cannot be."""

from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from pulse.settings import SERVICES, BadSettings, Settings, load


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path


def read(home: Path, **environ: str) -> Settings:
    return load({"PULSE_HOME": str(home), **environ})


def refused(home: Path, **environ: str) -> str:
    with pytest.raises(BadSettings) as bad:
        read(home, **environ)
    return bad.value.message


def test_without_anything_the_defaults_hold(home: Path) -> None:
    settings = read(home)
    assert settings == Settings(home=home)
    assert (settings.http.host, settings.http.port, settings.llm.provider) == ("127.0.0.1", 8700, "extractive")
    assert settings.fetch.max_bytes == 10_000_000
    assert settings.fetch.max_redirects == 5
    assert (settings.storage.pool_size, settings.storage.max_overflow) == (20, 40)
    assert (settings.storage.pool_timeout, settings.storage.pool_recycle) == (30, 3600)
    assert SERVICES == ("gateway", "news", "llm", "social", "analytics", "notification")


def test_the_home_is_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert load({"PULSE_HOME": "here"}).home == tmp_path / "here"
    assert load({"PULSE_HOME": "~/pulse"}).home == Path("~/pulse").expanduser()
    assert load({"PULSE_HOME": ""}).home.is_absolute()


def test_flags_win_over_the_environment_and_that_over_the_file(home: Path) -> None:
    (home / "pulse.toml").write_text("[http]\nport = 1\nhost = '::1'\ntoken_days = 3\n[llm]\nmax_length = 300\n")
    settings = load({"PULSE_HOME": str(home), "PULSE_HTTP__PORT": "2", "PULSE_HTTP__HOST": "h"}, {"http": {"port": 3}})
    assert (settings.http.port, settings.http.host, settings.http.token_days) == (3, "h", 3)
    assert settings.llm.max_length == 300


def test_names_are_read_in_any_case_and_others_variables_are_left_alone(home: Path) -> None:
    settings = read(home, PULSE_Http__Port="9", PULSE_RELEASE="x", PULSES_X__Y="z", pulse_http__port="8")
    assert settings.http.port == 9


def test_a_file_may_hold_the_value(home: Path) -> None:
    (home / "key").write_text("sk-topsecret\n")
    settings = read(home, PULSE_LLM__API_KEY_FILE=str(home / "key"))
    assert settings.llm.api_key.get_secret_value() == "sk-topsecret"


@pytest.mark.parametrize("content", [None, b"\xff\xfe"], ids=["missing", "not text"])
def test_a_file_that_cannot_be_read_is_named(home: Path, content: bytes | None) -> None:
    if content is not None:
        (home / "key").write_bytes(content)
    message = refused(home, PULSE_LLM__API_KEY_FILE=str(home / "key"))
    assert "PULSE_LLM__API_KEY_FILE" in message
    assert str(home / "key") in message


@pytest.mark.parametrize(
    ("variable", "known"),
    [
        ("PULSE_HTTP__PROT", "host, port,"),
        ("PULSE_HTTP__PROT_FILE", "PULSE_HTTP__PROT"),
        ("PULSE_HTPP__PORT", "storage, bus, fetch, news, llm"),
        ("PULSE_HTTP__PORT__X", "host, port,"),
        ("PULSE_PEERS__WEATHER", "gateway, news, llm, social, analytics, notification"),
    ],
)
def test_a_misspelt_setting_is_named_with_those_there_are(home: Path, variable: str, known: str) -> None:
    (home / "value").write_text("1")
    message = refused(home, **{variable: str(home / "value")})
    assert variable.rpartition("__")[0] in message
    assert "there is no such setting" in message
    assert known in message


@pytest.mark.parametrize(
    ("variable", "value", "allowed"),
    [
        ("PULSE_HTTP__PORT", "99999", "less than or equal to 65535"),
        ("PULSE_HTTP__PORT", "many", "valid integer"),
        ("PULSE_LLM__PROVIDER", "oracle", "'extractive', 'openai', 'anthropic'"),
        ("PULSE_BUS__WORKERS", "0", "greater than or equal to 1"),
        ("PULSE_STORAGE__POOL_PRE_PING", "perhaps", "valid boolean"),
        ("PULSE_FETCH__TIMEOUT_SECONDS", "-1", "greater than 0"),
        ("PULSE_FETCH__TIMEOUT_SECONDS", "nan", "finite"),
        ("PULSE_TELEMETRY__LOG_LEVEL", "loud", "'debug', 'info', 'warning' or 'error'"),
        ("PULSE_SOCIAL__SITE_URL", "example.com", "like https://pulse.example.com"),
        ("PULSE_HTTP__PUBLIC_URL", "https://", "like https://pulse.example.com"),
        ("PULSE_PEERS__NEWS", "ftp://127.0.0.1", "like https://pulse.example.com"),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(home: Path, variable: str, value: str, allowed: str) -> None:
    message = refused(home, **{variable: value})
    assert f"{variable} = {value!r}" in message
    assert allowed in message


def test_a_database_that_is_not_postgres_is_refused_without_showing_its_password(home: Path) -> None:
    message = refused(home, PULSE_STORAGE__URL="mysql://pulse:topsecret@127.0.0.1/pulse")
    assert "PULSE_STORAGE__URL: must be an address like postgresql://" in message
    assert "topsecret" not in message


def test_a_data_folder_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(BadSettings, match=r"PULSE_HOME = '.*/file': must be a folder"):
        load({"PULSE_HOME": str(tmp_path / "file")})


def test_all_that_is_wrong_is_said_at_once(home: Path) -> None:
    message = refused(home, PULSE_HTTP__PORT="x", PULSE_BUS__WORKERS="x")
    assert "PULSE_HTTP__PORT" in message
    assert "PULSE_BUS__WORKERS" in message


@pytest.mark.parametrize(
    "content",
    [
        "[llm]\napi_key = ['hunter2']",
        "[llm]\napi_key = {value = 'hunter2'}",
        "[storage]\nurl = ['postgresql://pulse:hunter2@db/pulse']",
        "[http]\ntoken_key = ['hunter2']",
        "[vault]\nkey = {k = 'hunter2'}",
        "[[llm]]\napi_key = 'hunter2'",
        "llm = 'hunter2'",
        "[llm.api_keys]\nx = 'hunter2'",
    ],
)
def test_no_message_shows_a_secret(home: Path, content: str) -> None:
    (home / "pulse.toml").write_text(content)
    message = refused(home)
    assert "hunter2" not in message
    assert "PULSE_" in message


@pytest.mark.parametrize("content", [b"[http\n", b"\xff", b"port = \n", b"[http]\nport = 1\nport = 2"])
def test_a_file_that_is_no_toml_is_named(home: Path, content: bytes) -> None:
    (home / "pulse.toml").write_bytes(content)
    assert f"{home / 'pulse.toml'} is not valid TOML" in refused(home)


def test_a_file_that_cannot_be_opened_is_named(home: Path) -> None:
    (home / "pulse.toml").mkdir()
    assert str(home / "pulse.toml") in refused(home)


def test_a_section_of_the_wrong_shape_meets_the_environment(home: Path) -> None:
    (home / "pulse.toml").write_text("http = 3")
    assert "PULSE_HTTP" in refused(home, PULSE_HTTP__PORT="80")


def test_secrets_do_not_print_themselves(home: Path) -> None:
    settings = read(home, PULSE_LLM__API_KEY="hunter2", PULSE_STORAGE__URL="postgresql://a:hunter2@b/c")
    assert "hunter2" not in repr(settings) + str(settings) + settings.model_dump_json()


def test_every_setting_that_holds_a_secret_hides_it() -> None:
    hidden = ("key", "secret", "password", "token", "url")
    shown = {"base_url", "site_url", "public_url", "user_agent", "token_days"}
    for section, field in Settings.model_fields.items():
        described: dict[str, Any] = getattr(field.annotation, "model_fields", {})
        for name, setting in described.items():
            if any(word in name for word in hidden) and name not in shown:
                assert "SecretStr" in str(setting.annotation), f"{section}.{name}"
    assert SecretStr("x").get_secret_value() == "x"
