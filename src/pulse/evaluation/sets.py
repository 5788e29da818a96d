"""Public sets of documents with true and false summaries, in the files their authors publish.

SummEdits (Laban et al. 2023), QAGS (Wang et al. 2020), BUMP (Ma et al. 2023).
"""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Judged:
    """A document, a text about it, and whether people found the text supported."""

    document: str
    text: str
    true: bool


def load(folder: Path) -> Iterator[tuple[str, list[Judged]]]:
    """Yield the name and the items of every set that the folder holds."""
    for path in sorted(folder.glob("summedits_*.json")):
        items = json.loads(path.read_text())
        yield path.stem, [Judged(item["doc"], item["summary"], item["label"] == 1) for item in items]
    for path in sorted(folder.glob("qags_*.jsonl")):
        items = [json.loads(line) for line in path.read_text().splitlines()]
        yield (
            path.stem,
            [Judged(item["article"], _text(item), all(map(_found_true, item["summary_sentences"]))) for item in items],
        )
        yield (
            f"{path.stem} by sentence",
            [
                Judged(item["article"], sentence["sentence"], _found_true(sentence))
                for item in items
                for sentence in item["summary_sentences"]
            ],
        )
    pairs = [item for path in sorted(folder.glob("bump_*.json")) for item in json.loads(path.read_text())]
    if pairs:
        true = {
            (item["article"], item["reference_summary"]): Judged(item["article"], item["reference_summary"], True)
            for item in pairs
        }
        yield "bump", [*true.values(), *(Judged(item["article"], item["edited_summary"], False) for item in pairs)]


def pairs(folder: Path) -> list[tuple[str, str, str]]:
    """Return BUMP's minimal pairs: a document, its true summary, and the same with one error."""
    items = [item for path in sorted(folder.glob("bump_*.json")) for item in json.loads(path.read_text())]
    return [(item["article"], item["reference_summary"], item["edited_summary"]) for item in items]


def sample(items: list[Judged], most: int | None, seed: int) -> list[Judged]:
    """Return at most `most` items, drawn by chance with as many true as false ones where there are enough."""
    if most is None or len(items) <= most:
        return items
    chance = random.Random(seed)
    kinds = [[item for item in items if item.true is true] for true in (True, False)]
    few = min(len(kinds[0]), len(kinds[1]), most // 2)
    wanted = (few, most - few) if len(kinds[0]) <= len(kinds[1]) else (most - few, few)
    return [item for kind, count in zip(kinds, wanted, strict=True) for item in chance.sample(kind, count)]


def _text(item: dict[str, list[dict[str, str]]]) -> str:
    return " ".join(sentence["sentence"] for sentence in item["summary_sentences"])


def _found_true(sentence: dict[str, object]) -> bool:
    responses = sentence["responses"]
    assert isinstance(responses, list)
    return 2 * [response["response"] for response in responses].count("yes") > len(responses)
