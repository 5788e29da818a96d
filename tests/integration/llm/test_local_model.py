"""A model on this machine, with a real llama.cpp and a real file: its process, its crashes, its end."""

import asyncio
import hashlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import orjson
import psutil
import pytest

from pulse.kernel.tenant import TenantId
from pulse.llm.engines import Engines
from pulse.llm.errors import AnswerIncomplete, ModelFileWrong, ProviderUnavailable
from pulse.llm.providers.local import Local
from pulse.llm.providers.port import Completion
from pulse.llm.room import LlmRoom
from pulse.llm.routing import engines
from pulse.settings import BadSettings, LlmSettings
from tests.doubles.fake_services import FakeNews
from tests.doubles.tiny_model import write_tiny_model
from tests.integration.llm.test_summarizing import summaries, summarize, told

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["said"],
    "properties": {"said": {"enum": ["yes", "no"]}},
}
SHORT = Completion("Be brief.", "Does it rain?", SCHEMA, max_tokens=300)
ENDLESS = Completion("Be long.", "Tell me of rain.", max_tokens=100_000)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_tiny_model(tmp_path / "tiny.gguf")


@pytest.fixture
async def model(file: Path) -> AsyncIterator[Local]:
    local = Local(file, context=4096, threads=1)
    yield local
    await local.close()


def servers(parent: int | None = None) -> list[psutil.Process]:
    """Return the processes that run a model for a process, this one where none is named."""
    return [
        child for child in psutil.Process(parent).children() if any("local_server" in part for part in child.cmdline())
    ]


async def test_it_answers_in_the_form_asked_for_and_counts_its_tokens(model: Local) -> None:
    answer = await model.complete(SHORT)
    assert orjson.loads(answer.text)["said"] in {"yes", "no"}
    assert answer.usage.prompt_tokens > len("Be brief.")
    assert answer.usage.completion_tokens > 0
    assert answer.model == "tiny.gguf"


async def test_it_tells_how_sure_it_is(model: Local) -> None:
    answer = await model.complete(replace(SHORT, schema=None, max_tokens=1, logprobs=5))
    assert answer.logprobs is not None
    assert 1 < len(answer.logprobs) <= 5
    assert max(answer.logprobs.values()) <= 0


async def test_one_process_serves_every_question(model: Local) -> None:
    before = len(servers())
    await asyncio.gather(*(model.complete(SHORT) for _ in range(4)))
    assert len(servers()) == before + 1
    await model.close()
    assert len(servers()) == before


async def test_a_model_that_died_is_started_again(model: Local) -> None:
    first = await model.complete(SHORT)
    [process] = servers()
    process.kill()
    process.wait(10)
    assert (await model.complete(SHORT)).text == first.text


async def test_a_death_in_the_middle_is_told_and_does_not_stay(model: Local) -> None:
    await model.complete(SHORT)
    asked = asyncio.create_task(model.complete(replace(ENDLESS, user="Tell me of rain. " * 200)))
    await asyncio.sleep(0.05)
    [process] = servers()
    process.kill()
    with pytest.raises((ProviderUnavailable, AnswerIncomplete)):
        await asked
    await model.complete(SHORT)


async def test_who_has_no_key_is_turned_away(model: Local) -> None:
    await model.complete(SHORT)
    [process] = servers()
    [port] = [c.laddr.port for c in process.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
    [address] = [c.laddr.ip for c in process.net_connections("tcp") if c.status == psutil.CONN_LISTEN]
    assert address == "127.0.0.1"
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"http://127.0.0.1:{port}/v1/chat/completions", json={"messages": []})
    assert answer.status_code == 401


async def test_the_file_must_be_the_one_that_was_meant(file: Path) -> None:
    right = hashlib.sha256(file.read_bytes()).hexdigest()
    good = Local(file, right.upper(), context=4096)
    assert (await good.complete(SHORT)).text
    assert good.model == f"tiny.gguf@{right[:12]}"
    await good.close()
    with pytest.raises(ModelFileWrong, match=f"is {right} and not {'0' * 64}"):
        await Local(file, "0" * 64).complete(SHORT)


async def test_what_is_no_model_is_named(tmp_path: Path, file: Path) -> None:
    with pytest.raises(ModelFileWrong, match="No such file"):
        await Local(tmp_path / "absent.gguf").complete(SHORT)
    for name, content in {"empty": b"", "other": b"GIF89a", "half": file.read_bytes()[:60_000]}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(ModelFileWrong, match="cannot be run as a model"):
            await Local(tmp_path / name).complete(SHORT)
    assert servers() == []


async def test_a_model_that_takes_too_long_to_load_is_ended(file: Path) -> None:
    with pytest.raises(ProviderUnavailable, match="not loaded within"):
        await Local(file, start_seconds=0.001).complete(SHORT)
    assert servers() == []


async def test_it_ends_with_the_process_that_started_it(file: Path) -> None:
    program = """
import asyncio, sys
from pathlib import Path
from pulse.llm.providers.local import Local
from pulse.llm.providers.port import Completion

async def main():
    model = Local(Path(sys.argv[1]), context=4096)
    await model.complete(Completion("Be brief.", "Does it rain?", {"enum": ["yes", "no"]}))
    print("asked", flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, str(file), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    assert (await parent.stdout.readline()).strip() == b"asked"
    [server] = servers(parent.pid)
    os.kill(parent.pid, signal.SIGKILL)
    await parent.wait()
    await asyncio.to_thread(server.wait, 10)


async def test_the_settings_name_it(file: Path) -> None:
    chosen = engines(LlmSettings(provider="local", model=str(file), context_length=4096, day_cap=1))
    assert chosen is not None
    assert (chosen.name, chosen.model) == ("local", "tiny.gguf")
    assert (await chosen.engines[0].provider.complete(SHORT)).text
    await chosen.close()
    assert servers() == []
    with pytest.raises(BadSettings, match="sha256"):
        engines(LlmSettings(provider="local", model=str(file), sha256="abc"))


async def test_the_extra_is_asked_for_by_name(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "xllamacpp", None)
    with pytest.raises(BadSettings, match=r"pip install 'pulse\[local\]'"):
        engines(LlmSettings(provider="local", model=str(file)))


async def test_nonsense_is_never_shown(room: LlmRoom, news: FakeNews, tenant: TenantId, file: Path) -> None:
    """A model of noise, asked for a whole summary: the offline engine's stands in its place, every sentence proven."""
    models = engines(LlmSettings(provider="local", model=str(file), context_length=4096))
    assert isinstance(models, Engines)
    await summarize(replace(room, provider=models), tenant, told(news, tenant))
    await models.close()
    [summary] = await summaries(room, tenant)
    assert summary.sentences
    assert all(sentence.verdict.supported for sentence in summary.sentences)
    assert summary.engine.startswith("extractive")
