"""From a story to a summary that can be believed: draft → facts → verified → refined.

Every stage is a value with a key made from its input. Give back the stages that are stored and none of their work is done, or
paid, twice.
"""

import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import orjson

from pulse.llm import prompts
from pulse.llm.drafting import read_draft, request_draft
from pulse.llm.errors import ProviderError
from pulse.llm.extract import count_characters, extract, split_article, story_language
from pulse.llm.extract.readable import dangles
from pulse.llm.providers import Provider
from pulse.llm.shapes import (
    Citation,
    Doubt,
    Limits,
    Reason,
    SourceSentence,
    Stage,
    Story,
    Summary,
    SummarySentence,
    Usage,
    Verdict,
    join_sentences,
)
from pulse.llm.tokens import tokenize
from pulse.llm.verify import VERIFIER_VERSION, Evidence, verify_sentence
from pulse.llm.verify.reading import Reading
from pulse.llm.verify.stream import read
from pulse.llm.words import words

EXTRACTIVE = "extractive"
EXTRACTIVE_VERSION = "1"

Save = Callable[[Stage], Awaitable[None]]


async def summarise(
    story: Story,
    limits: Limits = Limits(),  # noqa: B008 - frozen
    provider: Provider | None = None,
    *,
    done: Mapping[str, Stage] | None = None,
    save: Save | None = None,
    fall_back: bool = True,
) -> Summary:
    """Summarise a story; every sentence of the result is proven by its sources.

    `done` maps the keys of stored stages to them, `save` stores each new one before the next begins. When the provider
    fails, or nothing of its draft is proven, the extractive engine takes over and `fallback` says why; with `fall_back=False` a
    `ProviderError` is raised instead, for a queue that tries again.
    """
    language = story_language(story)
    sources = source_sentences(story, language)
    run = _Run(done or {}, save)
    fallback: str | None = None
    if provider is not None and sources:
        try:
            summary = await _with_provider(run, provider, story, sources, limits, language)
            if summary.sentences:
                return summary
            fallback = "nothing of the draft is proven by the sources"
            dropped, usage = summary.dropped, summary.usage
        except ProviderError as error:
            if not fall_back:
                raise
            fallback, dropped, usage = f"{error.code}: {error.message}", (), None
        summary = await _extractive(run, story, sources, limits, language)
        return _replace(summary, run, fallback=fallback, dropped=(*dropped, *summary.dropped), usage=usage)
    return _replace(await _extractive(run, story, sources, limits, language), run)
