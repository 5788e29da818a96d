"""What can wait is asked in batches: handed in once whatever happens, paid as one, and written on from there."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx
import pytest

from pulse.kernel.tenant import TenantId
from pulse.llm import batching, handlers
from pulse.llm.budget import Prices
from pulse.llm.engines import Engine, Engines
from pulse.llm.providers.openai_batches import OpenAiBatches
from pulse.llm.providers.openai_compatible import OpenAiCompatible
from pulse.llm.room import LlmRoom
from pulse.llm.routing import engines
from pulse.settings import BadSettings, LlmSettings
from tests.doubles.fake_services import FakeNews
from tests.doubles.openai_batches import Fault, Line, OpenAiBatchesDouble, completion
from tests.integration.llm.test_ledger import Model, rows, spent
from tests.integration.llm.test_summarizing import FIRST, SECOND, queue, summaries, summarize, told

HALF = Prices(0.5, 5.0)
"""100 tokens in and 10 out: 100 millionths."""


def copies(request: Line) -> Line:
    """Answer every stage with sentences of the sources."""
    text = json.dumps({"sentences": [{"text": one, "sources": ["1", "1.0"]} for one in (FIRST, SECOND)]})
    return {"response": {"status_code": 200, "request_id": "r", "body": completion(text)}}


@dataclass
class Desk:
    """A room whose model is asked in batches, and its clock."""

    room: LlmRoom
    double: OpenAiBatchesDouble
    tenant: TenantId
    late: timedelta = timedelta()

    async def tick(self, minutes: float = 2) -> None:
        self.late += timedelta(minutes=minutes)
        await batching.tick(self.room, self.tenant)

    async def until_written(self, item: Any) -> int:
        """Let batches come and go until the story has its summary; return how many ticks that took."""
        for number in range(40):
            await summarize(self.room, self.tenant, item)
            if await summaries(self.room, self.tenant):
                return number
            await self.tick()
        raise AssertionError("no summary")


@pytest.fixture
async def desk(room: LlmRoom, tenant: TenantId) -> AsyncIterator[Desk]:
    double = OpenAiBatchesDouble(reply=copies)
    async with httpx.AsyncClient(transport=double) as client:
        chat = OpenAiCompatible("http://openai.test/v1", "small", "secret-key", 5, client=client)
        models = Engines((Engine(chat, HALF, batches=OpenAiBatches(chat)),))
        now = room.clock()
        desk = Desk(room, double, tenant)
        desk.room = replace(room, provider=models, clock=lambda: now + desk.late)
        yield desk


async def test_a_summary_is_written_from_batches_and_paid_as_such(desk: Desk, news: FakeNews) -> None:
    item = told(news, desk.tenant)
    await summarize(desk.room, desk.tenant, item)
    assert await summaries(desk.room, desk.tenant) == []
    [waiting] = await rows(desk.room, desk.tenant)
    assert (waiting["state"], waiting["stage"], waiting["prompt_version"]) == ("waiting", "draft", "draft-2")
    assert waiting["reserved"] > 0
    await desk.until_written(item)
    [summary] = await summaries(desk.room, desk.tenant)
    assert summary.engine == "openai"
    assert all(sentence.verdict.supported for sentence in summary.sentences)
    entries = await rows(desk.room, desk.tenant)
    assert {entry["state"] for entry in entries} == {"answered"}
    assert len(entries) == len(desk.double.questions)
    assert await spent(desk.room, desk.tenant) == (100 * len(entries), 0)


async def test_nothing_is_handed_in_twice_while_it_waits(desk: Desk, news: FakeNews) -> None:
    item = told(news, desk.tenant)
    desk.double.status = "in_progress"
    for _ in range(5):
        await summarize(desk.room, desk.tenant, item)
        await desk.tick()
    assert len(desk.double.questions) == 1
    assert len(await rows(desk.room, desk.tenant)) == 1


async def test_questions_of_many_stories_go_together_and_each_is_written_on(desk: Desk, news: FakeNews) -> None:
    items = [told(news, desk.tenant, FIRST, SECOND, f"Story {number} has its own end.") for number in range(5)]
    await summarize(desk.room, desk.tenant, *items)
    await desk.tick()
    [batch] = desk.double.batches
    assert len(desk.double.questions) == 5
    await desk.tick()
    put = {story for job in await queue(desk.room, desk.tenant) for story in job["payload"]["stories"]}
    assert put == {str(item.id) for item in items}
    assert batch["metadata"]["pulse_batch"]


@pytest.mark.parametrize("path", ["/files", "/batches"])
@pytest.mark.parametrize("fault", ["429", "500", "500 after", "cut after", "time out after", "nonsense"])
async def test_a_batch_that_was_not_heard_of_is_handed_in_once(
    desk: Desk, news: FakeNews, path: str, fault: Fault
) -> None:
    desk.double.faults["POST", path] = fault
    await desk.until_written(told(news, desk.tenant))
    assert len({question["custom_id"] for question in desk.double.questions}) == len(desk.double.questions)
    assert len(desk.double.batches) == len({batch["metadata"]["pulse_batch"] for batch in desk.double.batches})
    assert await spent(desk.room, desk.tenant) == (100 * len(desk.double.questions), 0)


async def test_a_worker_that_dies_after_handing_in_costs_no_second_batch(
    desk: Desk, news: FakeNews, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = told(news, desk.tenant)
    await summarize(desk.room, desk.tenant, item)
    whole = OpenAiBatches.submit

    async def dies(self: OpenAiBatches, *arguments: Any) -> str:
        await whole(self, *arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(OpenAiBatches, "submit", dies)
    with pytest.raises(KeyboardInterrupt):
        await desk.tick()
    monkeypatch.undo()
    await desk.tick(minutes=1)  # its lease holds: nobody else looks
    assert len(desk.double.batches) == 1
    await desk.tick(minutes=15)
    await desk.tick()
    assert len(desk.double.batches) == 1
    assert {row["state"] for row in await rows(desk.room, desk.tenant)} == {"answered"}


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        *(("/batches/…", fault) for fault in ("429", "500", "cut after", "time out after", "nonsense")),
        *(("/files/…", fault) for fault in ("429", "500", "cut after", "time out after")),
    ],
)
async def test_an_answer_that_was_not_heard_is_fetched_again(
    desk: Desk, news: FakeNews, path: str, fault: Fault
) -> None:
    desk.double.faults["GET", path] = fault
    await desk.until_written(told(news, desk.tenant))
    assert await spent(desk.room, desk.tenant) == (100 * len(desk.double.questions), 0)


@pytest.mark.parametrize(
    "reply",
    [
        lambda request: {"response": {"status_code": 400, "body": {"error": {"message": "too long"}}}},
        lambda request: {"response": None, "error": {"code": "batch_expired", "message": "expired"}},
        lambda request: {"custom_id": "somebody else's", "response": {"status_code": 200, "body": completion("{}")}},
    ],
)
async def test_what_a_batch_does_not_answer_the_next_model_is_asked_for(desk: Desk, news: FakeNews, reply: Any) -> None:
    desk.double.reply = reply
    other = Model()
    assert isinstance(desk.room.provider, Engines)
    both = Engines((*desk.room.provider.engines, Engine(other, Prices(1.0, 10.0))))
    desk.room = replace(desk.room, provider=both)
    await desk.until_written(told(news, desk.tenant))
    assert other.billed > 0
    assert await spent(desk.room, desk.tenant) == (other.billed, 0)
    assert len(desk.double.questions) == 1


async def test_a_batch_that_is_refused_leaves_the_offline_engine(desk: Desk, news: FakeNews) -> None:
    desk.double.faults["POST", "/batches"] = "400"
    await desk.until_written(told(news, desk.tenant))
    [summary] = await summaries(desk.room, desk.tenant)
    assert summary.engine == "extractive"
    assert await spent(desk.room, desk.tenant) == (0, 0)


async def test_who_waits_for_an_answer_is_not_made_to_wait_a_day(desk: Desk, news: FakeNews) -> None:
    item = told(news, desk.tenant)
    written = await handlers.asked_for(desk.room, desk.tenant, article_id=None, story_id=item.id)
    assert isinstance(written, handlers.Written)
    assert written.row["engine"] == "extractive"
    assert await rows(desk.room, desk.tenant) == []


async def test_the_cap_holds_for_what_waits(desk: Desk, news: FakeNews) -> None:
    settings = desk.room.settings.model_copy(update={"day_cap": 0.000_001})
    desk.room = replace(desk.room, settings=settings)
    assert await desk.until_written(told(news, desk.tenant)) == 0
    [summary] = await summaries(desk.room, desk.tenant)
    assert summary.fallback is not None
    assert summary.fallback.startswith("llm.budget_exhausted")
    assert desk.double.batches == []


def test_the_settings_name_it() -> None:
    row = {"base_url": "http://127.0.0.1:1/v1", "model": "small", "batch": True, "niches": ["weekly"]}
    chosen = engines(LlmSettings(models=json.dumps([row, row | {"batch": False}])))
    assert chosen is not None
    first, second = chosen.engines
    assert first.batches is not None
    assert second.batches is None
    assert first.serves("draft", "weekly", waits=True)
    assert not first.serves("draft", "weekly")
    assert not first.serves("judge", "weekly", waits=True)
    assert chosen.first("judge") is second.provider
    with pytest.raises(BadSettings, match="batches are OpenAI's alone"):
        engines(LlmSettings(models=json.dumps([row | {"provider": "anthropic", "api_key": "k"}])))
