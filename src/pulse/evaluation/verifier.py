"""How well the gate tells true from false, beside baselines in the same run, on every set that a folder holds.

A threshold is always chosen on sets of other domains than the one measured: one tuned on its own test says nothing.
"""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pulse.evaluation import languages, seeded, sets
from pulse.evaluation.figures import (
    Labels,
    Scores,
    auc,
    balanced,
    calibration_error,
    logistic,
    logistic_scores,
    strict_threshold,
    threshold,
)
from pulse.evaluation.overlaps import OVERLAPS
from pulse.llm.sentences import split
from pulse.llm.shapes import SOFT, Layer, SourceSentence
from pulse.llm.verify import Evidence, of_text
from pulse.llm.verify.gate import RULES, Gate

EXPLAINED = """AUC x 100 / balanced accuracy x 100, the threshold chosen on sets of other domains. *passed*: what the
gate lets through without a person. *ECE*: calibration error of the gate's probability, in hundredths. The regression
is over the other measures, trained on the other sets. With a judge, *rules* is the same gate without it, and *strict*
what would pass at the threshold that lets at most 5 % of the false texts of every other domain through: share of true
/ of false texts.
"""
"""What the table says, for a page."""

GATE, RULES_ALONE = "gate", "rules"
MOST_FALSE = 0.05
"""Share of false texts that may pass at the strict operating point."""

_LEAST = 1e-6
_LONGEST = 20_000
_SEEDS = 10


