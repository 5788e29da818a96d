"""Asking a model for a draft, and reading what it says. Articles go in as data; only a schema comes out."""

import hashlib
import re
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pulse.llm import prompts
from pulse.llm.errors import DraftUnreadable
from pulse.llm.folding import strip_hidden
from pulse.llm.providers.port import Completion
from pulse.llm.shapes import Citation, Limits, SourceSentence, SummarySentence
from pulse.llm.verify.absolute import absolute
from pulse.llm.words import words

_MOST_SENTENCES = 120
_LONGEST_SENTENCE = 1_000
_FENCE = re.compile(r"^\s*```(?:json)?\s*(.*?)\s*```\s*$", re.S)


class DraftSentence(BaseModel):
    """A sentence of a draft with the numbers of the source sentences it is taken from."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    text: str = Field(max_length=2_000)
    sources: list[str] = Field(default_factory=list, max_length=50)


class Draft(BaseModel):
    """What a model must answer."""

    model_config = ConfigDict(extra="ignore", frozen=True, strict=True)

    sentences: list[DraftSentence] = Field(max_length=20)


SCHEMA: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["sentences"],
    "properties": {
        "sentences": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["text", "sources"],
                "properties": {"text": {"type": "string"}, "sources": {"type": "array", "items": {"type": "string"}}},
            },
        }
    },
}


def request_draft(
    sources: tuple[SourceSentence, ...], limits: Limits, language: str | None, prompt: str | None = None
) -> tuple[Completion, dict[str, Citation]]:
    """Return the completion to ask for and what each number in it cites.

    The marker around the material is a hash of it: no article can hold its own, and the same question is asked in the
    same words. `prompt` takes the place of the one in use. Raises `BadPrompt`.
    """
    marker = hashlib.sha256("\n".join(sentence.text for sentence in sources).encode()).hexdigest()[:16]
    articles = {article: number for number, article in enumerate(dict.fromkeys(s.article for s in sources), start=1)}
    numbers: dict[str, Citation] = {}
    lines = []
    for sentence in sources[:_MOST_SENTENCES]:
        number = f"{articles[sentence.article]}.{sentence.index}"
        numbers[number] = sentence.citation
        text = " ".join(strip_hidden(sentence.text).split()).replace(marker, "")
        # A model that takes its sentence from "on Monday" is to tell the reader which Monday.
        text = absolute(text, sentence.published, words(sentence.language))
        lines.append(f"[{number}] {text[:_LONGEST_SENTENCE]}")
    system = prompts.fill(
        prompt or prompts.load(prompts.DRAFT),
        minimum=limits.min_sentences,
        maximum=limits.max_sentences,
        language=language or "of the material",
        characters=limits.max_characters,
    )
    version = prompts.DRAFT if prompt is None else None
    most = 200 + 2 * limits.max_characters
    return Completion(system, material(lines, marker), SCHEMA, most, prompt_version=version), numbers


def material(lines: Sequence[str], marker: str) -> str:
    """Return what a model is to work on. What it is told about it stands elsewhere, the same for every material."""
    return "\n".join([f"The marker is {marker}.", f"<material {marker}>", *lines, f"</material {marker}>"])


def read_draft(text: str, numbers: dict[str, Citation]) -> tuple[SummarySentence, ...]:
    """Parse a model's answer. Numbers that cite nothing are left out. Raises DraftUnreadable."""
    draft = parse(text)
    return tuple(
        SummarySentence(" ".join(sentence.text.split()), tuple(numbers[n] for n in sentence.sources if n in numbers))
        for sentence in draft.sentences
        if sentence.text.strip()
    )


def parse(text: str) -> Draft:
    """Return what a model answered, if it is what was asked for. Raises `DraftUnreadable`."""
    fenced = _FENCE.match(text)
    try:
        return Draft.model_validate_json(fenced[1] if fenced else text)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        why = f"{'.'.join(map(str, problem['loc'])) or 'it'}: {problem['msg']}"
        raise DraftUnreadable(f"the draft is not the JSON that was asked for: {text[:100]!r}", why=why) from error
