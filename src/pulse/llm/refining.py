"""What is left of a draft once every sentence has its verdict."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from pulse.llm.extract import count_characters
from pulse.llm.extract.readable import dangles
from pulse.llm.shapes import Citation, Doubt, Limits, Proof, Reason, SummarySentence, Verdict
from pulse.llm.tokens import tokenize
from pulse.llm.words import Words


def judged(sentence: SummarySentence, verdict: Verdict) -> SummarySentence:
    """Give a sentence its verdict, and the citations of its proof after its own."""
    if not verdict.supported:
        return replace(sentence, verdict=verdict)
    return replace(sentence, verdict=verdict, citations=tuple(dict.fromkeys((*sentence.citations, *verdict.citations))))


def refine(
    sentences: Sequence[SummarySentence], limits: Limits, words: Words, *, strict: bool
) -> tuple[tuple[SummarySentence, ...], tuple[SummarySentence, ...]]:
    """Return the sentences that stay and those that go, each of these with its reasons.

    What is proven stays, in order, once, within the limits, and only where it leans on no sentence that is not there.
    With `strict` the citations of a sentence are those of its proof alone, because a model chose the others.
    """
    kept: list[SummarySentence] = []
    dropped: list[SummarySentence] = []
    room = limits.max_characters
    last_went = True
    for sentence in sentences:
        verdict = sentence.verdict
        if verdict is None or not verdict.supported:
            dropped.append(sentence)
            last_went = True
            continue
        if strict:
            sentence = replace(sentence, citations=verdict.citations)
        length = count_characters(sentence.text) + (1 if kept and not words.unspaced else 0)
        reason = _why_not(sentence, kept, words, last_went, length > room or len(kept) == limits.max_sentences)
        if reason is not None:
            dropped.append(replace(sentence, verdict=replace(verdict, reasons=(reason,))))
            last_went = True
            continue
        kept.append(sentence)
        room -= length
        last_went = False
    return tuple(kept), tuple(dropped)


def leans(sentence: SummarySentence, before: SummarySentence | None, words: Words) -> bool:
    """Say whether a sentence points back to one that does not stand before it.

    "He resigned" is true where its source says who; after a sentence about somebody else it says something else, and no
    look at the sentence alone can tell. So what points back stays only behind the source sentence that it stood behind.
    """
    composed = sentence.verdict is not None and sentence.verdict.proof is Proof.COMPOSED
    if composed or not dangles(tokenize(sentence.text), words):
        return False
    places = before.citations if before is not None else ()
    stood_behind = {(place.article, index) for place in sentence.citations for index in (place.index - 1, place.index)}
    return not any((place.article, place.index) in stood_behind for place in places)


def standing(
    sentences: Sequence[SummarySentence], words: Words
) -> tuple[tuple[SummarySentence, ...], tuple[SummarySentence, ...]]:
    """Return the sentences that stand where they are, and those that lean on one that does not stand before them."""
    kept: list[SummarySentence] = []
    dropped: list[SummarySentence] = []
    for sentence in sentences:
        if leans(sentence, kept[-1] if kept else None, words):
            reason = Reason(Doubt.DANGLING, "leans on a sentence that is not there")
            verdict = sentence.verdict and replace(sentence.verdict, reasons=(reason,))
            dropped.append(replace(sentence, verdict=verdict))
        else:
            kept.append(sentence)
    return tuple(kept), tuple(dropped)


def nothing_failed(output: Mapping[str, Any]) -> bool:
    """Say whether verdicts may be kept: those of a judge that could not be reached are asked for again."""
    codes = {reason["code"] for verdict in output["verdicts"] for reason in verdict["reasons"]}
    return codes.isdisjoint({Doubt.FAILED, Doubt.NOT_JUDGED})


def confidence(
    kept: Sequence[SummarySentence], dropped: Sequence[SummarySentence], copies: frozenset[str] = frozenset()
) -> float:
    """Return how far a summary can be trusted, 0 to 1: the product of three shares.

    The mean probability of its sentences; the root of the share of the draft that was proven (a writer who was caught
    inventing is trusted less); 0.85 plus 0.15 times the share of sentences that two or more independent articles
    support, less 0.15 times the share that another article disputes. `copies` are articles that are not independent.
    """
    if not kept:
        return 0.0
    probability = sum(sentence.verdict.probability for sentence in kept if sentence.verdict) / len(kept)
    invented = [sentence for sentence in dropped if sentence.verdict is None or not sentence.verdict.supported]
    proven = math.sqrt(len(kept) / (len(kept) + len(invented)))
    corroborated = sum(_independent(sentence.citations, copies) > 1 for sentence in kept) / len(kept)
    disputed = sum(bool(sentence.disputed_by) for sentence in kept) / len(kept)
    return round(float(probability * proven * (0.85 + 0.15 * corroborated - 0.15 * disputed)), 4)


def _independent(citations: Sequence[Citation], copies: frozenset[str]) -> int:
    return len({citation.article for citation in citations} - copies)


def _why_not(
    sentence: SummarySentence, kept: Sequence[SummarySentence], words: Words, last_went: bool, too_long: bool
) -> Reason | None:
    if any(sentence.text == other.text for other in kept):
        return Reason(Doubt.TOO_LONG, "said before")
    if too_long:
        return Reason(Doubt.TOO_LONG, "no room for it within the limits")
    if leans(sentence, kept[-1] if kept and not last_went else None, words):
        return Reason(Doubt.DANGLING, "leans on a sentence that is not there")
    return None
