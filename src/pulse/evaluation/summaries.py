"""How good extracts are: ROUGE against summaries that people wrote, beside LEAD-3, LexRank and TextRank in one run.

The references are the true summaries of the sets that the folder holds: what CNN and the Daily Mail printed (as BUMP
carries it) and the originals of SummEdits. Each engine chooses three sentences of each document.
"""

import json
import re
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from pulse.evaluation.baselines import lead, lexrank, textrank
from pulse.evaluation.rouge import rouge
from pulse.llm.extract import extract, split_article
from pulse.llm.sentences import split
from pulse.llm.shapes import Article, Limits, SourceSentence, Story
from pulse.llm.verify import Evidence, verify_sentence

EXPLAINED = """## Summaries

The offline engine beside LEAD-3, LexRank (Erkan and Radev 2004) and TextRank (Mihalcea and Tarau 2004), three sentences
each, on every development set with true summaries. ROUGE is F1 x 100, unstemmed. *proven*: share of sentences that the
gate proves. *length*: characters of the summaries as a share of the documents'. *CPU ms*: for a document.
"""
"""What the table says, for a page."""

SENTENCES = 3
_NO_LIMIT = 100_000

Engine = Callable[[str], list[str]]


@dataclass(frozen=True, slots=True)
class Quality:
    """What one engine did on one set. ROUGE is F1 x 100.

    `faithful` is the share of sentences that the gate proves; `compression` the characters of the summaries divided by
    those of the documents; `milliseconds` the CPU time for a document, splitting it included.
    """

    set: str
    engine: str
    documents: int
    rouge1: float
    rouge2: float
    rouge_l: float
    faithful: float
    compression: float
    milliseconds: float


def references(folder: Path) -> dict[str, list[tuple[str, list[str]]]]:
    """Return, for each set in `folder` that has true summaries, its documents with them, as sentences."""
    found: dict[str, list[tuple[str, list[str]]]] = {}
    news = {
        item["article"]: item["reference_summary"]
        for path in sorted(folder.glob("bump_*.json"))
        for item in _read(path)
    }
    if news:
        found["CNN/DailyMail (BUMP)"] = [(text, _printed(summary)) for text, summary in news.items()]
    for path in sorted(folder.glob("summedits_*.json")):
        true = {item["doc"]: item["original_summary"] for item in _read(path) if str(item["label"]) == "1"}
        found[f"SummEdits {path.stem.removeprefix('summedits_')}"] = [
            (text, [sentence.text for sentence in split(summary, "en")]) for text, summary in true.items()
        ]
    return found


def measure(folder: Path) -> list[Quality]:
    """Run every engine on every set of a folder."""
    extract(Story((_article("The first text loads the tables of its language."),)))
    return [
        _measured(name, engine, choose, documents)
        for name, documents in references(folder).items()
        for engine, choose in ENGINES.items()
    ]


def as_table(results: Sequence[Quality]) -> str:
    """Return the results as a table in Markdown."""
    lines = [
        "| set | engine | documents | ROUGE-1 | ROUGE-2 | ROUGE-L | proven | length | CPU ms |",
        "|---|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    lines += [
        f"| {one.set} | {one.engine} | {one.documents} | {one.rouge1:.1f} | {one.rouge2:.1f} | {one.rouge_l:.1f} "
        f"| {one.faithful:.1%} | {one.compression:.1%} | {one.milliseconds:.1f} |"
        for one in results
    ]
    return "\n".join(lines) + "\n"


def as_values(results: Sequence[Quality]) -> list[dict[str, object]]:
    """Return the results as values for JSON."""
    return [{key: round(v, 4) if isinstance(v, float) else v for key, v in asdict(one).items()} for one in results]


def _by_index(choose: Callable[[Sequence[str], int], list[int]]) -> Engine:
    def engine(text: str) -> list[str]:
        sentences = [sentence.text for sentence in split_article(text, "en")]
        return [sentences[index] for index in choose(sentences, SENTENCES)]

    return engine


def _pulse(text: str) -> list[str]:
    limits = Limits(_NO_LIMIT, SENTENCES, SENTENCES)
    return [chosen.text for chosen in extract(Story((_article(text),)), limits).sentences]


ENGINES: dict[str, Engine] = {
    "pulse": _pulse,
    "LEAD-3": _by_index(lead),
    "LexRank": _by_index(lexrank),
    "TextRank": _by_index(textrank),
}
"""What is measured, by name."""


def _measured(name: str, engine: str, choose: Engine, documents: Sequence[tuple[str, list[str]]]) -> Quality:
    split_article.cache_clear()
    start = time.process_time()
    summaries = [choose(text) for text, _ in documents]
    milliseconds = 1000 * (time.process_time() - start) / len(documents)
    scores = [rouge(summary, wanted) for summary, (_, wanted) in zip(summaries, documents, strict=True)]
    one, two, longest = (100 * float(score) for score in np.mean(scores, axis=0))
    proven = [said for summary, (text, _) in zip(summaries, documents, strict=True) for said in _proven(summary, text)]
    length = sum(len(" ".join(summary)) for summary in summaries) / sum(len(text) for text, _ in documents)
    faithful = sum(proven) / len(proven) if proven else 0.0
    return Quality(name, engine, len(documents), one, two, longest, faithful, length, milliseconds)


def _proven(summary: Sequence[str], text: str) -> list[bool]:
    evidence = Evidence([SourceSentence("document", s.index, s.text, "en") for s in split_article(text, "en")], "en")
    return [verify_sentence(sentence, evidence).supported for sentence in summary]


def _article(text: str) -> Article:
    return Article("document", "", text, "en")


def _printed(summary: str) -> list[str]:
    """Return the sentences of a summary as CNN/DailyMail is tokenised: parted by ` . `."""
    return [sentence for sentence in re.split(r" \. ?", summary) if sentence.strip()]


def _read(path: Path) -> list[dict[str, str]]:
    items: list[dict[str, str]] = json.loads(path.read_text(encoding="utf-8"))
    return items
