"""What becomes of sentences made by rules from the sources' own: false ones, honest ones, and false ones of the honest.

The same seed makes the same sentences.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pulse.evaluation.rewritings import SEVERAL, rewritings
from pulse.llm.edits import false_edits
from pulse.llm.shapes import Verdict
from pulse.llm.verify import Evidence
from pulse.llm.verify.gate import Gate

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and of how much."""

VERBATIM = "verbatim"
EDITS_OF_REWRITINGS = "false edits of rewritings"
SENTENCES = 6
"""How many sentences of a document are taken, at most."""


@dataclass(slots=True)
class Outcomes:
    """How many sentences pass without a person, wait for one, or are held back by a hard rule."""

    passed: int = 0
    waits: int = 0
    held_back: int = 0

    @property
    def tried(self) -> int:
        """How many there were."""
        return self.passed + self.waits + self.held_back


async def edited(
    evidence: Mapping[str, Evidence], gates: Mapping[str, Gate], most: int, seed: int
) -> dict[str, tuple[int, int]]:
    """Return how many pass of the sources' own sentences (`VERBATIM`) and of each kind of false edit, and of how many.

    Of at most `most` documents; `gates` are for each document its own.
    """
    counts: dict[str, tuple[int, int]] = {}
    for document, sentence in _sentences(evidence, most, seed):
        tried = [(VERBATIM, sentence)]
        # "Turn 3" made into another turn of the same talk is not false.
        tried += [(str(e.kind), e.text) for e in false_edits(sentence, "en", seed) if e.text not in document]
        verdicts = await _verified(document, [text for _, text in tried], evidence, gates)
        for (kind, _), verdict in zip(tried, verdicts, strict=True):
            passed, of = counts.get(kind, (0, 0))
            counts[kind] = (passed + verdict.supported, of + 1)
    return counts


async def rewritten(
    evidence: Mapping[str, Evidence], gates: Mapping[str, Gate], most: int, seed: int, progress: Progress
) -> dict[str, Outcomes]:
    """Return what becomes of each kind of honest rewriting, and of `EDITS_OF_REWRITINGS`, in at most `most` documents.

    `gates` are for each document its own. What stands in the document word for word is not counted.
    """
    found: dict[str, Outcomes] = {}
    sentences = list(_sentences(evidence, most, seed))
    for number, (document, sentence) in enumerate(sentences, 1):
        honest = [one for one in rewritings(sentence, seed) if one.text not in document]
        tried = [(one.kind, one.text) for one in honest]
        tried += [
            (EDITS_OF_REWRITINGS, edit.text)
            for one in honest
            if one.kind == SEVERAL
            for edit in false_edits(one.text, "en", seed)
            if edit.text not in document
        ]
        verdicts = await _verified(document, [text for _, text in tried], evidence, gates)
        for (kind, _), verdict in zip(tried, verdicts, strict=True):
            outcomes = found.setdefault(kind, Outcomes())
            outcomes.passed += verdict.supported
            outcomes.waits += verdict.needs_person
            outcomes.held_back += not verdict.supported and not verdict.needs_person
        progress("rewritings", number, len(sentences))
    return found


def as_table(found: Mapping[str, Outcomes]) -> str:
    """Return the outcomes as Markdown, a line for each kind, the false ones last."""
    lines = ["| rewriting | tried | pass | wait for a person | held back by a rule |", "|---|--:|--:|--:|--:|"]
    for kind in sorted(found, key=lambda kind: (kind == EDITS_OF_REWRITINGS, kind == SEVERAL, kind)):
        one = found[kind]
        lines.append(f"| {kind} | {one.tried} | {one.passed} | {one.waits} | {one.held_back} |")
    return "\n".join(lines)


async def _verified(
    document: str, texts: Sequence[str], evidence: Mapping[str, Evidence], gates: Mapping[str, Gate]
) -> list[Verdict]:
    return await replace(gates[document], thorough=False).verify_each(texts, evidence[document])


def _sentences(evidence: Mapping[str, Evidence], most: int, seed: int) -> Iterator[tuple[str, str]]:
    chance = random.Random(seed)
    for document in chance.sample(sorted(evidence), min(most, len(evidence))):
        known = evidence[document].sentences
        for sentence in chance.sample(known, min(SENTENCES, len(known))):
            yield document, sentence.text
