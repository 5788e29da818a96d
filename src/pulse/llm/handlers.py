"""What the llm room does: summarise the stories of a fetch, and what somebody asks for."""

import hashlib
import time
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson

from pulse.bus.events import Aggregate, StoredEvent
from pulse.http.errors import PeerRefused
from pulse.kernel.ids import new_id
from pulse.kernel.tenant import TenantId
from pulse.llm import budget, checking, receipts, shapes, stages, store, wishing
from pulse.llm.accounting import Purpose
from pulse.llm.engines import Engine, Engines
from pulse.llm.errors import AnswerLater, NoModel, SummaryNotFound
from pulse.llm.events import ArticleSummarized
from pulse.llm.finishing import Wishes
from pulse.llm.judges.log_odds import LogOddsJudge
from pulse.llm.models import Summary, SummarySentence, Tried
from pulse.llm.providers import Provider
from pulse.llm.room import LlmRoom
from pulse.llm.verify.gate import RULES, Gate
from pulse.llm.work import Progress
from pulse.news.errors import UnknownArticle, UnknownStory
from pulse.news.models import Article, Story
from pulse.storage.engine import Transaction
from pulse.telemetry import metrics

SUMMARIZE = "llm/summarize"
_STORIES_IN_A_JOB = 25
_NO_WISHES = Wishes()


@dataclass(frozen=True, slots=True)
class Written:
    """A summary as it is stored."""

    row: dict[str, Any]
    score: float


async def on_fetched(room: LlmRoom, tx: Transaction, event: StoredEvent) -> None:
    """React to `news.fetched`: summaries are written by jobs, because they ask other services and perhaps a model."""
    stories = event.data["stories"]
    # A model takes its time, and a job has to end within its lease.
    size = 1 if room.provider else _STORIES_IN_A_JOB
    for start in range(0, len(stories), size):
        await room.bus.enqueue(tx, SUMMARIZE, {"stories": stories[start : start + size]})


async def summarize_stories(room: LlmRoom, tenant: TenantId, payload: dict[str, Any]) -> None:
    """Write the summaries of stories that have none for what their sources say now.

    What waits for the answer of a batch is left: the batch's end puts it into the queue again.
    """
    stories = await room.news.stories(tenant, [UUID(story) for story in payload["stories"]])
    wishes = {niche: await wishing.of_niche(room, tenant, niche) for niche in {story.niche for story in stories}}
    length = room.settings.max_length
    hashes = {
        story.id: input_hash(room, story.articles, length, story, wishing.material(wishes[story.niche]))
        for story in stories
    }
    async with room.database.transaction(tenant) as tx:
        known = await store.summaries.known_inputs(tx, list(hashes.values()))
    for story in stories:
        if hashes[story.id] not in known:
            try:
                written = await write(
                    room,
                    tenant,
                    story.articles,
                    story=story,
                    hashed=hashes[story.id],
                    wishes=wishes[story.niche],
                    waits=True,
                )
            except AnswerLater:
                continue
            # Each by itself: what is written (and perhaps paid for) is not lost when the next one fails.
            async with room.database.transaction(tenant) as tx:
                await keep(room, tx, written)


async def keep(room: LlmRoom, tx: Transaction, written: Written) -> None:
    """Store a summary and tell of it, unless its input was summarised meanwhile. Without a sentence nothing is told."""
    row = written.row
    if not await store.summaries.add_summary(tx, row) or not row["sentences"] or row["story_id"] is None:
        return
    event = ArticleSummarized(
        summary_id=row["id"],
        story_id=row["story_id"],
        niche=row["niche"],
        title=row["title"],
        language=row["language"],
        sentences=len(row["sentences"]),
        dropped=len(row["dropped"]),
        confidence=row["confidence"],
        score=written.score,
        engine=row["engine"],
    )
    await room.bus.append(tx, event, Aggregate("summary", row["id"]), expected_version=0)


@dataclass(frozen=True, slots=True)
class _Shelf:
    """Stages in the database, each in a transaction of its own."""

    room: LlmRoom
    tenant: TenantId

    async def find(self, key: str) -> shapes.Stage | None:
        async with self.room.database.transaction(self.tenant) as tx:
            row = await store.stages.find(tx, key)
        return shapes.Stage(row["name"], row["key"], row["output"]) if row else None

    async def keep(self, stage: shapes.Stage) -> None:
        async with self.room.database.transaction(self.tenant) as tx:
            await store.stages.keep(tx, stage)


