"""Seeded false edits in every language: short reports of our own writing, in which the truth of a sentence is known."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import orjson

from pulse.llm.edits import false_edits
from pulse.llm.sentences import split
from pulse.llm.shapes import SourceSentence
from pulse.llm.verify import Evidence
from pulse.llm.verify.gate import Gate

VERBATIM = "verbatim"


@dataclass(frozen=True, slots=True)
class ReportedText:
    """A news report, and the names that occur in it, which no letter case shows in some languages."""

    text: str
    names: tuple[str, ...]


@cache
def reports() -> Mapping[str, ReportedText]:
    """Return a report for each language."""
    read = orjson.loads(files(__package__).joinpath("reports.json").read_bytes())
    return {language: ReportedText(report["text"], tuple(report["names"])) for language, report in read.items()}


async def passing(gate: Gate, seeds: int) -> dict[str, dict[str, tuple[int, int]]]:
    """Return for each language and kind of edit, and `VERBATIM`, how many pass without a person, and of how many.

    `seeds` is how often each sentence is edited anew.
    """
    found: dict[str, dict[str, tuple[int, int]]] = {}
    for language, report in reports().items():
        sentences = split(report.text, language)
        evidence = Evidence([SourceSentence("a", s.index, s.text) for s in sentences], language)
        tried = {(VERBATIM, sentence.text) for sentence in sentences}
        tried |= {
            (str(edit.kind), edit.text)
            for sentence in sentences
            for seed in range(seeds)
            for edit in false_edits(sentence.text, language, seed, report.names)
        }
        ordered = sorted(tried)
        verdicts = await replace(gate, thorough=False).verify_each([text for _, text in ordered], evidence)
        counts: dict[str, tuple[int, int]] = {}
        for (kind, _), verdict in zip(ordered, verdicts, strict=True):
            passed, of = counts.get(kind, (0, 0))
            counts[kind] = (passed + verdict.supported, of + 1)
        found[language] = counts
    return found


def as_table(found: Mapping[str, Mapping[str, tuple[int, int]]]) -> str:
    """Return the counts as Markdown, a line for each language."""
    kinds = list(dict.fromkeys(kind for counts in found.values() for kind in sorted(counts, key=_verbatim_first)))
    lines = [f"| language | {' | '.join(kinds)} |", "|---" + "|--:" * len(kinds) + "|"]
    for language, counts in found.items():
        cells = ["{} of {}".format(*counts[kind]) if kind in counts else "–" for kind in kinds]
        lines.append(f"| {language} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _verbatim_first(kind: str) -> tuple[bool, str]:
    return kind != VERBATIM, kind
