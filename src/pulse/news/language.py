"""Which language a text is in: what a feed says of itself where that is plausible, else py3langid.

The model takes half a second and 70 MB. Where a text plainly is what its feed says, it is not even loaded.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

SURE = 0.7
"""Confidence from which a detected language is believed."""
_READ = 240
_SAMPLE = 240

# What is mistaken for one another, and declared as one another, more often than not.
_RELATED = (
    frozenset({"no", "nb", "nn", "da"}),
    frozenset({"hr", "sr", "bs"}),
    frozenset({"id", "ms"}),
    frozenset({"cs", "sk"}),
)

# Common words that, among the languages with many feeds, only this one has.
_OWN_WORDS = {
    name: frozenset(words.split())
    for name, words in {
        "en": "the and that with from this which have their would they were been has about after",
        "de": "und nicht auch wird wurde einem einen für über zum zur sich dass nach sind oder eine",
        "fr": "dans une pour aux avec cette été leur ont être après sont ces elle mais",
        "es": "los las según también años muy desde hasta pero más fue sus sobre entre",
        "it": "della delle degli nella gli è sono anche più alla dalla questo dei nel",
        "pt": "não uma são também pelo pela em até você isso à foram",
        "nl": "een zijn niet naar wordt worden hebben heeft deze geen werd het",
    }.items()
}
_ENOUGH = 3
"""So many of them, all different, leave no doubt."""


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # loads its model: half a second, when first needed

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def detect(text: str) -> tuple[str, float]:
    """Return the likeliest ISO 639-1 language of `text` and the confidence, 0 to 1."""
    language, confidence = _identifier().classify(text)
    return str(language), float(confidence)


def primary(tag: str | None) -> str | None:
    """Return the language of a BCP 47 tag ("en" of "en-GB"), or None where it names none."""
    language = (tag or "").strip().replace("_", "-").partition("-")[0].lower()
    return language if language.isascii() and language.isalpha() and 2 <= len(language) <= 3 else None


def plausible(declared: str, detected: str, confidence: float) -> bool:
    """Return whether a declared language agrees with what was detected, or the detection is not sure."""
    return (
        declared == detected or confidence < SURE or any(declared in group and detected in group for group in _RELATED)
    )


def plainly(declared: str, text: str) -> bool:
    """Return whether a text has so many words of a language's own that no model need be asked."""
    return len(_OWN_WORDS.get(declared, frozenset()).intersection(text.lower().split())) >= _ENOUGH


def languages(declared: str | None, texts: Sequence[tuple[str, str]]) -> list[str | None]:
    """Return the language of each text, given as (title, text), of a feed that declares `declared`.

    What the feed declares holds for all when a sample of them agrees; else each is looked at by itself.
    """
    if not texts:
        return []
    declared = primary(declared)
    sample = "\n".join(f"{title[:60]} {text[:60]}" for title, text in texts[:4])[:_SAMPLE]
    if declared and plainly(declared, sample):
        return [declared] * len(texts)
    guess, confidence = detect(sample)
    if declared and plausible(declared, guess, confidence):
        return [declared] * len(texts)
    usual = guess if confidence >= SURE else None
    found: list[str | None] = []
    for title, text in texts:
        language, sure = detect(f"{title}\n{text[:_READ]}")
        found.append(language if sure >= SURE else usual)
    return found
