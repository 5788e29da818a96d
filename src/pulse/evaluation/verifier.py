"""How well the gate tells true from false, beside baselines in the same run, on every set that a folder holds.

A threshold is always chosen on sets of other domains than the one measured: one tuned on its own test says nothing.
"""

import asyncio
import random
import re
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pulse.evaluation import sets
from pulse.evaluation.figures import (
    Labels,
    Scores,
    auc,
    balanced,
    calibration_error,
    logistic,
    logistic_scores,
    threshold,
)
from pulse.evaluation.rouge import rouge
from pulse.llm.claims import check_text
from pulse.llm.edits import false_edits
from pulse.llm.sentences import split
from pulse.llm.shapes import SourceSentence
from pulse.llm.verify import Evidence
from pulse.llm.verify.gate import RULES, Gate

EXPLAINED = """## The gate

AUC x 100 / balanced accuracy x 100, the threshold chosen on sets of other domains. *passed*: what the gate lets through
without a person. *ECE*: calibration error of the gate's probability, in hundredths. The regression is over the other
measures, trained on the other sets.
"""
"""What the table says, for a page."""

GATE = "gate"
_LONGEST = 20_000
_WORD = re.compile(r"[a-z0-9]+")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-zA-Z]+")
_NUMBER = re.compile(r"\d[\d.,]*")


@dataclass(frozen=True, slots=True)
class Result:
    """What one measure did on one set; figures x 100. `passed_*` and `calibration_error` are the gate's alone."""

    set: str
    measure: str
    texts: int
    auc: float
    balanced_accuracy: float
    passed_true: int | None = None
    passed_false: int | None = None
    calibration_error: float | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one run measured.

    `pairs` maps measures to the share (x 100) of BUMP's pairs whose true summary scores above the edited one, ties
    counted half. `edits` maps kinds of seeded edits, and `verbatim`, to (passed, tried). `milliseconds` of CPU a text.
    """

    results: list[Result]
    pairs: dict[str, float]
    edits: dict[str, tuple[int, int]]
    milliseconds: float
    verifier: str

    def as_values(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return asdict(self)


def measure(folder: Path, gate: Gate = RULES, *, most_documents: int = 250, seed: int = 1) -> Report:
    """Measure on all sets in `folder`."""
    return asyncio.run(_measure(folder, gate, most_documents, seed))


async def _measure(folder: Path, gate: Gate, most_documents: int, seed: int) -> Report:
    found = dict(sets.load(folder))
    labels = {name: np.array([item.true for item in items]) for name, items in found.items()}
    scores: dict[str, dict[str, Scores]] = {GATE: {}, **{name: {} for name in _BASELINES}}
    passed: dict[str, list[bool]] = {}
    evidence: dict[str, Evidence] = {}
    seconds = 0.0
    for name, items in found.items():
        for item in items:
            if item.document not in evidence:
                evidence[item.document] = _evidence(item.document)
        start = time.process_time()
        answers = [await check_text(item.text, evidence[item.document], gate) for item in items]
        seconds += time.process_time() - start
        scores[GATE][name] = np.array([answer["probability"] for answer in answers])
        passed[name] = [bool(answer["supported"]) for answer in answers]
        for baseline, score in _BASELINES.items():
            scores[baseline][name] = np.array([score(item.document[:_LONGEST], item.text) for item in items])
    scores["regression"] = _regression({name: scores[name] for name in _BASELINES}, labels)
    results = [
        _result(name, measured, scores[measured], labels, passed if measured == GATE else None)
        for name in found
        for measured in scores
    ]
    return Report(
        results=results,
        pairs=await _pairs(folder, evidence, gate),
        edits=await _seeded(sorted(evidence), evidence, gate, most_documents, seed),
        milliseconds=1000 * seconds / max(1, sum(map(len, found.values()))),
        verifier=gate.version,
    )


def others_of(name: str, names: Sequence[str]) -> list[str]:
    """Return the sets of other domains that a threshold is chosen on. No text counts twice: not its sentences again."""
    domain = name if name.startswith("summedits") else name.split("_")[0].split()[0]
    return [other for other in names if not other.startswith(domain) and not other.endswith("by sentence")]


def as_table(report: Report) -> str:
    """Return the report as Markdown."""
    measures = list(dict.fromkeys(result.measure for result in report.results))
    lines = [f"| set | {' | '.join(measures)} | passed true | passed false | ECE |", "|---" * (len(measures) + 4) + "|"]
    for name in dict.fromkeys(result.set for result in report.results):
        row = {result.measure: result for result in report.results if result.set == name}
        cells = [f"{row[measured].auc:.1f} / {row[measured].balanced_accuracy:.1f}" for measured in measures]
        own = row[GATE]
        cells += [str(own.passed_true), str(own.passed_false), f"{own.calibration_error:.1f}"]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    if report.pairs:
        pairs = ", ".join(f"{measured} {share:.1f} %" for measured, share in report.pairs.items())
        lines += ["", f"BUMP, true above edited, ties counted half: {pairs}."]
    if report.edits:
        edits = ", ".join(f"{kind} {count} of {total}" for kind, (count, total) in report.edits.items())
        lines += ["", f"Seeded edits that pass without a person: {edits}."]
    lines += ["", f"Verifier {report.verifier}, {report.milliseconds:.1f} CPU ms a text."]
    return "\n".join(lines)


def _result(
    name: str,
    measured: str,
    scores: Mapping[str, Scores],
    labels: Mapping[str, Labels],
    passed: Mapping[str, list[bool]] | None,
) -> Result:
    others = others_of(name, list(labels))
    best = threshold([(scores[other], labels[other]) for other in others]) if others else 0.5
    truth = labels[name]
    own = np.array(passed[name]) if passed is not None else None
    return Result(
        set=name,
        measure=measured,
        texts=len(truth),
        auc=100 * auc(scores[name], truth),
        balanced_accuracy=100 * balanced(scores[name], truth, best),
        passed_true=None if own is None else int(own[truth].sum()),
        passed_false=None if own is None else int(own[~truth].sum()),
        calibration_error=None if own is None else 100 * calibration_error(scores[name], truth),
    )


def _regression(scores: Mapping[str, Mapping[str, Scores]], labels: Mapping[str, Labels]) -> dict[str, Scores]:
    features = {name: np.column_stack([scores[measured][name] for measured in scores]) for name in labels}
    found = {}
    for name in labels:
        others = others_of(name, list(labels))
        if not others:
            continue
        rows: NDArray[np.float64] = np.concatenate([features[other] for other in others])
        weights = logistic(rows, np.concatenate([labels[other] for other in others]))
        found[name] = logistic_scores(features[name], weights)
    return found


async def _pairs(folder: Path, evidence: Mapping[str, Evidence], gate: Gate) -> dict[str, float]:
    items = sets.pairs(folder)
    if not items:
        return {}
    wins: Counter[str] = Counter()
    for document, true, edited in items:
        one = (await check_text(true, evidence[document], gate))["probability"]
        other = (await check_text(edited, evidence[document], gate))["probability"]
        wins[GATE] += _half_wins(one, other)
        for baseline, score in _BASELINES.items():
            wins[baseline] += _half_wins(score(document[:_LONGEST], true), score(document[:_LONGEST], edited))
    return {measured: 50 * count / len(items) for measured, count in wins.items()}


def _half_wins(one: float, other: float) -> int:
    return 2 if one > other else 1 if one == other else 0


async def _seeded(
    documents: Sequence[str], evidence: Mapping[str, Evidence], gate: Gate, most: int, seed: int
) -> dict[str, tuple[int, int]]:
    """Count what passes of the sources' own sentences, and of false ones made from them."""
    chance = random.Random(seed)
    counts: dict[str, list[bool]] = {}
    for document in chance.sample(documents, min(most, len(documents))):
        known = evidence[document]
        for sentence in chance.sample(known.sentences, min(6, len(known.sentences))):
            tried = [("verbatim", sentence.text)]
            # "Turn 3" made into another turn of the same talk is not false.
            tried += [(e.kind, e.text) for e in false_edits(sentence.text, "en", seed) if e.text not in document]
            verdicts = await gate.verify([text for _, text in tried], known)
            for (kind, _), verdict in zip(tried, verdicts, strict=True):
                counts.setdefault(str(kind), []).append(verdict.supported)
    return {kind: (sum(passed), len(passed)) for kind, passed in counts.items()}


