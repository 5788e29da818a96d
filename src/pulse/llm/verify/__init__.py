"""The gate says whether a sentence may be published, given its sources.

It trusts nobody who wrote the sentence. It passes what it can prove: a sentence that stands in a source, up to
notation, a source sentence with nothing left out but what cannot change its claim, or one that gives the same statement
to the same speaker in another order. Everything else, however true, is not supported, with the doubts named: rewritten
text and translations need entailment or a person. Error, silence and doubt count as not supported.
"""

import logging
from collections.abc import Sequence

from pulse.llm.folding import find_hidden, find_mixed_script
from pulse.llm.shapes import Citation, Doubt, Layer, Proof, Reason, SourceSentence, Verdict
from pulse.llm.verify.doubts import find_doubts
from pulse.llm.verify.evidence import Evidence
from pulse.llm.verify.probability import of_text, unproven
from pulse.llm.verify.proof import Match
from pulse.llm.verify.reading import Reading
from pulse.llm.verify.stream import core, read

__all__ = ["VERIFIER_VERSION", "Evidence", "of_text", "verify_sentence"]

VERIFIER_VERSION = "5"
"""Changes whenever a verdict could; it stands on every summary."""

LONGEST_SENTENCE = 2_000
_log = logging.getLogger(__name__)
_PROVEN = {Proof.VERBATIM: 0.99, Proof.NOTATION: 0.98, Proof.COMPRESSED: 0.96, Proof.REARRANGED: 0.96}
_MARKUP = ("<", ">", "](", "http://", "https://")


def verify_sentence(
    sentence: str, sources: Sequence[SourceSentence] | Evidence, language: str | None = None
) -> Verdict:
    """Judge one sentence against its sources. Raises nothing: whatever goes wrong is a sentence not supported.

    `sources` are all sentences of all sources; pass an `Evidence` to judge several sentences against the same ones.
    `language` is that of the sentence, by default that of the sources.
    """
    try:
        return _judge(sentence, sources if isinstance(sources, Evidence) else Evidence(sources, language))
    except Exception as error:
        _log.exception("the gate failed on a sentence, which counts as not supported")
        return Verdict(False, 0.0, (Reason(Doubt.FAILED, type(error).__name__),))


def _judge(sentence: str, evidence: Evidence) -> Verdict:
    refusal = _refuse(sentence, evidence)
    if refusal is not None:
        return Verdict(False, 0.0, (refusal,))
    stream = read(sentence, evidence.words)
    first, last = core(stream.keys)
    if not any(key[-1].isalnum() for key in stream.keys[first:last]):
        return Verdict(False, 0.0, (Reason(Doubt.EMPTY, "no words"),))
    matches = evidence.prove(stream) or evidence.prove_dated(sentence)
    open_matches = [match for match in matches if not match.quoted]
    if open_matches:
        return _supported(open_matches)
    claim = Reading(stream, evidence.words)
    near = evidence.nearest(claim)
    if matches:
        reasons: tuple[Reason, ...] = (Reason(Doubt.QUOTE, "the source only quotes somebody saying it"),)
        citations = matches[0].citations
    else:
        reasons = find_doubts(claim, [reading for _, reading in near])
        citations = tuple(citation for citation, _ in near)
    if any(mark in sentence for mark in _MARKUP):
        reasons = (Reason(Doubt.NOT_PLAIN, "markup or a link that no source sentence has"), *reasons)
    return Verdict(False, unproven(claim, evidence, reasons), reasons, citations)


def _refuse(sentence: str, evidence: Evidence) -> Reason | None:
    if not sentence.strip():
        return Reason(Doubt.EMPTY, "no words")
    if len(sentence) > LONGEST_SENTENCE:
        return Reason(Doubt.TOO_LONG, f"more than {LONGEST_SENTENCE} characters")
    if hidden := find_hidden(sentence):
        return Reason(Doubt.HIDDEN_CHARACTERS, hidden)
    if mixed := find_mixed_script(sentence):
        return Reason(Doubt.MIXED_SCRIPT, mixed)
    if not evidence.sentences:
        return Reason(Doubt.NO_SOURCE, "there is no source")
    return None


def _supported(matches: Sequence[Match]) -> Verdict:
    best = max(matches, key=lambda match: _PROVEN[match.proof])
    citations: list[Citation] = [citation for match in (best, *matches) for citation in match.citations]
    return Verdict(True, _PROVEN[best.proof], (), tuple(dict.fromkeys(citations)), best.proof, Layer.PROOF)