@dataclass(frozen=True, slots=True)
class Result:
    """What one measure did on one set; figures x 100. From `passed_true` on they are the gate's alone.

    `strict_true` and `strict_false` are shares of texts that pass at the strict threshold, None without a judge.
    """

    set: str
    measure: str
    texts: int
    auc: float
    balanced_accuracy: float
    passed_true: int | None = None
    passed_false: int | None = None
    calibration_error: float | None = None
    strict_true: float | None = None
    strict_false: float | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything one run measured.

    `pairs` maps measures to the share (x 100) of BUMP's pairs whose true summary scores above the edited one, ties
    counted half. `edits` maps kinds of seeded edits, and `verbatim`, to (passed, tried), `rewritings` kinds of
    honest rewritings to what becomes of them; `languages` the same as `edits` for each language. `milliseconds` of
    CPU a text. `fitted` are the slope and the offset that would make the judge's log-odds a probability on these texts,
    None without a judge.
    """

    results: list[Result]
    pairs: dict[str, float]
    edits: dict[str, tuple[int, int]]
    rewritings: dict[str, seeded.Outcomes]
    languages: dict[str, dict[str, tuple[int, int]]]
    milliseconds: float
    verifier: str
    fitted: tuple[float, float] | None

    def as_values(self) -> dict[str, Any]:
        """Return the report for JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a gate says of a text.

    `entailed` is the least that a judge says where no hard rule speaks against it; `judged` the least that it says of
    any sentence, None where it was asked about none.
    """

    probability: float
    passed: bool
    entailed: float
    judged: float | None


def measure(
    folder: Path,
    gate: Gate = RULES,
    *,
    folds: Mapping[str, Gate] = MappingProxyType({}),
    most_texts: int | None = None,
    most_documents: int = 250,
    seed: int = 1,
    progress: seeded.Progress = lambda what, done, total: None,
) -> Report:
    """Measure on all sets in `folder`, on at most `most_texts` of each where the judge is slow.

    `folds` are gates for the sets whose names hold a word: judges trained without these sets.
    """
    return asyncio.run(_measure(folder, gate, folds, most_texts, most_documents, seed, progress))


async def _measure(
    folder: Path,
    whole: Gate,
    folds: Mapping[str, Gate],
    most_texts: int | None,
    most_documents: int,
    seed: int,
    progress: seeded.Progress,
) -> Report:
    # A document's texts one after the other: a model knows again what it has just read.
    found = {
        name: sorted(sets.sample(items, most_texts, seed), key=lambda item: item.document)
        for name, items in sets.load(folder)
    }
    labels = {name: np.array([item.true for item in items]) for name, items in found.items()}
    scores: dict[str, dict[str, Scores]] = {GATE: {}}
    judged = whole.judge is not None
    if judged:
        scores[RULES_ALONE] = {}
    scores |= {name: {} for name in OVERLAPS}
    answers: dict[str, list[_Answer]] = {}
    evidence: dict[str, Evidence] = {}
    seconds = 0.0
    for name, items in found.items():
        gate = _fold(name, whole, folds)
        for item in items:
            if item.document not in evidence:
                evidence[item.document] = _evidence(item.document)
        start = time.process_time()
        answers[name] = []
        for item in items:
            answers[name].append(await _answer(item.text, evidence[item.document], gate))
            progress(name, len(answers[name]), len(items))
        seconds += time.process_time() - start
        scores[GATE][name] = np.array([answer.probability for answer in answers[name]])
        if judged:
            plain = [await _answer(item.text, evidence[item.document], RULES) for item in items]
            scores[RULES_ALONE][name] = np.array([answer.probability for answer in plain])
        for baseline, score in OVERLAPS.items():
            scores[baseline][name] = np.array([score(item.document[:_LONGEST], item.text) for item in items])
    scores["regression"] = _regression({name: scores[name] for name in OVERLAPS}, labels)
    strict = _strict(answers, labels) if judged else {}
    results = [
        replace(
            _result(name, measured, scores[measured], labels),
            **(_own(answers[name], labels[name], strict.get(name)) if measured == GATE else {}),
        )
        for name in found
        for measured in scores
        # Where there are no sets of other domains there is nothing to train a regression on.
        if name in scores[measured]
    ]
    pairs = await _pairs(folder, evidence, _fold("bump", whole, folds), most_texts, seed, progress)
    # A judge that learnt from a document is not asked about what is made of its sentences.
    gates = dict.fromkeys(evidence, _fold("bump", whole, folds))
    gates |= {item.document: _fold(name, whole, folds) for name, items in found.items() for item in items}
    few = most_documents if most_texts is None else max(1, most_texts // seeded.SENTENCES)
    return Report(
        results=results,
        pairs=pairs,
        edits={} if most_texts is not None else await seeded.edited(evidence, gates, most_documents, seed),
        rewritings=await seeded.rewritten(evidence, gates, few, seed, progress),
        languages=await languages.passing(whole, _SEEDS),
        milliseconds=1000 * seconds / max(1, sum(map(len, found.values()))),
        verifier=", ".join([whole.version, *(f"{word}: {gate.version}" for word, gate in folds.items())]),
        fitted=_fitted(answers, labels),
    )


def _fold(name: str, whole: Gate, folds: Mapping[str, Gate]) -> Gate:
    return next((gate for word, gate in folds.items() if word in name), whole)


async def _answer(text: str, evidence: Evidence, gate: Gate) -> _Answer:
    sentences = [sentence.text for sentence in split(text, evidence.words.language)]
    verdicts = await gate.verify(sentences, evidence)
    passed = bool(verdicts) and all(verdict.supported for verdict in verdicts)
    entailed = [
        1.0 if verdict.layer is Layer.PROOF and verdict.supported
        else verdict.probability if verdict.supported
        else verdict.entailment or 0.0 if all(reason.doubt in SOFT for reason in verdict.reasons)
        else 0.0
        for verdict in verdicts
    ]  # fmt: skip
    said = [
        verdict.probability if verdict.layer is Layer.ENTAILMENT else verdict.entailment
        for verdict in verdicts
        if verdict.layer is Layer.ENTAILMENT or verdict.entailment is not None
    ]
    judged = min((value for value in said if value is not None), default=None)
    probability = of_text([verdict.probability for verdict in verdicts], passed, evidence.in_order(text))
    return _Answer(probability, passed, min(entailed, default=0.0), judged)


def _fitted(answers: Mapping[str, list[_Answer]], labels: Mapping[str, Labels]) -> tuple[float, float] | None:
    """Return the slope and offset that fit the judge's log-odds of all texts to the truth (Platt 1999), or None."""
    # The same texts again, sentence by sentence, would count twice.
    told = [
        (answer.judged, true)
        for name in labels
        if not name.endswith("by sentence")
        for answer, true in zip(answers[name], labels[name], strict=True)
        if answer.judged is not None
    ]
    truth = np.array([true for _, true in told], dtype=np.bool_)
    if not 0 < truth.sum() < len(truth):
        return None
    sure = np.clip(np.array([judged for judged, _ in told]), _LEAST, 1 - _LEAST)
    slope, offset = logistic(np.log(sure / (1 - sure))[:, None], truth)
    return float(slope), float(offset)


def _strict(answers: Mapping[str, list[_Answer]], labels: Mapping[str, Labels]) -> dict[str, tuple[float, float]]:
    """Return the shares of true and of false texts of each set that pass at a threshold from other domains."""
    entailed = {name: np.array([answer.entailed for answer in answers[name]]) for name in labels}
    found = {}
    for name, truth in labels.items():
        others = others_of(name, list(labels))
        if not others:
            continue
        wanted = strict_threshold([(entailed[other], labels[other]) for other in others], MOST_FALSE)
        passed = entailed[name] >= wanted
        found[name] = (100 * float(passed[truth].mean()), 100 * float(passed[~truth].mean()))
    return found


