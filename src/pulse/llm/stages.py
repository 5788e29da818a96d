"""From a story to a summary that can be believed: draft → facts → verified → refined.

Every stage is a value with a key made from its input, kept before the next one begins: a crash repeats no paid call.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256
from typing import Any

from pulse.llm import drafting, finishing, prompts, refining
from pulse.llm.errors import ProviderError
from pulse.llm.extract import articles_in, extract, split_article, story_language
from pulse.llm.finishing import Wishes
from pulse.llm.providers.port import Provider
from pulse.llm.shapes import Citation, Limits, SourceSentence, Story, Summary, SummarySentence, Usage, Verdict
from pulse.llm.verify import Evidence
from pulse.llm.verify.gate import RULES, Gate
from pulse.llm.verify.reading import Reading
from pulse.llm.verify.stream import read
from pulse.llm.work import Progress, Shelf, Work

EXTRACTIVE = "extractive"
EXTRACTIVE_VERSION = "4"
_LIMITS = Limits()
_NO_WISHES = Wishes()


async def summarise(
    story: Story,
    limits: Limits = _LIMITS,
    provider: Provider | None = None,
    *,
    gate: Gate = RULES,
    shelf: Shelf | None = None,
    prompt: str | None = None,
    wishes: Wishes = _NO_WISHES,
    progress: Progress | None = None,
    fall_back: bool = True,
) -> Summary:
    """Summarise a story; every sentence of the result is supported by its sources, as `gate` finds.

    `prompt` takes the place of the one in use; `wishes` are tone, language and how length is counted. Stages found on
    the `shelf` are not done again; each new one is kept there before the next begins, and `progress` is told its name.
    When the provider fails, or nothing of its draft is proven, the extractive engine takes over and `fallback` says
    why; with `fall_back=False` a failure of the provider is raised (`ProviderError`), for a queue that tries again.
    """
    language = story_language(story)
    sources = source_sentences(story, language)
    work = Work(story, sources, Evidence(sources, language), limits, language, gate, shelf, progress)
    if provider is None or not sources:
        return await finishing.finish(work, finishing.sort_out(work, await _extractive(work)), wishes, provider)
    try:
        summary = await finishing.rescue(work, await _written(work, provider, prompt), provider)
    except ProviderError as error:
        if not fall_back:
            raise
        summary = finishing.sort_out(work, await _extractive(work))
        summary = replace(summary, fallback=f"{error.code}: {error.message}", usage=_billed(error))
        # A model that has just failed is not asked for a tone or a translation either.
        return await finishing.finish(work, summary, wishes, None)
    if not summary.sentences:
        instead = finishing.sort_out(work, await _extractive(work))
        summary = replace(
            instead,
            dropped=summary.dropped + instead.dropped,
            doubtful=summary.doubtful,
            fallback=f"the sources prove no sentence of what {provider.model} wrote",
            prompt_version=summary.prompt_version,
            usage=summary.usage,
        )
    return await finishing.finish(work, summary, wishes, provider)


def source_sentences(story: Story, language: str | None) -> tuple[SourceSentence, ...]:
    """Return every sentence of the articles that are read, in order."""
    return tuple(
        SourceSentence(article.id, sentence.index, sentence.text, language, article.published)
        for article in articles_in(story, language)
        for sentence in split_article(article.text, article.language)
    )


async def _extractive(work: Work) -> Summary:
    async def draft() -> Mapping[str, Any]:
        result = extract(work.story, work.limits)
        found = [
            SummarySentence(chosen.text, chosen.citations, disputed_by=chosen.disputed_by)
            for chosen in result.sentences
        ]
        return {"engine": EXTRACTIVE, "sentences": _values(found), "reason": result.reason}

    output = await work.stage("draft", [EXTRACTIVE, EXTRACTIVE_VERSION, work.material, work.story.keywords], draft)
    summary = await _checked(work, output, EXTRACTIVE)
    return replace(summary, reason=output["reason"] or summary.reason)


async def _written(work: Work, provider: Provider, prompt: str | None) -> Summary:
    engine = f"{provider.name}:{provider.model}"

    async def draft() -> Mapping[str, Any]:
        request, numbers = drafting.request_draft(work.sources, work.limits, work.language, prompt)
        answer = await provider.complete(request)
        usage = [answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.estimated]
        return {
            "engine": answer.engine or engine,
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
    summary = await _checked(work, {**output, "sentences": _values(sentences)}, output["engine"])
    return replace(summary, prompt_version=version, usage=Usage(*output["usage"]))


async def _checked(work: Work, draft: Mapping[str, Any], engine: str) -> Summary:
    sentences = [_sentence(value) for value in draft["sentences"]]

    async def facts() -> Mapping[str, Any]:
        return {"sentences": [_facts(sentence, work.evidence) for sentence in sentences]}

    material = [work.gate.version, work.material, draft["sentences"]]
    await work.stage("facts", material, facts)

    async def verified() -> Mapping[str, Any]:
        verdicts = await work.gate.verify([sentence.text for sentence in sentences], work.evidence)
        return {"verdicts": [verdict.as_dict() for verdict in verdicts]}

    output = await work.stage("verified", material, verified, refining.nothing_failed)
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