async def write(
    room: LlmRoom,
    tenant: TenantId,
    articles: list[Article],
    *,
    story: Story | None = None,
    hashed: str,
    max_length: int | None = None,
    wishes: Wishes = _NO_WISHES,
    progress: Progress | None = None,
    waits: bool = False,
) -> Written:
    """Write and verify one summary. The network is used only when a provider is configured.

    Raises `AnswerLater` where that one is asked in a batch, which only happens to who `waits`.
    """
    settings = room.settings
    limits = shapes.Limits(max_length or settings.max_length, settings.min_sentences, settings.max_sentences)
    started = time.perf_counter()
    told = receipts.told(articles, story.language if story else None, wishes.keywords)
    # What is worked out here in milliseconds is worked out again; what is paid for, or slow, is kept.
    shelf = _Shelf(room, tenant) if room.provider or room.gate.judge else None
    niche, story_id = (story.niche, story.id) if story else (None, None)
    provider = account(room, tenant, niche, story_id, waits=waits)
    gate = paid_gate(room, tenant, niche, story_id)
    result = await stages.summarise(told, limits, provider, gate=gate, shelf=shelf, wishes=wishes, progress=progress)
    seconds = time.perf_counter() - started
    engine, _, model = result.engine.partition(":")
    metrics.summarization_duration.labels(engine, model or engine).observe(seconds)
    places = receipts.Receipts(articles)
    shown = places.supported(result)
    for sentence in result.dropped:
        for reason in sentence.verdict.reasons if sentence.verdict else ():
            metrics.sentences_dropped.labels(str(reason.doubt)).inc()
    row = {
        "id": new_id(),
        "story_id": story.id if story else None,
        "niche": story.niche if story else ((articles[0].niche or None) if articles else None),
        "input_hash": hashed,
        "title": story.title if story else (articles[0].title if articles else ""),
        "language": result.language,
        "text": shapes.join_sentences(tuple(sentence.text for sentence in shown), result.language),
        "sentences": [sentence.model_dump(mode="json") for sentence in shown],
        "dropped": [receipts.dropped(sentence).model_dump(mode="json") for sentence in result.dropped],
        "stages": [{"name": stage.name, "key": stage.key, "output": dict(stage.output)} for stage in result.stages]
        + ([{"name": "fallback", "key": hashed, "output": {"reason": result.fallback}}] if result.fallback else []),
        "confidence": result.confidence,
        "engine": engine,
        "model": model or engine,
        "verifier": result.verifier_version,
        "seconds": seconds,
        "created_at": room.clock(),
        "doubtful": [sentence.model_dump(mode="json") for sentence in places.doubtful(result)],
        "tone": result.tone,
        "prompt_version": result.prompt_version,
        "fallback": result.fallback,
        "unavailable": result.unavailable,
    }
    return Written(row, story.score.total if story else 0.0)


def account(
    room: LlmRoom,
    tenant: TenantId,
    niche: str | None,
    story_id: UUID | None,
    stage: str = "draft",
    *,
    waits: bool = False,
) -> Provider | None:
    """Return the room's provider with its calls in the tenant's ledger, None where there is no provider."""
    if room.provider is None:
        return None
    settings = room.settings
    prices = budget.Prices(settings.prompt_price, settings.completion_price, settings.cached_price)
    models = room.provider if isinstance(room.provider, Engines) else Engines((Engine(room.provider, prices),))
    caps = budget.Caps(budget.micros(settings.day_cap), budget.micros(settings.month_cap))
    patience = timedelta(seconds=settings.timeout_seconds)
    purpose = Purpose(tenant, stage, niche, story_id, waits)
    return models.purposed(purpose, room.database, caps, room.clock, patience)


def paid_gate(room: LlmRoom, tenant: TenantId, niche: str | None, story_id: UUID | None) -> Gate:
    """Return the room's gate; where its judge is a model, with that one's calls in the tenant's ledger."""
    gate = room.gate
    if not isinstance(gate.judge, LogOddsJudge):
        return gate
    provider = account(room, tenant, niche, story_id, stage="judge")
    # Where no model judges this niche nobody does: what is rewritten waits for a person.
    return replace(gate, judge=gate.judge.through(provider)) if provider else RULES


async def attempt(room: LlmRoom, tenant: TenantId, *, story_id: UUID, prompt: str) -> dict[str, Tried]:
    """Write a story's summary with the prompt in use and with another one. Nothing is kept but what the calls cost.

    Raises `UnknownStory`, `NoModel`, `BadPrompt`, and what the provider raises.
    """
    story, articles = await _sources(room, tenant, article_id=None, story_id=story_id)
    provider = account(room, tenant, story.niche if story else None, story_id, stage="try")
    if provider is None:
        raise NoModel("no model is configured, and the offline engine takes no prompt")
    settings = room.settings
    limits = shapes.Limits(settings.max_length, settings.min_sentences, settings.max_sentences)
    wishes = await wishing.of_niche(room, tenant, story.niche) if story else _NO_WISHES
    told = receipts.told(articles, story.language if story else None, wishes.keywords)
    gate = paid_gate(room, tenant, story.niche if story else None, story_id)
    places = receipts.Receipts(articles)
    found = {}
    for name, text in (("current", None), ("other", prompt)):
        result = await stages.summarise(told, limits, provider, gate=gate, prompt=text)
        found[name] = Tried(
            text=result.text,
            language=result.language,
            sentences=places.supported(result),
            dropped=[receipts.dropped(sentence) for sentence in result.dropped],
            doubtful=places.doubtful(result),
            confidence=result.confidence,
            engine=result.engine,
            prompt_version=result.prompt_version,
            fallback=result.fallback,
        )
    return found


