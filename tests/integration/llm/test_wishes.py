"""Texts, tones, streaming and what waits for a person, over HTTP."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from pulse.http.tokens import Role, Tokens
from pulse.kernel.tenant import TenantId
from pulse.llm import handlers
from pulse.llm.providers.openai_compatible import OpenAiCompatible
from pulse.llm.room import LlmRoom
from pulse.llm.service import service
from pulse.news.models import Niche
from tests.doubles.fake_services import FakeNews
from tests.doubles.openai_server import OpenAiServer, openai_server
from tests.doubles.service_http import ServiceHttp, problem
from tests.integration.llm.test_summarizing import FIRST, SECOND, THIRD, draft, events, summaries, summarize, told

NUMBERS = f"{FIRST} Prices in Camden rose by 12 % in May."


@pytest.fixture
async def server() -> AsyncIterator[OpenAiServer]:
    async with openai_server() as double:
        yield double


@pytest.fixture
async def written(room: LlmRoom, server: OpenAiServer, tokens: Tokens) -> AsyncIterator[ServiceHttp]:
    """The service with a model."""
    http = ServiceHttp(
        service(replace(room, provider=OpenAiCompatible(server.url, "small", timeout_seconds=20))), tokens
    )
    yield http
    await http.close()


def read(stream: str) -> list[tuple[str, Any]]:
    """Return the events of a stream of server-sent events."""
    return [
        (block.split("\n")[0].removeprefix("event: "), json.loads(block.split("\n")[1].removeprefix("data: ")))
        for block in stream.strip().split("\n\n")
    ]


async def test_a_text_is_a_source_of_its_own(room: LlmRoom, http: ServiceHttp, tenant: TenantId) -> None:
    text = f"{FIRST} {SECOND}"
    summary = (await http.ask("POST", "/summarize", tenant, json={"text": text})).json()
    assert summary["sentences"]
    assert (summary["story_id"], summary["niche"]) == (None, None)
    for sentence in summary["sentences"]:
        for place in sentence["citations"]:
            assert text[place["start"] : place["end"]] == place["quote"]
            assert place["source"] == "text"
    again = (await http.ask("POST", "/summarize", tenant, json={"text": text})).json()
    assert again["id"] == summary["id"]
    assert await events(room, tenant) == []


@pytest.mark.parametrize("body", [{}, {"text": "a", "story_id": "01890a5d-ac96-774b-bcce-b302099a8057"}])
async def test_one_source_is_named(http: ServiceHttp, tenant: TenantId, body: dict[str, str]) -> None:
    assert (await http.ask("POST", "/summarize", tenant, json=body)).status_code == 422


async def test_a_tone_gives_a_summary_of_its_own(http: ServiceHttp, news: FakeNews, tenant: TenantId) -> None:
    story = {"story_id": str(told(news, tenant, NUMBERS).id)}
    plain = (await http.ask("POST", "/summarize", tenant, json=story | {"max_length": 200})).json()
    lead = (
        await http.ask("POST", "/summarize", tenant, json=story | {"max_length": 200, "tone": "statistic_lead"})
    ).json()
    assert (plain["tone"], lead["tone"]) == (None, "statistic_lead")
    assert plain["id"] != lead["id"]
    assert lead["unavailable"] is None
    casual = (await http.ask("POST", "/summarize", tenant, json=story | {"tone": "casual_tone"})).json()
    assert casual["sentences"]
    assert "needs a model" in casual["unavailable"]
    unknown = await http.ask("POST", "/summarize", tenant, json=story | {"tone": "shouting"})
    assert problem(unknown, 404)["code"] == "llm.unknown_tone"


async def test_a_niche_has_tones_of_its_own_and_no_other_tenant_sees_them(
    http: ServiceHttp, tenant: TenantId, other: TenantId
) -> None:
    tone = {"instructions": "Dry and short.", "examples": ["It rained. Again."]}
    path = "/llm/tones/technology/dry"
    assert (await http.ask("PUT", path, tenant, Role.VIEWER, json=tone)).status_code == 403
    assert (await http.ask("PUT", path, tenant, json=tone)).status_code == 200

    async def names(of: TenantId, niche: str) -> list[str]:
        answer = await http.ask("GET", f"/llm/tones?niche={niche}", of)
        return [one["name"] for one in answer.json()["tones"]]

    built_in = ["casual_tone", "formal_tone", "question_hook", "statistic_lead"]
    assert await names(tenant, "technology") == [*built_in, "dry"]
    assert await names(tenant, "sport") == await names(other, "technology") == built_in
    assert (await http.ask("DELETE", path, other)).status_code == 404
    assert (await http.ask("DELETE", path, tenant)).status_code == 204
    assert await names(tenant, "technology") == built_in


async def test_an_own_tone_reaches_the_model(
    written: ServiceHttp, news: FakeNews, tenant: TenantId, server: OpenAiServer
) -> None:
    tone = {"instructions": "Dry and short.", "examples": ["It rained. Again."]}
    await written.ask("PUT", "/llm/tones/technology/dry", tenant, json=tone)
    server.reply = lambda _: draft(FIRST)
    story = {"story_id": str(told(news, tenant).id), "tone": "dry"}
    assert (await written.ask("POST", "/summarize", tenant, json=story)).json()["text"] == FIRST
    system = server.requests[-1]["messages"][0]["content"]
    assert "Dry and short." in system
    assert "It rained. Again." in system


async def test_what_a_model_adds_to_one_tone_reaches_neither_its_summary_nor_another(
    written: ServiceHttp, news: FakeNews, tenant: TenantId, server: OpenAiServer
) -> None:
    tone = {"instructions": "Dry and short.", "examples": []}
    await written.ask("PUT", "/llm/tones/technology/dry", tenant, json=tone)
    added = "The mayor of Camden was sacked."
    server.reply = lambda request: draft(FIRST, *([added] if "Dry" in request["messages"][0]["content"] else []))
    story = {"story_id": str(told(news, tenant).id)}
    for name in ("casual_tone", "formal_tone", "question_hook", "statistic_lead", "dry"):
        summary = (await written.ask("POST", "/summarize", tenant, json=story | {"tone": name})).json()
        assert (summary["tone"], FIRST in summary["text"], added in summary["text"]) == (name, True, False)
        assert all(sentence["verdict"]["supported"] for sentence in summary["sentences"])
        left_out = [sentence["text"] for sentence in (*summary["dropped"], *summary["doubtful"])]
        assert left_out == ([added] if name == "dry" else [])


def technology(news: FakeNews, **wanted: Any) -> None:
    """Let the niche of the stories want something."""
    plain = Niche(name="technology", title="Technology", keywords=[], language=None)
    news.subjects["technology"] = plain.model_copy(update=wanted)


async def test_a_niches_tone_is_that_of_its_summaries_where_none_is_asked_for(
    room: LlmRoom, tokens: Tokens, news: FakeNews, tenant: TenantId
) -> None:
    longer = replace(room, settings=room.settings.model_copy(update={"min_sentences": 3}))
    http = ServiceHttp(service(longer), tokens)
    technology(news, tone="statistic_lead")
    item = told(news, tenant, NUMBERS, SECOND)
    await summarize(longer, tenant, item)
    (summary,) = await summaries(room, tenant)
    assert (summary.tone, summary.unavailable) == ("statistic_lead", None)
    assert summary.text.startswith("Prices in Camden rose by 12 % in May.")
    story = {"story_id": str(item.id)}
    left_open = (await http.ask("POST", "/summarize", tenant, json=story)).json()
    assert left_open["id"] == str(summary.id)
    plain = (await http.ask("POST", "/summarize", tenant, json=story | {"tone": "plain"})).json()
    assert (plain["tone"], plain["text"].startswith(FIRST)) == (None, True)
    asked = (await http.ask("POST", "/summarize", tenant, json=story | {"tone": "casual_tone"})).json()
    assert asked["tone"] == "casual_tone"
    await http.close()


async def test_a_niches_own_tone_may_be_its_default_and_its_loss_is_said(
    room: LlmRoom, written: ServiceHttp, news: FakeNews, tenant: TenantId, server: OpenAiServer
) -> None:
    technology(news, tone="dry")
    await written.ask("PUT", "/llm/tones/technology/dry", tenant, json={"instructions": "Dry and short."})
    server.reply = lambda _: draft(FIRST)
    model = replace(room, provider=OpenAiCompatible(server.url, "small", timeout_seconds=20))
    item = told(news, tenant)
    await summarize(model, tenant, item)
    assert "Dry and short." in server.requests[-1]["messages"][0]["content"]
    assert [summary.tone for summary in await summaries(room, tenant)] == ["dry"]
    await written.ask("DELETE", "/llm/tones/technology/dry", tenant)
    await summarize(model, tenant, item)
    latest = (await summaries(room, tenant))[0]
    assert (latest.tone, latest.text) == (None, FIRST)
    assert latest.unavailable == "the niche's tone dry is not there any more"


async def test_a_niches_keywords_decide_what_of_a_story_is_told(
    room: LlmRoom, http: ServiceHttp, news: FakeNews, tenant: TenantId
) -> None:
    item = told(news, tenant)
    small = replace(room, settings=room.settings.model_copy(update={"max_sentences": 1}))
    await summarize(small, tenant, item)
    technology(news, keywords=["appeal", "residents"])
    await summarize(small, tenant, item)
    await summarize(small, tenant, item)
    assert [summary.text for summary in reversed(await summaries(room, tenant))] == [FIRST, THIRD]


async def test_progress_is_streamed_and_ends_with_the_summary(
    http: ServiceHttp, news: FakeNews, tenant: TenantId
) -> None:
    story = {"story_id": str(told(news, tenant).id)}
    headers = {"accept": "text/event-stream"}
    answer = await http.ask("POST", "/summarize", tenant, json=story, headers=headers)
    assert answer.headers["content-type"].startswith("text/event-stream")
    *stages, (last, summary) = read(answer.text)
    assert [data["stage"] for _, data in stages] == ["draft", "facts", "verified", "refined"]
    assert (last, summary["story_id"]) == ("summary", story["story_id"])
    assert summary == (await http.ask("POST", "/summarize", tenant, json=story)).json()
    missing = {"story_id": "01890a5d-ac96-774b-bcce-b302099a8057"}
    answer = await http.ask("POST", "/summarize", tenant, json=missing, headers=headers)
    assert [(name, data["code"]) for name, data in read(answer.text)] == [("problem", "news.unknown_story")]


async def test_what_is_rewritten_waits_and_is_kept(
    room: LlmRoom, news: FakeNews, tenant: TenantId, server: OpenAiServer
) -> None:
    rewritten = "Building starts in June after a public hearing."
    server.reply = lambda _: draft(FIRST, rewritten)
    item = told(news, tenant)
    model = replace(room, provider=OpenAiCompatible(server.url, "small", timeout_seconds=20))
    await handlers.summarize_stories(model, tenant, {"stories": [str(item.id)]})
    (summary,) = await summaries(room, tenant)
    assert summary.text == FIRST
    (doubtful,) = summary.doubtful
    assert (doubtful.text, doubtful.verdict.supported, doubtful.verdict.needs_person) == (rewritten, False, True)
    assert doubtful.citations[0].quote == SECOND
    assert summary.prompt_version == "draft-2"


async def test_a_niche_that_wants_another_language_gets_it_for_approval(
    room: LlmRoom, news: FakeNews, tenant: TenantId, server: OpenAiServer
) -> None:
    german = "Der Rat hat am Montag 40 Wohnungen in Camden genehmigt."
    server.reply = lambda request: draft(german if "You translate" in json.dumps(request) else FIRST)
    news.languages["technology"] = "de"
    model = replace(room, provider=OpenAiCompatible(server.url, "small", timeout_seconds=20))
    await handlers.summarize_stories(model, tenant, {"stories": [str(told(news, tenant).id)]})
    (summary,) = await summaries(room, tenant)
    assert (summary.text, summary.language) == (FIRST, "en")
    assert [sentence.text for sentence in summary.doubtful] == [german]
    assert "de" in (summary.unavailable or "")


async def test_a_text_is_checked_against_what_a_summary_was_made_from(
    http: ServiceHttp, news: FakeNews, tenant: TenantId
) -> None:
    story = {"story_id": str(told(news, tenant).id)}
    summary = (await http.ask("POST", "/summarize", tenant, json=story)).json()
    text = f"{SECOND} Follow @acme."
    answer = await http.ask("POST", "/llm/check", tenant, json={"summary_id": summary["id"], "text": text})
    good, bad = answer.json()["sentences"]
    assert good["verdict"]["supported"]
    assert (bad["verdict"]["supported"], bad["verdict"]["needs_person"]) == (False, False)
