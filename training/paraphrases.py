"""Honest rewritings of a sentence: what it says stays, or less of it, in other words and another order.

A model that only ever saw copied sentences as true learns to tell copies from the rest. So true claims are rewritten
as people rewrite for a summary, several ways at once, and the false ones are edits of these rewritings.
"""

import random
import re
from collections.abc import Callable

from wordnet import WordNet

_SPOKEN = r"(?P<who>(?:[A-Z][\w.]+ ){0,3}[A-Z]\w+|[Hh]e|[Ss]he|[Tt]hey|[Oo]fficials|[Pp]olice) said"
_NUMBERS = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
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
_ADVERB = re.compile(r"[a-z]{3,}ly")
_KEPT = frozenset(
    {
        *("only", "nearly", "hardly", "barely", "allegedly", "reportedly", "possibly", "likely", "unlikely"),
        *("early", "daily", "weekly", "monthly", "family"),
    }
)

Rewriting = Callable[[str, random.Random], str]


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


def _expand(text: str, chance: random.Random) -> str:
    text = re.sub(r"\bcan['’]t\b", "cannot", text)
    text = re.sub(r"\bwon['’]t\b", "will not", text)
    text = re.sub(r"(?<=[a-z])n['’]t\b", " not", text)
    return re.sub(r"(?<=\w)['’]re\b", " are", re.sub(r"(?<=\w)['’]ve\b", " have", text))


def _without_asides(text: str, chance: random.Random) -> str:
    text = re.sub(r" \([^)]*\)| – [^–]+ –(?= )", "", text)
    return re.sub(r", (?:who|which|where|whose|an?|the) [^,]{5,80},(?= )", "", text)


def _without_ending(text: str, chance: random.Random) -> str:
    """Leave out what follows the last comma."""
    head, comma, tail = text.rpartition(", ")
    honest = comma and not re.match(r"(?:but|not|if|unless|although|though)\b", tail)
    return head + "." if honest and len(head) > len(tail) else text


def _without_articles(text: str, chance: random.Random) -> str:
    return re.sub(r"\b(?:the|a|an) (?=\w)", "", text)


def _without_adverbs(text: str, chance: random.Random) -> str:
    return " ".join(word for word in text.split(" ") if not _ADVERB.fullmatch(word) or word in _KEPT)


def _present(text: str, chance: random.Random) -> str:
    return re.sub(r"\b(" + "|".join(_PRESENT) + r")\b", lambda found: _PRESENT[found[1]], text)


def _opening_to_end(text: str, chance: random.Random) -> str:
    found = re.match(r"((?:In|On|At|After|Before|During|Since|By|As|When|While|For) [^,]{4,60}), (.{20,})$", text)
    if not found:
        return text
    opening, rest = found.groups()
    return f"{rest.rstrip('.')} {opening[:1].lower()}{opening[1:]}."


def _end_to_opening(text: str, chance: random.Random) -> str:
    found = re.match(r"(.{25,}) ((?:on|in|at|after|during|since|before) (?:[A-Z0-9]\w+|the \w+)(?: \w+)?)\.$", text)
    if not found:
        return text
    rest, ending = found.groups()
    return (
        f"{ending[:1].upper()}{ending[1:]}, {rest[:1].lower() if rest.split(' ')[0] in _LOWER else rest[:1]}{rest[1:]}."
    )


def _speaker_last(text: str, chance: random.Random) -> str:
    found = re.match(_SPOKEN + r"(?: that)? (?P<what>[a-z].{15,})$", text)
    if not found:
        return text
    who, what = found["who"], found["what"].rstrip(".")
    if chance.random() < 0.5 and who[:1].isupper() and who.lower() not in _PRONOUNS:
        return f"According to {who}, {what}."
    return f"{what[:1].upper()}{what[1:]}, {who[:1].lower() + who[1:] if who.lower() in _PRONOUNS else who} said."


def _speaker_first(text: str, chance: random.Random) -> str:
    found = re.match(r"(?P<what>[^\"“”]{20,}), " + _SPOKEN + r"\.$", text)
    if not found:
        return text
    what, who = found["what"], found["who"]
    lower = what[:1].lower() + what[1:] if what.split(" ")[0] in _LOWER else what
    return f"{who[:1].upper()}{who[1:]} said that {lower}."


def _genitive(text: str, chance: random.Random) -> str:
    return re.sub(r"\bthe (\w+) of ([A-Z]\w+(?: [A-Z]\w+)?)\b", r"\2's \1", text)


def _numerals(text: str, chance: random.Random) -> str:
    for value, word in enumerate(_NUMBERS, 2):
        text = re.sub(rf"\b{word}\b", str(value), text)
    return re.sub(r"(?<=\d) (?:per cent|percent)\b", "%", text)


def _unquoted(text: str, chance: random.Random) -> str:
    return re.sub(r"[\"“”]|(?<=\s)['‘](?=\w)|(?<=\w)['’](?=\s)", "", text)


_PRONOUNS = frozenset({"he", "she", "they", "officials", "police"})
_LOWER = frozenset(
    [
        "The",
        "A",
        "An",
        "It",
        "He",
        "She",
        "They",
        "We",
        "This",
        "That",
        "These",
        "Those",
        "There",
        "His",
        "Her",
        "Their",
        "Its",
        "Our",
    ]
)
_REWRITINGS: tuple[Rewriting, ...] = (
    _expand,
    _without_asides,
    _without_ending,
    _without_articles,
    _without_adverbs,
    _present,
    _opening_to_end,
    _end_to_opening,
    _speaker_last,
    _speaker_first,
    _genitive,
    _numerals,
    _unquoted,
)
