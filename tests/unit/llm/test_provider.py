import asyncio
import json
import socket
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

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
    assert server.authorizations == ["bearer secret-key"]
    (request,) = server.requests
    assert request["response_format"]["json_schema"]["schema"] == {"type": "object"}
    assert request["stream"] is False


@pytest.mark.parametrize(("asked_for", "sent"), [("object", {"type": "json_object"}), ("text", None)])
async def test_servers_that_know_no_schema(server: OpenAiServer, asked_for: str, sent: object) -> None:
    await client(server, answer_format=asked_for).complete(ASKED)
    assert server.requests[0].get("response_format") == sent


@pytest.mark.parametrize(
    ("behaviour", "error"),
    [
        ("drop", errors.AnswerIncomplete),
        ("limit", errors.ProviderLimited),
        ("broken", errors.ProviderUnavailable),
        ("bad_key", errors.ProviderRefusedKey),
        ("unknown_model", errors.ProviderRejected),
        ("redirect", errors.ProviderRejected),
        ("half_connection", errors.AnswerIncomplete),
        ("half_answer", errors.AnswerIncomplete),
        ("flood", errors.AnswerTooLarge),
        ("nonsense", errors.AnswerUnreadable),
        ("no_choices", errors.AnswerUnreadable),
        ("refuse", errors.AnswerRefused),
        ("filter", errors.AnswerRefused),
        ("empty", errors.AnswerUnreadable),
        ("omit_usage", errors.UsageMissing),
        ("false_usage", errors.UsageMissing),
    ],
)
async def test_every_misbehaviour_has_its_name(
    server: OpenAiServer, behaviour: str, error: type[errors.ProviderError]
) -> None:
    server.behaviour = behaviour
    with pytest.raises(errors.ProviderError) as raised:
        await client(server).complete(ASKED)
    assert type(raised.value) is error
    assert "secret-key" not in str(raised.value.as_dict())
    assert len(server.requests) == 1


async def test_a_silent_server_times_out(server: OpenAiServer) -> None:
    server.behaviour = "time_out"
    with pytest.raises(errors.ProviderTimedOut):
        await client(server, timeout=0.2).complete(ASKED)


async def test_nobody_there() -> None:
    with pytest.raises(errors.ProviderUnavailable):
        await OpenAiCompatible("http://127.0.0.1:9/v1", "small", timeout_seconds=5).complete(ASKED)
    with pytest.raises(errors.ProviderUnavailable):
        await OpenAiCompatible("no address", "small", timeout_seconds=5).complete(ASKED)


async def test_the_wait_a_server_names_is_kept(server: OpenAiServer) -> None:
    server.behaviour = "limit"
    with pytest.raises(errors.ProviderLimited) as raised:
        await client(server).complete(ASKED)
    assert raised.value.details["retry_after"] == 7
    assert raised.value.transient


async def test_what_a_cut_off_answer_cost_is_known(server: OpenAiServer) -> None:
    server.behaviour = "half_answer"
    with pytest.raises(errors.AnswerIncomplete) as raised:
        await client(server).complete(ASKED)
    assert raised.value.details["usage"] == {"prompt": 20, "completion": 10}


async def test_cancelling_is_not_an_error_of_the_provider(server: OpenAiServer) -> None:
    server.behaviour = "time_out"
    task = asyncio.create_task(client(server).complete(ASKED))
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


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


def test_a_cap_needs_prices() -> None:
    with pytest.raises(BadSettings):
        engines(LlmSettings(provider="openai", base_url="http://127.0.0.1:1/v1", model="m", day_cap=1))


async def test_a_connection_that_never_came_about_cost_nothing() -> None:
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unheard.getsockname()[1]}/v1"
        with pytest.raises(errors.ProviderUnavailable) as caught:
            await OpenAiCompatible(address, "small", timeout_seconds=5).complete(Completion("s", "u"))
    assert caught.value.code == "llm.provider_unreachable"
    assert caught.value.free
    assert caught.value.transient
