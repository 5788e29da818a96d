"""Which language a text is in: what a feed says of itself where that is plausible, else py3langid.

The model takes half a second and 70 MB. Where a text plainly is what its feed says, it is not even loaded.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

SURE = 0.7
"""Confidence from which a detected language is believed."""
_CERTAIN = 0.95
"""Confidence from which a part of a text makes the whole mixed."""
_STRONGER = 20
_PART = 150
_FEWEST_LETTERS = 25
_READ = 240
_SAMPLE = 240
_LOOKED_AT = 400
_SAMPLED = 4
"""Texts that are looked at for all of a feed."""

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
        "en": "the and that with from this which have their would been has about after could into what",
        "de": "und nicht auch wird wurde einem einen für über zum zur sich dass nach sind oder eine ist im vom",
        "fr": "dans une pour aux avec cette été leur ont être après sont ces elle ils tous où",
        "es": "los las según también años muy desde hasta pero más fue sus unos están y",
        "it": "della delle degli nella gli è sono anche più dalla questo dei nel nei sul perché",
        "pt": "não uma são também pelo pela até você isso foram em seu numa",
        "nl": "een zijn niet naar wordt hebben heeft deze geen werd het bij voor zich",
    }.items()
}
_ENOUGH = 4
"""So many of them, all different, leave no doubt."""


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier  # loads its model: half a second, when first needed

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


@dataclass(frozen=True, slots=True)
class Detected:
    """The likeliest language of an article (ISO 639-1), 0 to 1 how sure that is, and whether parts are in another.

    `language` is None where there are no letters to tell it by.
    """

    language: str | None
    confidence: float
    mixed: bool = False


def classify(text: str) -> tuple[str, float]:
    """Return the likeliest ISO 639-1 language of `text` and the confidence, 0 to 1."""
    language, confidence = _identifier().classify(text)
    return str(language), float(confidence)


def detect(title: str, text: str, expected: Collection[str] = ()) -> Detected:
    """Return the language of an article, by its title and text.

    `expected` languages (what the feed declares, what its other articles are in) count for more where a short text
    leaves doubt: they restrict the choice to themselves, unless another language is twenty times as likely.
    A text is mixed when two parts of it, each long enough to be sure of, are in languages that are not near relatives.
    """
    sample = f"{title}\n{text[:_READ]}"
    if not any(map(str.isalpha, sample)):
        return Detected(None, 0.0)
    language, confidence = classify(sample)
    if confidence < SURE and expected:
        language, confidence = _among(expected, sample, language, confidence)
    parts = {language} if confidence >= SURE else set()
    for part in _parts(title, text):
        found, sure = classify(part)
        if sure >= _CERTAIN and not any(related(found, other) for other in parts):
            parts.add(found)
    return Detected(language, round(confidence, 4), len(parts) > 1)


def _among(expected: Collection[str], sample: str, language: str, confidence: float) -> tuple[str, float]:
    ranked = _identifier().rank(sample)
    shares = {str(name): float(share) for name, share in ranked if name in expected}
    best = max(shares, key=shares.__getitem__, default=language)
    if best == language or shares[best] * _STRONGER < confidence:
        return language, confidence
    return best, shares[best] / (sum(shares.values()) + confidence * (language not in shares) / _STRONGER)


def _parts(title: str, text: str) -> list[str]:
    """Return the title and pieces from the middle and the end that are long enough to be sure of."""
    rest = text[_READ:]
    places = [len(rest) // 2, len(rest) - _PART] if len(rest) >= 2 * _PART else [max(0, len(rest) - _PART)]
    parts = [title, *(rest[place : place + _PART] for place in places)]
    return [part for part in parts if sum(map(str.isalpha, part)) >= _FEWEST_LETTERS]


def related(one: str, other: str) -> bool:
    """Return whether two languages are the same, or so near that one is taken for the other."""
    return one == other or any(one in group and other in group for group in _RELATED)


def primary(tag: str | None) -> str | None:
    """Return the language of a BCP 47 tag ("en" of "en-GB"), or None where it names none."""
    language = (tag or "").strip().replace("_", "-").partition("-")[0].lower()
    return language if language.isascii() and language.isalpha() and 2 <= len(language) <= 3 else None


def plausible(declared: str, detected: str, confidence: float) -> bool:
    """Return whether a declared language agrees with what was detected, or the detection is not sure."""
    return confidence < SURE or related(declared, detected)


def plainly(declared: str, text: str) -> bool:
    """Return whether a text has so many words of a language's own that no model need be asked."""
    return len(_OWN_WORDS.get(declared, frozenset()).intersection(text.lower().split())) >= _ENOUGH


def languages(declared: str | None, texts: Sequence[tuple[str, str]]) -> list[str | None]:
    """Return the language of each text, given as (title, text), of a feed that declares `declared`.

    What the feed declares holds for all when a sample of them agrees; else each is looked at by itself.
    """
    if not texts:
        return []
    declared, some = primary(declared), texts[:_SAMPLED]
    if declared and plainly(declared, "\n".join(f"{title} {text[:_LOOKED_AT]}" for title, text in some)):
        return [declared] * len(texts)
    guess, confidence = classify("\n".join(f"{title[:60]} {text[:60]}" for title, text in some)[:_SAMPLE])
    if declared and plausible(declared, guess, confidence):
        return [declared] * len(texts)
    usual = guess if confidence >= SURE else None
    expected = [language for language in (declared, usual) if language]
    found: list[str | None] = []
    for title, text in texts:
        seen = detect(title, text, expected)
        found.append(seen.language if seen.confidence >= SURE else usual)
    return found
