"""From fetched stories to summaries: once for each input, told once, and whatever a model does there is one."""

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import RowMapping

from pulse.bus import log
from pulse.bus.events import Aggregate, StoredEvent
from pulse.kernel.ids import new_id
from pulse.kernel.tenant import TenantId
from pulse.llm import handlers, receipts, store
from pulse.llm.events import ArticleSummarized
from pulse.llm.models import Summary
from pulse.llm.providers.openai_compatible import OpenAiCompatible
from pulse.llm.room import LlmRoom
from pulse.news.events import NewsFetched
from pulse.news.models import Story
from tests.doubles.fake_services import FakeNews, article, story
from tests.doubles.openai_server import OpenAiServer, openai_server

FIRST = "The council approved 40 homes in Camden on Monday."
SECOND = "Building work starts in June after a public hearing."
THIRD = "Residents plan to appeal against the decision of the council."


def told(news: FakeNews, tenant: TenantId, *texts: str, **more: Any) -> Story:
    """Return a story that the news service knows, of one report."""
    return news.put(tenant, story(article(" ".join(texts or (FIRST, SECOND, THIRD)), **more)))


async def summarize(room: LlmRoom, tenant: TenantId, *stories: Story | UUID) -> None:
    ids = [str(item.id if isinstance(item, Story) else item) for item in stories]
    await handlers.summarize_stories(room, tenant, {"stories": ids})


async def summaries(room: LlmRoom, tenant: TenantId) -> list[Summary]:
    async with room.database.transaction(tenant) as tx:
        rows = await store.summaries.summaries(tx, story_id=None, before=None, limit=100)
        return [await handlers.summary(tx, row["id"]) for row in rows]


async def events(room: LlmRoom, tenant: TenantId) -> list[StoredEvent]:
    async with room.database.transaction(tenant) as tx:
        ids = await tx.rows("SELECT id FROM bus.events WHERE tenant_id = :tenant ORDER BY position", tenant=tenant)
        return [event for row in ids if (event := await log.read(tx, row["id"]))]


async def queue(room: LlmRoom, tenant: TenantId) -> list[RowMapping]:
    async with room.database.transaction(tenant) as tx:
        return list(
            await tx.rows(
                """SELECT queue, convert_from(payload, 'UTF8')::jsonb AS payload FROM bus.work
                   WHERE tenant_id = :tenant ORDER BY id""",
                tenant=tenant,
            )
        )


@pytest.fixture
async def server() -> AsyncIterator[OpenAiServer]:
    async with openai_server() as double:
        yield double


def with_model(room: LlmRoom, server: OpenAiServer) -> LlmRoom:
    seconds = 0.3 if server.behaviour == "time_out" else 20
    return replace(room, provider=OpenAiCompatible(server.url, "small", timeout_seconds=seconds))


async def react(room: LlmRoom, tenant: TenantId, stories: list[UUID]) -> list[list[str]]:
    fetched = NewsFetched(niche="technology", articles={}, stories=stories)
    async with room.database.transaction(tenant) as tx:
        stored = await room.bus.append(tx, fetched, Aggregate("niche", new_id()))
        await handlers.on_fetched(room, tx, stored)
    return [work["payload"]["stories"] for work in await queue(room, tenant) if work["queue"] == handlers.SUMMARIZE]


async def test_fetched_stories_are_put_into_the_queue_in_portions(room: LlmRoom, tenant: TenantId) -> None:
    stories = [new_id() for _ in range(60)]
    portions = await react(room, tenant, stories)
    assert [item for portion in portions for item in portion] == [str(item) for item in stories]
    assert [len(portion) for portion in portions] == [25, 25, 10]


async def test_nothing_fetched_means_no_work(room: LlmRoom, tenant: TenantId) -> None:
    assert await react(room, tenant, []) == []


async def test_with_a_model_each_story_is_a_job_of_its_own(
    room: LlmRoom, tenant: TenantId, server: OpenAiServer
) -> None:
    """A job ends within its lease, and a model may take a minute for one story."""
    portions = await react(with_model(room, server), tenant, [new_id() for _ in range(3)])
    assert [len(portion) for portion in portions] == [1, 1, 1]


