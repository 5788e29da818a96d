"""Every try of every model is in the ledger, under its own stage; the judge's calls, too."""

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
from pulse.llm.room import LlmRoom
from pulse.llm.verify.gate import Gate
from tests.doubles.fake_services import FakeNews
from tests.integration.llm.test_ledger import PRICES, Model, question, rows, spent
from tests.integration.llm.test_summarizing import told

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
