"""Where a story stands: 0.4 model + 0.3 relevance + 0.2 freshness + 0.1 authority, each from 0 to 1. Pure.

The model part is a prior until there is engagement to learn from: a logistic function whose weights are stated
below. They follow what research on news values agrees on (Harcup and O'Neill 2017): what several desks report,
with substance behind it, matters more than what shouts.
"""

import math
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

MODEL, RELEVANCE, FRESHNESS, AUTHORITY = 0.4, 0.3, 0.2, 0.1
HALF_LIFE = timedelta(hours=12)
NEUTRAL_RELEVANCE = 0.5
"""Where a niche names no keywords, nothing is more relevant than anything else."""

# Weights of the prior, in log-odds. One source and an ordinary text: -0.8 + 0.4, about 0.4.
_BASE = -0.8
_PER_DOUBLING = 0.9  # of the number of independent sources
_SUBSTANCE = 0.8  # at 2,000 characters and more, growing evenly from none
_NUMBER = 0.2
_QUESTION = -0.5
_SHOUTING = -0.7
_BAIT = -0.8
_BAD_LENGTH = -0.3

_DIGIT = re.compile(r"\d")
_BAIT_WORDS = (
    "you won't believe", "you won’t believe", "what happened next", "this simple trick", "this one trick", "must-see",
    "must see", "shocking", "will blow your mind", "here's why", "here’s why", "sponsored", "advertorial",
    "deals of the day", "deal of the day", "promo code", "coupon",
)  # fmt: skip
# BM25's saturation and length normalisation (Robertson and Zaragoza 2009), with a text of 1,000 characters as average.
_K1, _B, _AVERAGE_CHARACTERS = 1.2, 0.75, 1_000
_TITLE_WEIGHT = 3.0
_READ_CHARACTERS = 1_500


def freshness(reported: datetime, now: datetime) -> float:
    """Return 1 for now and in the future, half of it every 12 hours."""
    half_lives: float = max(0.0, (now - reported) / HALF_LIFE)
    return float(0.5**half_lives)


def model_prior(independent_sources: int, title: str, characters: int) -> tuple[float, list[str]]:
    """Return the prior chance that readers care, and what speaks for and against it.

    `characters` is the length of the longest report.
    """
    reasons = []
    odds = _BASE + _PER_DOUBLING * math.log2(max(1, independent_sources))
    if independent_sources > 1:
        reasons.append(f"{independent_sources} independent sources")
    odds += _SUBSTANCE * min(1.0, characters / 2_000)
    if characters < 200:
        reasons.append("hardly any text")
    if _DIGIT.search(title):
        odds += _NUMBER
        reasons.append("the title names a number")
    if title.rstrip().endswith(("?", "？", "؟")):
        odds += _QUESTION
        reasons.append("the title is a question")
    if title.count("!") > 1 or (title.isupper() and len(title) > 20):
        odds += _SHOUTING
        reasons.append("the title shouts")
    folded = title.lower()
    if any(phrase in folded for phrase in _BAIT_WORDS):
        odds += _BAIT
        reasons.append("the title is bait or an advertisement")
    if not 15 <= len(title) <= 140 and title.isascii():
        odds += _BAD_LENGTH
        reasons.append("the title is too short or too long")
    return 1 / (1 + math.exp(-odds)), reasons


@lru_cache(maxsize=256)
def _folded(keywords: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted({word.casefold().strip() for word in keywords} - {""}))


def occurrences(word: str, text: str) -> int:
    """Return how often `word` stands in `text` as a word, or as part of one in scripts without spaces."""
    count, place = 0, text.find(word)
    while place >= 0:
        end = place + len(word)
        if not (_joined(text[place - 1 : place], word[0]) or _joined(text[end : end + 1], word[-1])):
            count += 1
        place = text.find(word, end)
    return count


def _joined(beside: str, edge: str) -> bool:
    # A sign at the edge of a word (C++) ends it, and so does any change of script to one without spaces.
    return beside.isalnum() and edge.isalnum() and beside < "\u0e00" and edge < "\u0e00"


def relevance(keywords: Sequence[str], title: str, text: str) -> tuple[float, list[str]]:
    """Return how much a report is about the niche's keywords, and which it names.

    Each keyword adds its BM25 term weight, scaled to (0, 1); they combine as independent evidence: 1 - Π(1 - weight).
    Without keywords every report gets `NEUTRAL_RELEVANCE`.
    """
    known = _folded(tuple(keywords))
    if not known:
        return NEUTRAL_RELEVANCE, []
    text = text[:_READ_CHARACTERS]
    headline, body = title.casefold(), text.casefold()
    counts = {
        word: count
        for word in known
        if (count := _TITLE_WEIGHT * occurrences(word, headline) + occurrences(word, body))
    }
    if not counts:
        return 0.0, ["names none of the niche's keywords"]
    length = 1 - _B + _B * min(4.0, (len(title) + len(text)) / _AVERAGE_CHARACTERS)
    doubt = 1.0
    for count in counts.values():
        doubt *= 1 - count / (count + _K1 * length)
    best = sorted(counts, key=lambda word: -counts[word])[:3]
    return 1 - doubt, ["about " + ", ".join(best)]


def total(model: float, relevance: float, freshness: float, authority: float) -> float:
    """Return the weighted sum."""
    return MODEL * model + RELEVANCE * relevance + FRESHNESS * freshness + AUTHORITY * authority