def _evidence(document: str) -> Evidence:
    return Evidence([SourceSentence("document", s.index, s.text, "en") for s in split(document, "en")], "en")


def _rouge(document: str, text: str) -> float:
    return rouge([text], [document])[2]


def _similarity(document: str, text: str) -> float:
    """Cosine of word counts, of the text and the sentence of the document most like it, averaged over sentences."""
    lines = [Counter(_WORD.findall(sentence.text.lower())) for sentence in split(document, "en")]
    own = [Counter(_WORD.findall(sentence.text.lower())) for sentence in split(text, "en")]
    return float(np.mean([max((_cosine(one, line) for line in lines), default=0.0) for one in own])) if own else 0.0


def _cosine(one: Counter[str], other: Counter[str]) -> float:
    dot = sum(count * other[word] for word, count in one.items())
    norms = sum(count**2 for count in one.values()) * sum(count**2 for count in other.values())
    return float(dot / norms**0.5) if norms else 0.0


def _names(document: str, text: str) -> float:
    return _share(_NAME.findall(text), set(re.findall(r"\w+", document)))


def _numbers(document: str, text: str) -> float:
    return _share(_NUMBER.findall(text), set(_NUMBER.findall(document)))


def _words(document: str, text: str) -> float:
    return _share(_WORD.findall(text.lower()), set(_WORD.findall(document.lower())))


def _share(found: list[str], known: set[str]) -> float:
    return sum(one in known for one in found) / len(found) if found else 1.0


_BASELINES = {
    "ROUGE-L": _rouge,
    "similarity": _similarity,
    "names": _names,
    "numbers": _numbers,
    "words": _words,
}
