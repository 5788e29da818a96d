"""The ledger: every call is in it, the caps hold, the same question is paid once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from pulse.http.tokens import Role
from pulse.kernel.ids import new_id
from pulse.kernel.tenant import TenantId
from pulse.llm import handlers, store
from pulse.llm.accounting import Accounted, Purpose
from pulse.llm.budget import Caps, Prices, periods
from pulse.llm.errors import AnswerUnreadable, BudgetExhausted, ProviderLimited, ProviderTimedOut
from pulse.llm.providers.openai_compatible import OpenAiCompatible
from pulse.llm.providers.port import Answer, Completion
from pulse.llm.room import LlmRoom
from pulse.llm.shapes import Usage
from tests.doubles.fake_services import FakeNews
from tests.doubles.openai_server import OpenAiServer, openai_server
from tests.doubles.service_http import ServiceHttp, problem
from tests.integration.llm.test_summarizing import FIRST, SECOND, summaries, summarize, told

PRICES = Prices(1.0, 10.0)


class Model:
    """A provider that bills 100 tokens in and 10 out, 200 millionths a call, or fails as it is told."""

    name, model = "double", "billing"

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.billed = 0

    async def complete(self, request: Completion) -> Answer:
        if self.error is not None:
            raise self.error
        self.billed += PRICES.cost(Usage(100, 10))
        return Answer(request.user.upper(), self.model, Usage(100, 10))


@pytest.fixture
async def server() -> AsyncIterator[OpenAiServer]:
    async with openai_server() as double:
        yield double


def accounted(room: LlmRoom, tenant: TenantId, model: Model, caps: Caps = Caps(None, None)) -> Accounted:
    return Accounted(model, room.database, PRICES, caps, Purpose(tenant, "draft", "technology"), room.clock)


def question(number: int) -> Completion:
    return Completion("Answer.", f"Question {number}?", max_tokens=20)


async def spent(room: LlmRoom, tenant: TenantId) -> tuple[int, int]:
    async with room.database.transaction(tenant) as tx:
        found = await store.calls.spent(tx, *periods(room.clock()))
    return found.day, found.day_reserved


async def rows(room: LlmRoom, tenant: TenantId) -> list[Any]:
    async with room.database.transaction(tenant) as tx:
        return list(await store.calls.ledger(tx, story_id=None, before=None, limit=100))


async def test_the_ledger_equals_the_bill(room: LlmRoom, tenant: TenantId) -> None:
    model = Model()
    for number in range(3):
        await accounted(room, tenant, model).complete(question(number))
    assert await spent(room, tenant) == (model.billed, 0)
    assert [(row["state"], row["cost"], row["niche"]) for row in await rows(room, tenant)] == [
        ("answered", 200, "technology")
    ] * 3


async def test_the_same_question_is_paid_for_once(room: LlmRoom, tenant: TenantId) -> None:
    model = Model()
    first = await accounted(room, tenant, model).complete(question(1))
    again = await accounted(room, tenant, model).complete(question(1))
    assert (again.text, again.usage) == (first.text, first.usage)
    assert model.billed == 200
    # Another tenant's answer is its own.
    await accounted(room, TenantId(new_id()), model).complete(question(1))
    assert model.billed == 400


async def test_a_cap_holds_for_many_workers_at_once(room: LlmRoom, tenant: TenantId) -> None:
    model = Model()
    cap = 3 * PRICES.most(question(10))
    asked = [accounted(room, tenant, model, Caps(cap, None)).complete(question(10 + n)) for n in range(12)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, BudgetExhausted)]
    assert refused
    assert {error.details["period"] for error in refused} == {"day"}
    assert len(refused) + sum(isinstance(answer, Answer) for answer in answers) == 12
    assert model.billed <= cap
    assert await spent(room, tenant) == (model.billed, 0)


async def test_a_call_whose_end_is_not_known_goes_on_counting(room: LlmRoom, tenant: TenantId) -> None:
    most = PRICES.most(question(1))
    with pytest.raises(ProviderTimedOut):
        await accounted(room, tenant, Model(ProviderTimedOut("slow"))).complete(question(1))
    assert await spent(room, tenant) == (0, most)
    with pytest.raises(BudgetExhausted):
        await accounted(room, tenant, Model(), Caps(most, None)).complete(question(2))
    # A worker that dies in the middle of its call leaves the same behind.
    with pytest.raises(KeyboardInterrupt):
        await accounted(room, tenant, Model(KeyboardInterrupt())).complete(question(3))  # type: ignore[arg-type]
    assert await spent(room, tenant) == (0, 2 * most)


async def test_a_refused_call_costs_nothing_and_a_broken_answer_what_it_was_billed(
    room: LlmRoom, tenant: TenantId
) -> None:
    with pytest.raises(ProviderLimited):
        await accounted(room, tenant, Model(ProviderLimited("slow down"))).complete(question(1))
    assert await spent(room, tenant) == (0, 0)
    broken = AnswerUnreadable("empty", usage={"prompt": 100, "completion": 0, "cached": 0})
    with pytest.raises(AnswerUnreadable):
        await accounted(room, tenant, Model(broken)).complete(question(2))
    assert await spent(room, tenant) == (100, 0)


async def test_at_the_cap_the_offline_engine_writes_and_says_so(
    room: LlmRoom, news: FakeNews, tenant: TenantId, server: OpenAiServer
) -> None:
    settings = room.settings.model_copy(update={"day_cap": 0.0, "prompt_price": 1.0, "completion_price": 1.0})
    paying = replace(room, provider=OpenAiCompatible(server.url, "small"), settings=settings)
    item = told(news, tenant)
    await handlers.summarize_stories(paying, tenant, {"stories": [str(item.id)]})
    assert server.requests == []
    [summary] = await summaries(paying, tenant)
    assert summary.engine == "extractive"
    async with room.database.transaction(tenant) as tx:
        shown = await handlers.summary(tx, summary.id)
    [fallback] = [stage["output"]["reason"] for stage in shown.stages if stage["name"] == "fallback"]
    assert fallback.startswith("llm.budget_exhausted")


async def test_the_budget_and_the_ledger_over_http(http: ServiceHttp, room: LlmRoom, tenant: TenantId) -> None:
    for number in range(3):
        await accounted(room, tenant, Model()).complete(question(number))
    shown = (await http.ask("GET", "/llm/budget", tenant)).json()
    assert shown["day"] == {"cap": None, "spent": 0.0006, "reserved": 0.0}
    wanted = {"day": 1.5, "month": None}
    refused = await http.ask("PUT", "/llm/budget", tenant, role=Role.EDITOR, json=wanted)
    assert refused.status_code == 403
    changed = (await http.ask("PUT", "/llm/budget", tenant, json=wanted)).json()
    assert (changed["day"]["cap"], changed["month"]["cap"]) == (1.5, None)
    first = (await http.ask("GET", "/llm/ledger?limit=2", tenant)).json()
    second = (await http.ask("GET", f"/llm/ledger?limit=2&cursor={first['next_cursor']}", tenant)).json()
    assert [entry["cost"] for entry in first["entries"] + second["entries"]] == [0.0002] * 3
    assert second["next_cursor"] is None
    other = (await http.ask("GET", "/llm/ledger", TenantId(new_id()))).json()
    assert other["entries"] == []


async def test_the_caps_of_a_niche_hold_within_those_of_all(http: ServiceHttp, room: LlmRoom, tenant: TenantId) -> None:
    def of(niche: str | None, model: Model) -> Accounted:
        return replace(accounted(room, tenant, model), purpose=Purpose(tenant, "draft", niche))

    most = PRICES.most(question(1))
    body = {"day": 2 * most / 1_000_000, "month": None}
    changed = (await http.ask("PUT", "/llm/budget?niche=art", tenant, json=body)).json()
    [own] = changed["niches"]
    assert (own["niche"], own["day"]["cap"], own["month"]["cap"]) == ("art", body["day"], None)
    assert changed["day"]["cap"] is None
    art, music = Model(), Model()
    await of("art", art).complete(question(1))
    while art.billed + most <= 2 * most:
        await of("art", art).complete(question(art.billed))
    with pytest.raises(BudgetExhausted) as told_no:
        await of("art", art).complete(question(2))
    assert told_no.value.details == {"period": "day", "niche": "art"}
    for niche in ("music", None):
        await of(niche, music).complete(question(100 + bool(niche)))
    shown = (await http.ask("GET", "/llm/budget", tenant)).json()
    assert shown["niches"][0]["day"]["spent"] == pytest.approx(art.billed / 1_000_000)
    assert shown["day"]["spent"] == pytest.approx((art.billed + music.billed) / 1_000_000)
    # The tenant's own caps hold for every niche, and a niche whose caps are taken away has only these.
    await http.ask("PUT", "/llm/budget?niche=art", tenant, json={"day": None, "month": None})
    assert (await http.ask("GET", "/llm/budget", tenant)).json()["niches"] == []
    await of("art", art).complete(question(200))
    await http.ask("PUT", "/llm/budget", tenant, json={"day": 0, "month": None})
    await http.ask("PUT", "/llm/budget?niche=art", tenant, json={"day": 5, "month": 5})
    with pytest.raises(BudgetExhausted) as told_no:
        await of("art", art).complete(question(201))
    assert told_no.value.details["niche"] is None


async def test_every_sentence_has_its_cost_and_their_sum_is_the_bill(
    http: ServiceHttp, room: LlmRoom, news: FakeNews, tenant: TenantId
) -> None:
    item = told(news, tenant)
    model = Model()

    async def ask(number: int, sentence: str | None = None) -> None:
        asked = replace(accounted(room, tenant, model), purpose=Purpose(tenant, "judge", "art", item.id))
        await asked.complete(replace(question(number), sentence=sentence, prompt_version="judge-1"))

    for number in range(5):
        await ask(number)
    await ask(5, FIRST)
    await ask(6, "A sentence that did not stay.")
    longer = replace(room, settings=room.settings.model_copy(update={"min_sentences": 2}))
    await summarize(longer, tenant, item)
    [summary] = await summaries(room, tenant)
    await ask(7)  # after it: for the next one
    found = (await http.ask("GET", f"/summaries/{summary.id}/costs", tenant)).json()
    assert found["cost"] == pytest.approx(7 * 0.0002)
    assert sum(round(one["cost"] * 1_000_000) for one in found["sentences"]) == 7 * 200
    costs = {one["text"]: one["cost"] for one in found["sentences"]}
    assert len(costs) > 1
    assert set(costs) == {sentence.text for sentence in summary.sentences}
    assert costs[FIRST] - min(costs.values()) == pytest.approx(0.0002, abs=2e-6)
    by_prompt = (await http.ask("GET", "/llm/costs?by=prompt", tenant)).json()["costs"]
    assert [(one["name"], one["calls"]) for one in by_prompt] == [("judge-1", 8)]
    about = [entry["sentence"] for entry in (await http.ask("GET", "/llm/ledger", tenant)).json()["entries"]]
    assert sorted(filter(None, about)) == sorted([FIRST, "A sentence that did not stay."])


async def test_what_is_asked_of_the_ledger_is_all_that_comes(
    http: ServiceHttp, room: LlmRoom, tenant: TenantId
) -> None:
    for number, (stage, niche) in enumerate((("draft", "art"), ("draft", "music"), ("tone", "art"), ("tone", None))):
        asked = accounted(room, tenant, Model())
        await replace(asked, purpose=Purpose(tenant, stage, niche)).complete(question(number))
    for query, found in (("niche=art", 2), ("stage=tone", 2), ("niche=art&stage=tone", 1), ("model=other", 0)):
        entries = (await http.ask("GET", f"/llm/ledger?{query}", tenant)).json()["entries"]
        assert len(entries) == found, query


async def test_costs_are_added_up_over_all_calls_of_the_period(
    http: ServiceHttp, room: LlmRoom, tenant: TenantId
) -> None:
    for number in range(210):
        purpose = Purpose(tenant, "draft" if number % 3 else "tone", "art" if number % 2 else None)
        await replace(accounted(room, tenant, Model()), purpose=purpose).complete(question(number))
    last_month = replace(room, clock=lambda: room.clock() - timedelta(days=40))
    await accounted(last_month, tenant, Model()).complete(question(999))
    by_stage = (await http.ask("GET", "/llm/costs", tenant)).json()["costs"]
    assert [(cost["name"], cost["calls"], cost["cost"]) for cost in by_stage] == [
        ("draft", 140, 0.028),
        ("tone", 70, 0.014),
    ]
    by_niche = (await http.ask("GET", "/llm/costs?by=niche&period=day", tenant)).json()["costs"]
    assert {cost["name"]: cost["calls"] for cost in by_niche} == {"art": 105, None: 105}
    assert sum(cost["prompt_tokens"] for cost in by_niche) == 21_000
    assert (await http.ask("GET", "/llm/costs?by=tenant", tenant)).status_code == 422
    assert (await http.ask("GET", "/llm/costs", TenantId(new_id()))).json()["costs"] == []


async def test_two_prompts_are_compared(
    http: ServiceHttp, news: FakeNews, tenant: TenantId, room: LlmRoom, server: OpenAiServer
) -> None:
    item = told(news, tenant)
    body = {"story_id": str(item.id), "prompt": "Copy {maximum} sentences as {{}}."}
    assert problem(await http.ask("POST", "/llm/try", tenant, json=body), 409)["code"] == "llm.no_model"
    server.reply = lambda _: f'{{"sentences": [{{"text": "{SECOND}", "sources": ["1.1"]}}]}}'
    paying = replace(room, provider=OpenAiCompatible(server.url, "small"))
    both = await handlers.attempt(paying, tenant, story_id=item.id, prompt=body["prompt"])
    assert both["current"].text == both["other"].text == SECOND
    assert both["current"].prompt_version != both["other"].prompt_version
    assert [row["stage"] for row in await rows(room, tenant)] == ["try", "try"]
    assert "Copy 4 sentences as {}." in str(server.requests[-1])
    assert await summaries(room, tenant) == []


class Slow(Model):
    """A provider that answers when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.answers = 0, asyncio.Event()

    async def complete(self, request: Completion) -> Answer:
        self.asked += 1
        await self.answers.wait()
        return await super().complete(request)