async def test_a_story_is_summarised_and_told_once(room: LlmRoom, news: FakeNews, tenant: TenantId) -> None:
    item = told(news, tenant)
    for _ in range(2):
        await summarize(room, tenant, item, new_id())
    (summary,) = await summaries(room, tenant)
    assert (summary.story_id, summary.niche, summary.title, summary.language) == (
        item.id,
        "technology",
        item.title,
        "en",
    )
    assert (summary.engine, summary.model) == ("extractive", "extractive")
    assert summary.sentences
    assert summary.text == " ".join(sentence.text for sentence in summary.sentences)
    assert [stage["name"] for stage in summary.stages] == ["draft", "facts", "verified", "refined"]

    (event,) = await events(room, tenant)
    assert event.name == ArticleSummarized.name
    assert event.aggregate == Aggregate("summary", summary.id)
    assert ArticleSummarized.model_validate(event.data) == ArticleSummarized(
        summary_id=summary.id,
        story_id=item.id,
        niche="technology",
        title=item.title,
        language="en",
        sentences=len(summary.sentences),
        dropped=len(summary.dropped),
        confidence=summary.confidence,
        score=item.score.total,
        engine="extractive",
    )


async def test_what_its_sources_say_anew_is_summarised_anew(room: LlmRoom, news: FakeNews, tenant: TenantId) -> None:
    item = told(news, tenant)
    await summarize(room, tenant, item)
    report = item.articles[0].model_copy(update={"content": f"{FIRST} The mayor resigned on Tuesday in the evening."})
    news.put(tenant, item.model_copy(update={"articles": [report]}))
    await summarize(room, tenant, item)
    assert len(await summaries(room, tenant)) == len(await events(room, tenant)) == 2


async def test_the_same_job_twice_at_a_time_tells_once(room: LlmRoom, news: FakeNews, tenant: TenantId) -> None:
    item = told(news, tenant)
    hashed = handlers.input_hash(room, item.articles, 600, item)
    both = [await handlers.write(room, tenant, item.articles, story=item, hashed=hashed) for _ in range(2)]
    for written in both:
        async with room.database.transaction(tenant) as tx:
            await handlers.keep(room, tx, written)
    assert len(await summaries(room, tenant)) == len(await events(room, tenant)) == 1


async def test_a_receipt_shows_the_very_words_of_the_source(room: LlmRoom, news: FakeNews, tenant: TenantId) -> None:
    texts = (
        (f"LONDON (Reuters) – “{FIRST}”\n\n{SECOND} 👨‍👩‍👧 {THIRD}", "en"),
        (
            "市議会は月曜日に四十戸の住宅の建設を承認した。工事は六月に公聴会の後で始まる予定だ。住民は決定に対して訴えを起こす。",
            "ja",
        ),
        (
            "Der Rat hat am Montag 40 Wohnungen in Köln genehmigt. Die Arbeiten beginnen im Juni nach einer Anhörung.",
            "de",
        ),
        (f"{FIRST} " + " ".join(f"The street number {n} gets a new tram line in May." for n in range(900)), "en"),
    )
    seen = 0
    for content, language in texts:
        item = told(news, tenant, content, language=language)
        await summarize(room, tenant, item)
        summary = next(found for found in await summaries(room, tenant) if found.story_id == item.id)
        contents = {report.id: report.content for report in item.articles}
        for sentence in summary.sentences:
            assert sentence.citations
            assert sentence.verdict.supported
            for citation in sentence.citations:
                assert contents[citation.article_id][citation.start : citation.end] == citation.quote
                assert citation.url == item.articles[0].url
                seen += 1
    assert seen >= len(texts)


async def test_a_language_without_spaces_gets_none(room: LlmRoom, news: FakeNews, tenant: TenantId) -> None:
    item = told(
        news,
        tenant,
        "市議会は月曜日に四十戸の住宅の建設を承認した。工事は六月に公聴会の後で始まる予定だ。",
        language="ja",
    )
    await summarize(room, tenant, item)
    (summary,) = await summaries(room, tenant)
    assert len(summary.sentences) == 2
    assert summary.text == "".join(sentence.text for sentence in summary.sentences)


