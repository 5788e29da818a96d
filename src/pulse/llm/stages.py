"""From a story to a summary that can be believed: draft → facts → verified → refined.

Every stage is a value with a key made from its input, kept before the next one begins: a crash repeats no paid call.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import Any, Protocol

import orjson

from pulse.llm import drafting, prompts, refining
from pulse.llm.errors import ProviderError
from pulse.llm.extract import articles_in, extract, split_article, story_language
from pulse.llm.providers.port import Provider
from pulse.llm.shapes import (
    Citation,
    Doubt,
    Limits,
    SourceSentence,
    Stage,
    Story,
    Summary,
    SummarySentence,
    Usage,
    Verdict,
)
from pulse.llm.verify import Evidence
from pulse.llm.verify.gate import RULES, Gate
from pulse.llm.verify.reading import Reading
from pulse.llm.verify.stream import read

EXTRACTIVE = "extractive"
EXTRACTIVE_VERSION = "1"
_LIMITS = Limits()


class Shelf(Protocol):
    """Where stages are kept."""

    async def find(self, key: str) -> Stage | None:
        """Return the stage that was kept under a key."""

    async def keep(self, stage: Stage) -> None:
        """Keep a stage for good."""


async def summarise(
    story: Story,
    limits: Limits = _LIMITS,
    provider: Provider | None = None,
    *,
    gate: Gate = RULES,
    shelf: Shelf | None = None,
    prompt: str | None = None,
    fall_back: bool = True,
) -> Summary:
    """Summarise a story; every sentence of the result is supported by its sources, as `gate` finds.

    `prompt` takes the place of the one in use. Stages found on the `shelf` are not done again; each new one is kept
    there before the next begins. When the provider fails, or nothing of its draft is proven, the extractive engine
    takes over and `fallback` says why; with `fall_back=False` a failure of the provider is raised (`ProviderError`),
    for a queue that tries again.
    """
    language = story_language(story)
    sources = source_sentences(story, language)
    work = _Work(story, sources, Evidence(sources, language), limits, language, gate, shelf)
    if provider is None or not sources:
        return await _extractive(work)
    try:
        summary = await _written(work, provider, prompt)
    except ProviderError as error:
        if not fall_back:
            raise
        return replace(await _extractive(work), fallback=f"{error.code}: {error.message}", usage=_billed(error))
    if summary.sentences:
        return summary
    instead = await _extractive(work)
    return replace(
        instead,
        dropped=summary.dropped + instead.dropped,
        fallback=f"the sources prove no sentence of what {provider.model} wrote",
        prompt_version=summary.prompt_version,
        usage=summary.usage,
    )


def source_sentences(story: Story, language: str | None) -> tuple[SourceSentence, ...]:
    """Return every sentence of the articles that are read, in order."""
    return tuple(
        SourceSentence(article.id, sentence.index, sentence.text, language)
        for article in articles_in(story, language)
        for sentence in split_article(article.text, article.language)
    )


@dataclass(frozen=True)
class _Work:
    story: Story
    sources: tuple[SourceSentence, ...]
    evidence: Evidence
    limits: Limits
    language: str | None
    gate: Gate
    shelf: Shelf | None
    stages: list[Stage] = field(default_factory=list)

    @property
    def material(self) -> list[Any]:
        """What every stage depends on."""
        texts = [[article.id, article.title, article.text, article.independent] for article in self.story.articles]
        limits = [self.limits.max_characters, self.limits.min_sentences, self.limits.max_sentences]
        return [texts, self.language, limits]

    async def stage(
        self,
        name: str,
        material: Any,
        make: Callable[[], Awaitable[Mapping[str, Any]]],
        lasting: Callable[[Mapping[str, Any]], bool] = lambda output: True,
    ) -> Mapping[str, Any]:
        """Return the output of a stage: the kept one for this input, or a new one, kept before it is used.

        What `lasting` says no to is not kept.
        """
        key = sha256(orjson.dumps([name, material])).hexdigest()
        stage = await self.shelf.find(key) if self.shelf is not None else None
        if stage is None:
            stage = Stage(name, key, await make())
            if self.shelf is not None and lasting(stage.output):
                await self.shelf.keep(stage)
        self.stages.append(stage)
        return stage.output


async def _extractive(work: _Work) -> Summary:
    async def draft() -> Mapping[str, Any]:
        result = extract(work.story, work.limits)
        found = [
            SummarySentence(chosen.text, chosen.citations, disputed_by=chosen.disputed_by)
            for chosen in result.sentences
        ]
        return {"engine": EXTRACTIVE, "sentences": _values(found), "reason": result.reason}

    output = await work.stage("draft", [EXTRACTIVE, EXTRACTIVE_VERSION, work.material], draft)
    summary = await _checked(work, output, EXTRACTIVE)
    return replace(summary, reason=output["reason"] or summary.reason)


async def _written(work: _Work, provider: Provider, prompt: str | None) -> Summary:
    engine = f"{provider.name}:{provider.model}"

    async def draft() -> Mapping[str, Any]:
        request, numbers = drafting.request_draft(work.sources, work.limits, work.language, prompt)
        answer = await provider.complete(request)
        usage = [answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.estimated]
        return {
            "engine": engine,
            "text": answer.text,
            "numbers": _numbered(numbers),
            "usage": usage,
            "model": answer.model,
        }

    version = prompts.DRAFT if prompt is None else f"tried {sha256(prompt.encode()).hexdigest()[:8]}"
    output = await work.stage("draft", [engine, version, work.material], draft)
    # Parsed after it is stored: an answer that cannot be read was paid for as well, and stays to be looked at.
    numbers = {number: Citation(*place) for number, place in output["numbers"].items()}
    sentences = drafting.read_draft(output["text"], numbers)
    summary = await _checked(work, {**output, "sentences": _values(sentences)}, engine)
    return replace(summary, prompt_version=version, usage=Usage(*output["usage"]))


async def _checked(work: _Work, draft: Mapping[str, Any], engine: str) -> Summary:
    sentences = [_sentence(value) for value in draft["sentences"]]

    async def facts() -> Mapping[str, Any]:
        return {"sentences": [_facts(sentence, work.evidence) for sentence in sentences]}

    material = [work.gate.version, work.material, draft["sentences"]]
    await work.stage("facts", material, facts)

    async def verified() -> Mapping[str, Any]:
        verdicts = await work.gate.verify([sentence.text for sentence in sentences], work.evidence)
        return {"verdicts": [verdict.as_dict() for verdict in verdicts]}

    output = await work.stage("verified", material, verified, _nothing_failed)
    judged = [
        refining.judged(sentence, Verdict.of(value))
        for sentence, value in zip(sentences, output["verdicts"], strict=True)
    ]
    kept, dropped = refining.refine(judged, work.limits, work.evidence.words, strict=engine != EXTRACTIVE)

    async def refined() -> Mapping[str, Any]:
        return {"sentences": _values(kept), "dropped": [sentence.text for sentence in dropped]}

    await work.stage("refined", material, refined)
    copies = frozenset(article.id for article in work.story.articles if not article.independent)
    return Summary(
        sentences=kept,
        dropped=dropped,
        confidence=refining.confidence(kept, dropped, copies),
        engine=engine,
        verifier_version=work.gate.version,
        language=work.language,
        reason=None if kept else "nothing_proven",
        stages=tuple(work.stages),
    )


def _nothing_failed(output: Mapping[str, Any]) -> bool:
    """Say whether verdicts may be kept: those of a judge that could not be reached are asked for again."""
    return not any(reason["code"] == Doubt.FAILED for verdict in output["verdicts"] for reason in verdict["reasons"])


def _facts(sentence: SummarySentence, evidence: Evidence) -> dict[str, Any]:
    """Return a sentence's claim with what they commit it to and the source sentences it says it rests on."""
    reading = Reading(read(sentence.text, evidence.words), evidence.words)
    return {
        "claim": sentence.text,
        "sources": [[citation.article, citation.index] for citation in sentence.citations],
        "amounts": [[amount.value, amount.unit] for amount in reading.amounts],
        "dates": sorted(reading.dates),
        "names": list(reading.names),
        "words": {kind: found for kind, found in reading.facts.items() if found},
    }


def _values(sentences: Sequence[SummarySentence]) -> list[dict[str, Any]]:
    return [
        {
            "text": sentence.text,
            "sources": [[citation.article, citation.index] for citation in sentence.citations],
            "disputed_by": [[citation.article, citation.index] for citation in sentence.disputed_by],
        }
        for sentence in sentences
    ]


def _sentence(value: Mapping[str, Any]) -> SummarySentence:
    return SummarySentence(
        value["text"],
        tuple(Citation(*place) for place in value["sources"]),
        disputed_by=tuple(Citation(*place) for place in value["disputed_by"]),
    )


def _numbered(numbers: Mapping[str, Citation]) -> dict[str, list[str | int]]:
    return {number: [citation.article, citation.index] for number, citation in numbers.items()}


def _billed(error: ProviderError) -> Usage | None:
    usage = error.details.get("usage")
    return Usage(usage["prompt"], usage["completion"]) if usage else None
