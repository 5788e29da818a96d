"""What no sentence may carry, proven or not: links, mentions, hashtags, markup. Pure.

An article is data, and so is what a model makes of it. An attacker's own sentence stands word for word in the
attacker's article, so that proof alone would let its link through; this guard does not ask who wrote a sentence.
"""

from collections.abc import Sequence
from dataclasses import replace

import regex

from pulse.llm.folding import find_hidden
from pulse.llm.shapes import Doubt, Layer, Reason, Verdict

_MARKS = (
    ("a link", regex.compile(r"(?:https?|ftp|javascript|data|mailto)\s?:\s?/{0,2}\S|\bwww\.\S", regex.I)),
    ("markup", regex.compile(r"<\s*/?\s*[a-z!][^>]*>|&(?:#\d+|#x[0-9a-f]+|[a-z]{2,8});|\]\(|```", regex.I)),
    ("a mention", regex.compile(r"(?<![\p{L}\p{N}_.+-])[@＠][\p{L}\p{N}_]")),
    ("a hashtag", regex.compile(r"(?<![\p{L}\p{N}_&])[#＃][\p{L}_]")),
)
_DOMAIN = regex.compile(r"(?<![@\p{L}\p{N}.-])(?:[\p{L}\p{N}][\p{L}\p{N}-]*\.)+\p{L}{2,24}(?![\p{L}\p{N}])")


def refusal(text: str, sources: Sequence[str]) -> Reason | None:
    """Return why a sentence must not be shown whatever proves it, or None.

    A name that reads as an address (`example.com`) is let through only where two of the `sources` write it: these are
    the texts of articles that are no copies of each other, and an attacker has one of them.
    """
    if hidden := find_hidden(text):
        return Reason(Doubt.HIDDEN_CHARACTERS, hidden)
    for what, pattern in _MARKS:
        if pattern.search(text):
            return Reason(Doubt.NOT_PLAIN, f"{what} does not belong into a summary")
    for found in _DOMAIN.finditer(text):
        if sum(found[0].lower() in source.lower() for source in sources) < 2:
            return Reason(Doubt.NOT_PLAIN, f"{found[0]} reads as an address, and no two sources write it")
    return None


def guarded(text: str, verdict: Verdict, sources: Sequence[str]) -> Verdict:
    """Return the verdict on a sentence, lowered to not supported where it must not be shown."""
    reason = refusal(text, sources)
    if reason is None:
        return verdict
    reasons = (reason, *(other for other in verdict.reasons if other != reason))
    return replace(verdict, supported=False, probability=0.0, reasons=reasons, proof=None, layer=Layer.RULES)
