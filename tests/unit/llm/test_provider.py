import json
import sys
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr, ValidationError

from pulse.llm import errors
from pulse.llm.providers.openai_compatible import OpenAiCompatible
from pulse.llm.providers.port import Completion
from pulse.llm.routing import engines
from pulse.llm.shapes import Usage
from pulse.settings import BadSettings, LlmSettings
from tests.doubles.openai_server import OpenAiServer, openai_server

ASKED = Completion("system", "user", {"type": "object"}, max_tokens=50)


@pytest.fixture
async def server() -> AsyncIterator[OpenAiServer]:
    async with openai_server() as double:
        yield double


def client(server: OpenAiServer, timeout: float = 5, **more: object) -> OpenAiCompatible:
    return OpenAiCompatible(server.url, "small", "secret-key", timeout, **more)  # type: ignore[arg-type]


async def test_an_answer_comes_with_model_and_usage(server: OpenAiServer) -> None:
    server.reply = lambda request: json.dumps({"said": request["messages"][1]["content"]})
    answer = await client(server).complete(ASKED)
    assert json.loads(answer.text) == {"said": "user"}
    assert answer.model == "double-1"
    assert answer.usage == Usage(20, 10)
    assert server.headers[0]["authorization"] == "Bearer secret-key"
    (request,) = server.requests
    assert request["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert request["stream"] is False


@pytest.mark.parametrize(("asked_for", "sent"), [("object", {"type": "json_object"}), ("text", None)])
async def test_servers_that_know_no_schema(server: OpenAiServer, asked_for: str, sent: object) -> None:
    await client(server, answer_format=asked_for).complete(ASKED)
    assert server.requests[0].get("response_format") == sent


async def test_nobody_there() -> None:
    with pytest.raises(errors.ProviderUnavailable):
        await OpenAiCompatible("http://127.0.0.1:9/v1", "small", timeout_seconds=5).complete(ASKED)
    with pytest.raises(errors.ProviderUnavailable):
        await OpenAiCompatible("no address", "small", timeout_seconds=5).complete(ASKED)


def test_the_settings_choose() -> None:
    assert engines(LlmSettings()) is None
    chosen = engines(LlmSettings(provider="openai", base_url="http://127.0.0.1:1/v1/", model="m"))
    assert chosen is not None
    assert (chosen.name, chosen.model) == ("openai", "m")


def test_a_table_of_models_by_stage_and_niche() -> None:
    small = {"base_url": "http://127.0.0.1:1/v1", "model": "small", "stages": ["judge"], "prompt_price": 0.1}
    large = {"base_url": "http://127.0.0.1:1/v1", "model": "large", "niches": ["sport"], "prompt_price": 3}
    chosen = engines(LlmSettings(models=SecretStr(json.dumps([small, large])), day_cap=1))
    assert chosen is not None
    assert [
        [engine.serves(*asked) for engine in chosen.engines] for asked in (("judge", "art"), ("draft", "sport"))
    ] == [[True, False], [False, True]]
    assert chosen.first("judge").model == "small"
    assert chosen.first("draft").model == "large"


@pytest.mark.parametrize("table", ['[{"api_key": "secret-key"}]', '["secret-key"', '[{"secret": 1}]'])
def test_a_bad_table_is_told_without_its_keys(table: str) -> None:
    with pytest.raises(BadSettings) as raised:
        engines(LlmSettings(models=SecretStr(table)))
    assert "secret-key" not in str(raised.value.as_dict())


@pytest.mark.parametrize(
    ("row", "wrong"),
    [
        ({"provider": "openai"}, "openai needs a base_url"),
        ({"provider": "bedrock"}, "bedrock needs a base_url"),
        ({"provider": "anthropic"}, "anthropic needs an api_key"),
        ({"provider": "azure", "base_url": "https://x.openai.azure.com", "api_key": "k"}, "ends with /openai/v1"),
        ({"provider": "google", "api_key": "secret\nkey"}, "visible ASCII"),
        ({"provider": "mistral", "api_key": "sécret"}, "visible ASCII"),
        ({"provider": "oracle", "api_key": "secret"}, "provider"),
    ],
)
def test_what_a_provider_lacks_is_told_before_it_is_asked(row: dict[str, str], wrong: str) -> None:
    table = {"models": json.dumps([row | {"model": "m"}])}
    for settings in (table, row | {"model": "m"}):
        with pytest.raises((BadSettings, ValidationError)) as raised:
            engines(LlmSettings.model_validate(settings))
        assert wrong in str(raised.value)
        assert "secret" not in str(raised.value)
        assert "sécret" not in str(raised.value)


def test_every_vendor_is_a_row() -> None:
    rows = [
        {"provider": name, "model": "m", "api_key": "k", "base_url": address}
        for name, address in {
            "anthropic": "",
            "google": "",
            "mistral": "",
            "azure": "https://x.openai.azure.com/openai/v1/",
            "bedrock": "https://bedrock-runtime.eu-central-1.amazonaws.com",
        }.items()
    ]
    chosen = engines(LlmSettings(models=SecretStr(json.dumps(rows))))
    assert chosen is not None
    assert [engine.provider.name for engine in chosen.engines] == [row["provider"] for row in rows]


def test_a_vendor_without_its_extra_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pydantic_ai", None)
    monkeypatch.delitem(sys.modules, "pulse.llm.providers.vendors", raising=False)
    with pytest.raises(BadSettings) as raised:
        engines(LlmSettings(provider="anthropic", model="m", api_key=SecretStr("k")))
    assert "pip install 'pulse[providers]'" in str(raised.value)


def test_a_bedrock_address_without_a_region(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/nowhere")
    with pytest.raises(BadSettings, match="names no region"):
        engines(LlmSettings(provider="bedrock", model="m", base_url="https://gateway.example.com"))


def test_a_cap_needs_prices() -> None:
    with pytest.raises(BadSettings):
        engines(LlmSettings(provider="openai", base_url="http://127.0.0.1:1/v1", model="m", day_cap=1))
