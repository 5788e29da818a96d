"""Every try of every model is in the ledger, under its own stage; the judge's calls, too."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from pulse.kernel.tenant import TenantId
from pulse.llm import handlers
from pulse.llm.accounting import Purpose
from pulse.llm.budget import Caps
from pulse.llm.engines import Engine, Engines
from pulse.llm.errors import ProviderRejected, ProviderTimedOut
from pulse.llm.judges.log_odds import LogOddsJudge
from pulse.llm.judges.port import JudgeFailed, Pair
from pulse.llm.providers.port import Answer, Completion
from pulse.llm.room import LlmRoom
from pulse.llm.verify.gate import Gate
from tests.doubles.fake_services import FakeNews
from tests.integration.llm.test_ledger import PRICES, Model, question, rows, spent
from tests.integration.llm.test_summarizing import summaries, summarize, told

MINUTE = timedelta(minutes=1)


async def test_a_fallback_is_paid_and_written_down_as_itself(room: LlmRoom, tenant: TenantId) -> None:
    slow, good = Model(ProviderTimedOut("slow")), Model()
    models = Engines((Engine(slow, PRICES), Engine(good, PRICES, frozenset({"draft"}))))
    asked = models.purposed(Purpose(tenant, "draft", "art"), room.database, Caps(None, None), room.clock, MINUTE)
    assert asked is not None
    await asked.complete(question(1))
    assert await spent(room, tenant) == (good.billed, PRICES.most(question(1)))
    with pytest.raises(ProviderTimedOut):
        await asked.complete(replace(question(2), stage="tone"))
    assert [(row["stage"], row["state"]) for row in await rows(room, tenant)] == [
        ("tone", "failed"),
        ("draft", "answered"),
        ("draft", "failed"),
    ]


async def test_a_prompt_is_tried_with_the_model_that_writes_drafts(room: LlmRoom, tenant: TenantId) -> None:
    models = Engines((Engine(Model(), PRICES, frozenset({"draft"})),))
    asked = models.purposed(Purpose(tenant, "try"), room.database, Caps(None, None), room.clock, MINUTE)
    assert asked is not None
    await asked.complete(question(1))
    assert [row["stage"] for row in await rows(room, tenant)] == ["try"]


async def test_a_stage_without_a_model_is_refused(room: LlmRoom, tenant: TenantId) -> None:
    models = Engines((Engine(Model(), PRICES, frozenset({"draft"})),))
    asked = models.purposed(Purpose(tenant, "draft"), room.database, Caps(None, None), room.clock, MINUTE)
    assert asked is not None
    with pytest.raises(ProviderRejected):
        await asked.complete(replace(question(1), stage="tone"))
    assert models.purposed(Purpose(tenant, "judge"), room.database, Caps(None, None), room.clock, MINUTE) is None


async def test_the_judge_is_paid_for_by_the_tenant(room: LlmRoom, tenant: TenantId) -> None:
    model = Model()
    settings = room.settings.model_copy(update={"prompt_price": PRICES.prompt, "completion_price": PRICES.completion})
    judging = replace(room, provider=model, settings=settings, gate=Gate(LogOddsJudge(model), 0.5))
    gate = handlers.paid_gate(judging, tenant, "art", None)
    assert gate.version == judging.gate.version
    assert gate.judge is not None
    with pytest.raises(JudgeFailed):  # this model gives no log probabilities, and bills all the same
        await gate.judge.judge([Pair("It rains.", "It rains.")])
    assert await spent(room, tenant) == (model.billed, 0)
    assert [row["stage"] for row in await rows(room, tenant)] == ["judge"]


async def test_a_check_is_paid_for_by_the_tenant_too(room: LlmRoom, news: FakeNews, tenant: TenantId) -> None:
    model = Model()
    settings = room.settings.model_copy(update={"prompt_price": PRICES.prompt, "completion_price": PRICES.completion})
    judging = replace(room, provider=model, settings=settings, gate=Gate(LogOddsJudge(model), 0.5))
    item = told(news, tenant)
    text = "The council waved through 40 homes in Camden."
    [checked] = await handlers.check(judging, tenant, text=text, story_id=item.id)
    assert checked.verdict.needs_person
    assert model.billed > 0
    assert await spent(room, tenant) == (model.billed, 0)
    # Without money nobody is asked.
    capped = replace(judging, settings=settings.model_copy(update={"day_cap": 0.0}))
    [unasked] = await handlers.check(capped, tenant, text="The council nodded through 40 homes.", story_id=item.id)
    assert unasked.verdict.needs_person
    assert await spent(room, tenant) == (model.billed, 0)


class Names(Model):
    """A provider of a name of its own that quotes the first source sentence, or fails."""

    def __init__(self, model: str, error: Exception | None = None) -> None:
        super().__init__(error)
        self.model = model

    async def complete(self, request: Completion) -> Answer:
        answer = await super().complete(request)
        if request.stage in {"claims", "refined again"}:
            raise ProviderTimedOut("slow")
        line = next(line for line in request.user.splitlines() if line.startswith("["))
        said = [{"text": line.partition("] ")[2], "sources": [line[1:].partition("]")[0]]}]
        said.append({"text": "The council gave 40 homes in Camden its blessing on Monday.", "sources": []})
        return replace(answer, text=json.dumps({"sentences": said}))


async def test_a_summary_names_the_model_that_wrote_it_and_tells_of_stages_that_failed(
    room: LlmRoom, news: FakeNews, tenant: TenantId
) -> None:
    models = Engines((Engine(Names("first", ProviderRejected("no")), PRICES), Engine(Names("second"), PRICES)))
    room = replace(room, provider=models)
    await summarize(room, tenant, told(news, tenant))
    [written] = await summaries(room, tenant)
    assert (written.engine, written.model) == ("double", "second")
    failed = {stage["name"]: stage["output"]["reason"] for stage in written.stages if stage["name"].endswith("failed")}
    assert failed == {"claims failed": "llm.provider_timed_out: slow"}