async def test_the_same_question_at_the_same_moment_is_paid_for_once(room: LlmRoom, tenant: TenantId) -> None:
    model = Slow()
    asking = [asyncio.create_task(accounted(room, tenant, model).complete(question(1))) for _ in range(6)]
    await asyncio.sleep(0.5)
    model.answers.set()
    answers = await asyncio.gather(*asking)
    assert model.asked == 1
    assert {answer.text for answer in answers} == {"QUESTION 1?"}
    assert len(await rows(room, tenant)) == 1


async def test_a_question_whose_answer_fails_is_asked_by_who_waited(room: LlmRoom, tenant: TenantId) -> None:
    first, second = Slow(), Model()
    first.error = ProviderTimedOut("slow")
    failing = asyncio.create_task(accounted(room, tenant, first).complete(question(1)))
    await asyncio.sleep(0.3)
    waiting = asyncio.create_task(accounted(room, tenant, second).complete(question(1)))
    await asyncio.sleep(0.3)
    assert second.billed == 0
    first.answers.set()
    with pytest.raises(ProviderTimedOut):
        await failing
    assert (await waiting).text == "QUESTION 1?"
    assert second.billed == 200


async def test_nobody_waits_for_an_answer_longer_than_one_may_take(room: LlmRoom, tenant: TenantId) -> None:
    dead = asyncio.create_task(accounted(room, tenant, Slow()).complete(question(1)))
    await asyncio.sleep(0.3)
    dead.cancel()
    model = Model()
    impatient = replace(accounted(room, tenant, model), patience=timedelta(seconds=0.5))
    await impatient.complete(question(1))
    assert model.billed == 200
    assert sorted(row["state"] for row in await rows(room, tenant)) == ["answered", "open"]