@pytest.mark.parametrize("content", ["", "  \n ", "Subscribe", "404", "\u200b" * 50])
async def test_a_story_without_a_usable_sentence_is_told_to_nobody(
    room: LlmRoom, news: FakeNews, tenant: TenantId, content: str
) -> None:
    await summarize(room, tenant, told(news, tenant, content))
    (summary,) = await summaries(room, tenant)
    assert (summary.sentences, summary.text) == ([], "")
    assert await events(room, tenant) == []


def draft(*sentences: str) -> str:
    return json.dumps({"sentences": [{"text": text, "sources": ["1.0"]} for text in sentences]})


async def test_a_model_writes_and_what_is_not_proven_is_dropped(
    room: LlmRoom, news: FakeNews, tenant: TenantId, server: OpenAiServer
) -> None:
    server.reply = lambda _: draft(FIRST, FIRST.replace("40", "400"))
    await summarize(with_model(room, server), tenant, told(news, tenant))
    (summary,) = await summaries(room, tenant)
    assert (summary.engine, summary.model) == ("openai", "small")
    assert [sentence.text for sentence in summary.sentences] == [FIRST]
    (dropped,) = summary.dropped
    assert "400" in dropped.text
    assert dropped.reasons[0].startswith("number")
    (event,) = await events(room, tenant)
    assert (event.data["engine"], event.data["sentences"], event.data["dropped"]) == ("openai", 1, 1)


@pytest.mark.parametrize(
    ("behaviour", "code"),
    [
        ("broken", "llm.provider_unavailable"),
        ("time_out", "llm.provider_timed_out"),
        ("bad_key", "llm.provider_refused_key"),
    ],
)
async def test_when_the_model_fails_the_offline_engine_takes_over_and_says_so(
    room: LlmRoom, news: FakeNews, tenant: TenantId, server: OpenAiServer, behaviour: str, code: str
) -> None:
    server.behaviour = behaviour
    await summarize(with_model(room, server), tenant, told(news, tenant))
    (summary,) = await summaries(room, tenant)
    assert summary.engine == "extractive"
    assert summary.sentences
    (fallback,) = [stage for stage in summary.stages if stage["name"] == "fallback"]
    assert code in fallback["output"]["reason"]
    (event,) = await events(room, tenant)
    assert event.data["engine"] == "extractive"


async def test_a_model_is_asked_once_for_each_input(
    room: LlmRoom, news: FakeNews, tenant: TenantId, server: OpenAiServer
) -> None:
    server.reply = lambda _: draft(FIRST)
    item = told(news, tenant)
    for _ in range(2):
        await summarize(with_model(room, server), tenant, item)
    assert len(server.requests) == 1


async def test_what_was_written_is_kept_when_the_next_one_breaks(
    room: LlmRoom, news: FakeNews, tenant: TenantId, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = told(news, tenant), told(news, tenant, THIRD)
    written = handlers.write

    async def breaks(room: LlmRoom, tenant: TenantId, articles: Any, **more: Any) -> handlers.Written:
        if more["story"].id == second.id:
            raise RuntimeError("the machine is on fire")
        return await written(room, tenant, articles, **more)

    monkeypatch.setattr(handlers, "write", breaks)
    with pytest.raises(RuntimeError):
        await summarize(room, tenant, first, second)
    assert [summary.story_id for summary in await summaries(room, tenant)] == [first.id]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"dated": True}, "said on Monday (23 November) that"),
        ({"dated": False}, "said on Monday that"),
        ({"dated": True, "revision": 2}, "said on Monday that"),
    ],
)
async def test_a_day_gets_its_date_where_it_is_known_when_the_text_was_written(
    room: LlmRoom, news: FakeNews, tenant: TenantId, more: dict[str, Any], said: str
) -> None:
    text = "Police in Camden said on Monday that two men were held after the fire at the harbour."
    moment = datetime(2026, 11, 25, 9, tzinfo=UTC)
    one = article(text).model_copy(update={"published_at": moment, **more})
    await summarize(room, tenant, news.put(tenant, story(one)))
    [summary] = await summaries(room, tenant)
    assert said in summary.text
    assert all(sentence.verdict.supported for sentence in summary.sentences)


async def test_what_a_person_sends_is_of_no_day(room: LlmRoom, tenant: TenantId) -> None:
    text = "Police in Camden said yesterday that two men were held after the fire at the harbour."
    assert receipts.told([receipts.text_article(text, room.clock())], None).articles[0].published is None
