"""How well the gate tells true from false: `python -m benchmarks.verifier FOLDER`.

Ranking (area under the curve) and balanced accuracy on every set, the threshold chosen on the sets of other domains,
with two baselines in the same run; what passes the gate; verbatim sentences that pass; seeded false edits that pass.
"""

import asyncio
import random
import sys
import time
from collections import Counter
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks import truth_sets
from benchmarks.rouge import rouge
from pulse.llm.claims import check_text
from pulse.llm.edits import false_edits
from pulse.llm.sentences import split
from pulse.llm.shapes import SourceSentence
from pulse.llm.verify import VERIFIER_VERSION, Evidence, verify_sentence

Scores = NDArray[np.float64]
Labels = NDArray[np.bool_]


def main(folder: Path) -> None:
    """Print all tables."""
    sets = dict(truth_sets.load(folder))
    measures: dict[str, dict[str, Scores]] = {"gate": {}, "ROUGE-L": {}, "new words": {}}
    labels: dict[str, Labels] = {}
    passed: dict[str, Counter[tuple[bool, bool]]] = {}
    seconds = texts = 0.0
    for name, items in sets.items():
        labels[name] = np.array([item.true for item in items])
        passed[name] = Counter()
        documents = {document: _evidence(document) for document in {item.document for item in items}}
        gate = []
        start = time.process_time()
        for item in items:
            answer = asyncio.run(check_text(item.text, documents[item.document]))
            gate.append(float(answer["probability"]))
            passed[name][item.true, bool(answer["supported"])] += 1
        seconds, texts = seconds + time.process_time() - start, texts + len(items)
        measures["gate"][name] = np.array(gate)
        measures["ROUGE-L"][name] = np.array([rouge([item.text], [item.document[:20_000]])[2] for item in items])
        measures["new words"][name] = np.array([_known_words(item) for item in items])
    print(f"verifier {VERIFIER_VERSION}, AUC x 100 / balanced accuracy x 100 with a threshold from other domains")
    print(
        f"{'set':32}" + "".join(f"{measure:>16}" for measure in measures) + f"{'passed true':>16}{'passed false':>16}"
    )
    for name, truth in labels.items():
        others = [
            other
            for other in sets
            if other.split("_")[0] != name.split("_")[0] or ("summedits" in name and other != name)
        ]
        row = [f"{name:32}"]
        for scores in measures.values():
            best = _threshold([(scores[other], labels[other]) for other in others])
            row.append(f"{100 * auc(scores[name], truth):9.1f} /{100 * balanced(scores[name], truth, best):5.1f}")
        counts = passed[name]
        row += [f"{counts[value, True]:9} of {counts[value, True] + counts[value, False]:3}" for value in (True, False)]
        print("".join(row))
    print(f"{1000 * seconds / texts:.1f} CPU ms a text, its sources read already")
    _seeded({item.document for items in sets.values() for item in items})


def auc(scores: Scores, truth: Labels) -> float:
    """Return the probability that a true text scores above a false one, ties counted half."""
    order = np.concatenate([scores[truth], scores[~truth]])
    _, inverse, counts = np.unique(order, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[inverse]
    true, false = int(truth.sum()), int((~truth).sum())
    return float((ranks[:true].sum() - true * (true + 1) / 2) / (true * false))


def balanced(scores: Scores, truth: Labels, threshold: float) -> float:
    """Return the mean of the shares of true texts at or above a threshold and of false ones below it."""
    return float(((scores[truth] >= threshold).mean() + (scores[~truth] < threshold).mean()) / 2)


def _threshold(sets: list[tuple[Scores, Labels]]) -> float:
    candidates = np.unique(np.concatenate([scores for scores, _ in sets]).round(3))
    return float(max(candidates, key=lambda value: np.mean([balanced(scores, truth, value) for scores, truth in sets])))


def _known_words(item: truth_sets.Judged) -> float:
    known = set(item.document.lower().split())
    words = item.text.lower().split()
    return sum(word in known for word in words) / max(1, len(words))


def _evidence(document: str) -> Evidence:
    return Evidence([SourceSentence("document", s.index, s.text, "en") for s in split(document, "en")], "en")


def _seeded(documents: set[str], most: int = 250, seed: int = 1) -> None:
    chance = random.Random(seed)
    counts: Counter[tuple[str, bool]] = Counter()
    for document in chance.sample(sorted(documents), min(most, len(documents))):
        evidence = _evidence(document)
        sentences = evidence.sentences
        for sentence in chance.sample(sentences, min(6, len(sentences))):
            counts["verbatim", verify_sentence(sentence.text, evidence).supported] += 1
            for edit in false_edits(sentence.text, "en", seed):
                if edit.text in document:  # "Turn 3" made into another turn of the same talk is not false
                    continue
                counts[edit.kind, verify_sentence(edit.text, evidence).supported] += 1
    for kind in dict.fromkeys(kind for kind, _ in counts):
        print(f"{kind:12} {counts[kind, True]:6} of {counts[kind, True] + counts[kind, False]:6} pass")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
