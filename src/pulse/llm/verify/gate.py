"""The gate in its layers: proof, hard rules, entailment.

Proof passes what the sources say in their own words. What is rewritten passes only if no hard rule speaks against it
*and* a judge with a calibrated threshold finds that the sources entail it. A judge can take away and never add: a hard
doubt stays whatever it says, and after its silence, error or nonsense the sentence waits for a person.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace

from pulse.llm.judges.port import Judge, JudgeFailed, Pair, checked
from pulse.llm.shapes import Citation, Doubt, Layer, Reason, Verdict
from pulse.llm.verify import VERIFIER_VERSION, verify_sentence
from pulse.llm.verify.evidence import Evidence
from pulse.llm.verify.probability import lowered
from pulse.llm.verify.reading import Reading
from pulse.llm.verify.stream import read

_BEFORE = 4
"""Sentences before the one that is judged that a judge is shown with it."""
_LETTERS = 3
"""Letters that a sign of a script without spaces is worth, to a model that counts tokens."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Gate:
    """`threshold` is the judge's operating point; None, as without a judge: nothing rewritten passes by itself.

    `thorough` asks the judge about sentences too that a hard rule holds back, for the person who will decide: where
    asking costs nothing.
    """

    judge: Judge | None = None
    threshold: float | None = None
    thorough: bool = False

    @property
    def version(self) -> str:
        """Changes whenever a verdict could; it stands on every summary."""
        if self.judge is None:
            return VERIFIER_VERSION
        return f"{VERIFIER_VERSION}, {self.judge.name} {self.judge.version} at {self.threshold or 'no'} threshold"

    async def verify(self, sentences: Sequence[str], evidence: Evidence) -> list[Verdict]:
        """Judge the sentences of a text, in its order, against their sources.

        Raises nothing: failure is a sentence not supported.
        """
        verdicts = [verify_sentence(sentence, evidence) for sentence in sentences]
        open_ones = [place for place, verdict in enumerate(verdicts) if self._asks_about(verdict)]
        if self.judge is None or not open_ones or not _reads(self.judge, evidence.words.language):
            return verdicts
        pairs = [
            Pair(
                _passage(verdicts[place].citations, evidence, self.judge.room),
                sentences[place],
                " ".join(sentences[max(0, place - _BEFORE) : place]),
            )
            for place in open_ones
        ]
        try:
            found = checked(await self.judge.judge(pairs), pairs)
        except Exception as error:  # whatever a judge does, it must not let a sentence through
            named = isinstance(error, JudgeFailed)
            if not named:
                _log.exception("the judge failed, and what it was asked waits for a person")
            doubt = Reason(Doubt.NOT_JUDGED, str(error) if named else type(error).__name__)
            for place in filter(lambda place: verdicts[place].needs_person, open_ones):
                verdicts[place] = replace(verdicts[place], reasons=(*verdicts[place].reasons, doubt))
            return verdicts
        for place, entailment in zip(open_ones, found, strict=True):
            judged = decide(verdicts[place], entailment, self.threshold, self.judge.weight)
            verdicts[place] = replace(judged, judge=f"{self.judge.name} {self.judge.version}")
        return verdicts

    async def verify_each(self, sentences: Sequence[str], evidence: Evidence) -> list[Verdict]:
        """Judge sentences that are no text, each by itself. Raises nothing."""
        return [verdict for sentence in sentences for verdict in await self.verify([sentence], evidence)]

    def _asks_about(self, verdict: Verdict) -> bool:
        return verdict.needs_person or (self.thorough and not verdict.supported and bool(verdict.citations))


def _reads(judge: Judge, language: str) -> bool:
    return judge.languages is None or language in judge.languages


RULES = Gate()
"""Proof and hard rules: everything rewritten waits for a person."""


def decide(verdict: Verdict, entailment: float, threshold: float | None, weight: float) -> Verdict:
    """Combine the rules' verdict with a judge's probability, 0 to 1, that the sources entail the sentence.

    Without soft doubts only, or without a threshold, nothing becomes supported. `weight` is for the ranking alone.
    """
    if verdict.supported:
        return verdict
    if verdict.needs_person and threshold is not None and entailment >= threshold:
        return replace(verdict, supported=True, reasons=(), probability=entailment, layer=Layer.ENTAILMENT)
    judged = replace(verdict, probability=lowered(verdict.probability, entailment, weight), entailment=entailment)
    if not verdict.needs_person or threshold is None:
        return judged
    doubt = Reason(Doubt.NOT_ENTAILED, f"{entailment:.2f}, wanted {threshold:.2f}")
    return replace(judged, reasons=(*verdict.reasons, doubt))


def passage(claim: str, evidence: Evidence, room: int) -> str:
    """Return what a judge reads: the sources where they fit, else those sentences nearest to the claim, in order.

    Of at most `room` characters, but always the nearest, and their neighbours where there is room.
    """
    near = evidence.nearest(Reading(read(claim, evidence.words), evidence.words))
    return _passage([citation for citation, _ in near], evidence, room)


def _passage(citations: Sequence[Citation], evidence: Evidence, room: int) -> str:
    if evidence.words.unspaced:
        room //= _LETTERS
    # All of it where that fits: what is asked about one text's sentences then begins alike, which models know again.
    if sum(len(sentence.text) + 1 for sentence in evidence.sentences) <= room:
        return " ".join(sentence.text for sentence in evidence.sentences)
    places = {sentence.citation: place for place, sentence in enumerate(evidence.sentences)}
    nearest = [places[citation] for citation in citations]
    found: set[int] = set()
    for place in [*nearest, *(place + step for place in nearest for step in (-1, 1))]:
        if not 0 <= place < len(evidence.sentences) or place in found:
            continue
        text = evidence.sentences[place].text
        if found and len(text) > room:
            continue
        found.add(place)
        room -= len(text) + 1
    return " ".join(evidence.sentences[place].text for place in sorted(found))