def _own(answers: list[_Answer], truth: Labels, strict: tuple[float, float] | None) -> dict[str, Any]:
    passed = np.array([answer.passed for answer in answers])
    probabilities = np.array([answer.probability for answer in answers])
    return {
        "passed_true": int(passed[truth].sum()),
        "passed_false": int(passed[~truth].sum()),
        "calibration_error": 100 * calibration_error(probabilities, truth),
        "strict_true": strict[0] if strict else None,
        "strict_false": strict[1] if strict else None,
    }


def others_of(name: str, names: Sequence[str]) -> list[str]:
    """Return the sets of other domains that a threshold is chosen on. No text counts twice: not its sentences again."""
    domain = name if name.startswith("summedits") else name.split("_")[0].split()[0]
    return [other for other in names if not other.startswith(domain) and not other.endswith("by sentence")]


def as_table(report: Report) -> str:
    """Return the report as Markdown."""
    measures = list(dict.fromkeys(result.measure for result in report.results))
    judged = any(result.strict_true is not None for result in report.results)
    last = ["passed true", "passed false", "ECE", *(["strict"] if judged else [])]
    lines = [f"| set | {' | '.join([*measures, *last])} |", "|---" * (len(measures) + len(last) + 1) + "|"]
    for name in dict.fromkeys(result.set for result in report.results):
        row = {result.measure: result for result in report.results if result.set == name}
        cells = [
            f"{row[measured].auc:.1f} / {row[measured].balanced_accuracy:.1f}" if measured in row else "–"
            for measured in measures
        ]
        own = row[GATE]
        cells += [str(own.passed_true), str(own.passed_false), f"{own.calibration_error:.1f}"]
        cells += ["–" if own.strict_true is None else f"{own.strict_true:.1f} / {own.strict_false:.1f} %"] * judged
        lines.append(f"| {name} | {' | '.join(cells)} |")
    if report.pairs:
        pairs = ", ".join(f"{measured} {share:.1f} %" for measured, share in report.pairs.items())
        lines += ["", f"BUMP, true above edited, ties counted half: {pairs}."]
    if report.edits:
        edits = ", ".join(f"{kind} {count} of {total}" for kind, (count, total) in report.edits.items())
        lines += ["", f"Seeded edits that pass without a person: {edits}."]
    lines += [
        "",
        "Honest rewritings of the sources' own sentences by rules, and false edits of these (the compact judge learnt",
    ]
    lines += [
        "from rewritings by the same rules, of other documents where `--fold` names a judge that did not see these):",
        "",
    ]
    lines += [seeded.as_table(report.rewritings)]
    lines += ["", "Seeded edits in reports of our own in every language:", "", languages.as_table(report.languages)]
    if report.fitted:
        slope, offset = report.fitted
        lines += ["", f"The judge's log-odds x fit the truth as 1 / (1 + exp(-({slope:.2f} x {offset:+.2f})))."]
    lines += ["", f"Verifier {report.verifier}, {report.milliseconds:.1f} CPU ms a text."]
    return "\n".join(lines)


def _result(name: str, measured: str, scores: Mapping[str, Scores], labels: Mapping[str, Labels]) -> Result:
    others = others_of(name, list(labels))
    best = threshold([(scores[other], labels[other]) for other in others]) if others else 0.5
    return Result(
        set=name,
        measure=measured,
        texts=len(labels[name]),
        auc=100 * auc(scores[name], labels[name]),
        balanced_accuracy=100 * balanced(scores[name], labels[name], best),
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


async def _pairs(
    folder: Path, evidence: dict[str, Evidence], gate: Gate, most: int | None, seed: int, progress: seeded.Progress
) -> dict[str, float]:
    items = sets.pairs(folder)
    items = sorted(random.Random(seed).sample(items, min(most or len(items), len(items))))
    wins: Counter[str] = Counter()
    for number, (document, true, edited) in enumerate(items, 1):
        if document not in evidence:
            evidence[document] = _evidence(document)
        gates = {GATE: gate} if gate.judge is None else {GATE: gate, RULES_ALONE: RULES}
        for name, asked in gates.items():
            one, other = [(await _answer(text, evidence[document], asked)).probability for text in (true, edited)]
            wins[name] += _half_wins(one, other)
        for baseline, score in OVERLAPS.items():
            wins[baseline] += _half_wins(score(document[:_LONGEST], true), score(document[:_LONGEST], edited))
        progress("BUMP pairs", number, len(items))
    return {measured: 50 * count / len(items) for measured, count in wins.items()}


def _half_wins(one: float, other: float) -> int:
    return 2 if one > other else 1 if one == other else 0


def _evidence(document: str) -> Evidence:
    return Evidence([SourceSentence("document", s.index, s.text, "en") for s in split(document, "en")], "en")