def input_hash(
    room: LlmRoom, articles: list[Article], max_length: int, story: Story | None = None, wished: Any = None
) -> str:
    """Return a hash of all that a summary is made from: story, texts, engine, verifier, length, and what was `wished`.

    A story of one article has a summary of its own: that of the article alone is told to nobody.
    """
    provider = room.provider
    material = [
        sorted((str(article.id), hashlib.sha256(article.content.encode()).hexdigest()) for article in articles),
        [provider.name, provider.model] if provider else "extractive",
        str(story.id) if story else None,
        [room.gate.version, max_length, room.settings.min_sentences, room.settings.max_sentences],
        wished,
    ]
    return hashlib.sha256(orjson.dumps(material)).hexdigest()


async def asked_for(
    room: LlmRoom,
    tenant: TenantId,
    *,
    article_id: UUID | None,
    story_id: UUID | None,
    text: str | None = None,
    max_length: int | None = None,
    tone: str | None = None,
    language: str | None = None,
    count: str = "graphemes",
    progress: Progress | None = None,
) -> Summary | Written:
    """Return the summary of an article, a story or a text: the stored one, if its input is the same, or a new one.

    Raises `UnknownArticle`, `UnknownStory`, `UnknownTone`.
    """
    if text is not None:
        story, articles = None, [receipts.text_article(text, room.clock())]
    else:
        story, articles = await _sources(room, tenant, article_id=article_id, story_id=story_id)
    wishes = await wishing.wishes(
        room, tenant, niche=articles[0].niche if articles else "", tone=tone, language=language, count=count
    )
    length = max_length or room.settings.max_length
    hashed = input_hash(room, articles, length, story, wishing.material(wishes, count))
    async with room.database.transaction(tenant) as tx:
        row = await store.summaries.summary_of(tx, hashed)
    if row is not None:
        return Summary.model_validate(dict(row))
    return await write(
        room, tenant, articles, story=story, hashed=hashed, max_length=max_length, wishes=wishes, progress=progress
    )


async def check(
    room: LlmRoom,
    tenant: TenantId,
    *,
    text: str,
    article_id: UUID | None = None,
    story_id: UUID | None = None,
    summary_id: UUID | None = None,
) -> list[SummarySentence]:
    """Return every sentence of a text with the gate's verdict, given the sources of a story, article or summary.

    Raises `UnknownArticle`, `UnknownStory`, `SummaryNotFound`.
    """
    if summary_id is not None:
        async with room.database.transaction(tenant) as tx:
            found = await summary(tx, summary_id)
        story, articles = await _sources_of(room, tenant, found)
    else:
        story, articles = await _sources(room, tenant, article_id=article_id, story_id=story_id)
    niche = story.niche if story else articles[0].niche if articles else None
    gate = paid_gate(room, tenant, niche, story.id if story else None)
    return await checking.check(text, articles, story.language if story else None, gate)


async def _sources(
    room: LlmRoom, tenant: TenantId, *, article_id: UUID | None, story_id: UUID | None
) -> tuple[Story | None, list[Article]]:
    try:
        story = await room.news.story(tenant, story_id) if story_id else None
        return story, story.articles if story else [await room.news.article(tenant, article_id)] if article_id else []
    except PeerRefused as error:
        if error.details["status"] == 404:
            raise (UnknownStory if story_id else UnknownArticle)(error.message) from error
        raise


async def _sources_of(room: LlmRoom, tenant: TenantId, found: Summary) -> tuple[Story | None, list[Article]]:
    """Return what a summary was made from: its story, or the one article that it cites."""
    cited = next((citation.article_id for sentence in found.sentences for citation in sentence.citations), None)
    if found.story_id is None and cited is None:
        return None, []
    return await _sources(room, tenant, article_id=None if found.story_id else cited, story_id=found.story_id)


async def summary(tx: Transaction, summary_id: UUID) -> Summary:
    """Return one summary with its stages. Raises `SummaryNotFound`."""
    row = await store.summaries.summary(tx, summary_id)
    if row is None:
        raise SummaryNotFound(f"there is no summary {summary_id}")
    return Summary.model_validate(dict(row))
