"""A translated sentence beside the proven one it was made from: what can be compared without knowing either tongue.

Numbers, names and the count of negations must agree. That is not proof: what remains, only a judge that can read both
languages, or a person, may decide. Pure.
"""

from pulse.llm.shapes import Doubt, Reason, SummarySentence, Verdict
from pulse.llm.tokens import tokenize
from pulse.llm.verify.reading import Reading
from pulse.llm.verify.stream import read
from pulse.llm.words import LANGUAGES, words

_UNLIKE = frozenset({"ar", "ja", "ru", "uk", "zh"})
"""Languages of another script: names are spelled anew and cannot be compared letter by letter."""


def compare(original: SummarySentence, text: str, source: str | None, target: str) -> Verdict:
    """Return the verdict on a translation of a proven sentence: never supported, at best one for a person.

    `source` and `target` are language codes as in `words.LANGUAGES`; without a table for one of them the doubt of
    negation stays, because it could not be looked at.
    """
    mine, its = (
        Reading(read(said, words(language)), words(language))
        for said, language in ((original.text, source), (text, target))
    )
    reasons = []
    if sorted(amount.value for amount in mine.amounts) != sorted(amount.value for amount in its.amounts):
        ours, theirs = (", ".join(amount.value for amount in reading.amounts) or "none" for reading in (mine, its))
        reasons.append(Reason(Doubt.NUMBER, f"{ours} became {theirs}"))
    if not {source, target} & _UNLIKE:
        reasons += [Reason(Doubt.NAME, name) for name in _lost(mine, text, source)]
        if target != "de":
            reasons += [Reason(Doubt.NAME, name) for name in _lost(its, original.text, target)]
    if len(mine.denials) != len(its.denials) or not (mine.words.raw and its.words.raw):
        reasons.append(Reason(Doubt.NEGATION, f"{len(mine.denials)} became {len(its.denials)}"))
    reasons = reasons or [Reason(Doubt.REWRITTEN, "a translation: numbers, names and negations agree")]
    probability = 0.5 if reasons[0].doubt is Doubt.REWRITTEN else 0.05
    return Verdict(False, probability, tuple(reasons), original.citations)


def _lost(reading: Reading, other: str, language: str | None) -> list[str]:
    """Return names whose first letters the other text does not have; capitalised nouns of German are no names."""
    if language == "de":
        return []
    text = other.lower()
    return [name for name in reading.names if name.lower()[:4] not in text and len(name) > 2 and not _dates(name)]


def _dates(name: str) -> bool:
    """Say whether any language writes a month or a weekday like this: each spells it in its own way."""
    return any(words(language).dates.at(tokenize(name)) for language in LANGUAGES if language not in _UNLIKE)
