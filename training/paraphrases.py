"""Honest rewritings of a sentence: what it says stays, or less of it, in other words and another order.

A model that only ever saw copied sentences as true learns to tell copies from the rest. So true claims are rewritten
as people rewrite for a summary, several ways at once, and the false ones are edits of these rewritings.
"""

import random
import re

from pulse.evaluation.rewritings import (
    Rewrite,
    end_to_opening,
    expanded,
    in_numerals,
    opening_to_end,
    speaker_first,
    speaker_last,
    without_adverbs,
    without_asides,
)
from wordnet import WordNet

_PRESENT = {
    "said": "says",
    "was": "is",
    "were": "are",
    "had": "has",
    "told": "tells",
    "announced": "announces",
    "claimed": "claims",
    "found": "finds",
    "made": "makes",
    "won": "wins",
    "lost": "loses",
    "took": "takes",
    "became": "becomes",
}
_SHORTEST = 5


def paraphrase(sentence: str, wordnet: WordNet, chance: random.Random) -> str:
    """Return the sentence with up to five honest changes; the same sentence where it offers none."""
    text = re.sub(r"^(However|But|And|Meanwhile|Also|Still|So|Yet|Then),? ", "", sentence)
    for rewrite in chance.sample(_REWRITINGS, chance.randint(2, 5)):
        changed = rewrite(text, chance)
        if len(changed.split()) >= _SHORTEST:
            text = changed
    text = _synonyms(text, wordnet, chance, chance.randint(0, 3))
    text = " ".join(text.split()).replace(" ,", ",").replace(" .", ".").strip(" ,;")
    return text[:1].upper() + text[1:]


def fused(one: str, other: str, chance: random.Random) -> str:
    """Return two neighbouring sentences as one."""
    first = one.rstrip(".!? ")
    second = other if re.match(r"I\b|[A-Z]\w+ [A-Z]", other) else other[:1].lower() + other[1:]
    return f"{first}{chance.choice([', and ', ' and ', '; ', ', while '])}{second}"


def ordinary(word: str, stop: frozenset[str]) -> bool:
    """Whether a word carries meaning of its own and is written in letters."""
    core = word.strip(".,;:")
    return len(core) > 3 and core.isalpha() and core.lower() not in stop


def _synonyms(text: str, wordnet: WordNet, chance: random.Random, most: int) -> str:
    parts = text.split(" ")
    places = [place for place, word in enumerate(parts) if len(word) > 3 and word.strip(".,;:").isalpha()]
    chance.shuffle(places)
    for place in places:
        core = parts[place].strip(".,;:")
        same = wordnet.same(core, chance) if most and core.islower() else None
        if same:
            parts[place] = parts[place].replace(core, same)
            most -= 1
    return " ".join(parts)


def _without_ending(text: str, chance: random.Random) -> str:
    """Leave out what follows the last comma."""
    head, comma, tail = text.rpartition(", ")
    honest = comma and not re.match(r"(?:but|not|if|unless|although|though)\b", tail)
    return head + "." if honest and len(head) > len(tail) else text


def _without_articles(text: str, chance: random.Random) -> str:
    return re.sub(r"\b(?:the|a|an) (?=\w)", "", text)


def _present(text: str, chance: random.Random) -> str:
    return re.sub(r"\b(" + "|".join(_PRESENT) + r")\b", lambda found: _PRESENT[found[1]], text)


def _genitive(text: str, chance: random.Random) -> str:
    return re.sub(r"\bthe (\w+) of ([A-Z]\w+(?: [A-Z]\w+)?)\b", r"\2's \1", text)


def _unquoted(text: str, chance: random.Random) -> str:
    return re.sub(r"[\"“”]|(?<=\s)['‘](?=\w)|(?<=\w)['’](?=\s)", "", text)


_REWRITINGS: tuple[Rewrite, ...] = (
    expanded,
    without_asides,
    _without_ending,
    _without_articles,
    without_adverbs,
    _present,
    opening_to_end,
    end_to_opening,
    speaker_last,
    speaker_first,
    _genitive,
    in_numerals,
    _unquoted,
)
