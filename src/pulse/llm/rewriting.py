"""Asking a model to rewrite sentences: into claims, into a text, into a tone, into another language."""

import hashlib
from collections.abc import Sequence

from pulse.llm import prompts
from pulse.llm.drafting import SCHEMA, material, parse
from pulse.llm.folding import strip_hidden
from pulse.llm.providers.port import Completion

FACTS, REFINE, TONE, TRANSLATE = "facts-2", "refine-2", "tone-2", "translate-2"


def request(version: str, sentences: Sequence[str], **values: object) -> Completion:
    """Return the completion that asks for `sentences` to be rewritten as the prompt `version` says.

    They are numbered from 1, between marks that are a hash of them: no sentence can hold the mark around itself.
    """
    lines = [" ".join(strip_hidden(sentence).split()) for sentence in sentences]
    marker = hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
    numbered = [f"[{number}] {line.replace(marker, '')}" for number, line in enumerate(lines, start=1)]
    system = prompts.fill(prompts.load(version), **values)
    most = 200 + 2 * sum(map(len, lines))
    return Completion(system, material(numbered, marker), SCHEMA, most, prompt_version=version)


def read(text: str, count: int) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Return what a model wrote: each sentence with the places (from 0) of those of `count` it is made from.

    Raises `DraftUnreadable`.
    """
    places = {str(number): number - 1 for number in range(1, count + 1)}
    return tuple(
        (" ".join(sentence.text.split()), tuple(places[number] for number in sentence.sources if number in places))
        for sentence in parse(text).sentences
        if sentence.text.strip()
    )
