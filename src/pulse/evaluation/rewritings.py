"""Honest rewritings of English sentences, with a seed: what the gate should let through, or at worst show to a person.

Each changes the words or their order and not what the sentence says. `pulse eval verifier` counts what becomes of them
beside the false edits (`pulse.llm.edits`); a judge of our own learns from them too (`training/`).
"""

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Rewrite = Callable[[str, random.Random], str]
"""Return the sentence rewritten, the same sentence where there is nothing to rewrite."""

_SPOKEN = r"(?P<who>(?:[A-Z][\w.]+ ){0,3}[A-Z]\w+|[Hh]e|[Ss]he|[Tt]hey|[Oo]fficials|[Pp]olice) said"
_NUMBERS = ["two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
_ADVERB = re.compile(r"[a-z]{3,}ly")
_KEPT = frozenset(
    {
        *("only", "nearly", "hardly", "barely", "allegedly", "reportedly", "possibly", "likely", "unlikely"),
        *("early", "daily", "weekly", "monthly", "family"),
    }
)
_UNNAMED = frozenset({"he", "she", "they", "officials", "police"})
_LOWER = frozenset(
    {
        *("The", "A", "An", "It", "He", "She", "They", "We", "This", "That"),
        *("These", "Those", "There", "His", "Her", "Their", "Its", "Our"),
    }
)
_SYNONYMS: Mapping[str, str] = {
    "assist": "help",
    "attempted": "tried",
    "attorney": "lawyer",
    "began": "started",
    "begin": "start",
    "bought": "purchased",
    "built": "constructed",
    "car": "automobile",
    "children": "kids",
    "company": "firm",
    "companies": "firms",
    "crash": "collision",
    "film": "movie",
    "firm": "company",
    "help": "assist",
    "home": "house",
    "huge": "enormous",
    "hurt": "injured",
    "injured": "hurt",
    "lawyer": "attorney",
    "met": "encountered",
    "needed": "required",
    "people": "persons",
    "photo": "picture",
    "probe": "investigation",
    "residents": "inhabitants",
    "said": "stated",
    "started": "began",
    "wife": "spouse",
}
_SHORTEST = 5


@dataclass(frozen=True, slots=True)
class Rewriting:
    """An honest sentence made from another, and what was done to it."""

    kind: str
    text: str


def rewritings(sentence: str, seed: int) -> tuple[Rewriting, ...]:
    """Return a rewriting of each kind that the sentence has something for, and one of two to four kinds at once.

    The same arguments give the same rewritings.
    """
    chance = random.Random(f"{seed}:{sentence}")
    found = []
    for kind, rewrite in REWRITES.items():
        text = rewrite(sentence, chance)
        if text != sentence and len(text.split()) >= _SHORTEST:
            found.append(Rewriting(kind, text))
    if len(found) > 1:
        text = sentence
        for one in chance.sample(found, min(len(found), chance.randint(2, 4))):
            text = REWRITES[one.kind](text, chance)
        found.append(Rewriting(SEVERAL, text))
    return tuple(found)


def expanded(text: str, chance: random.Random) -> str:
    """Write contractions out."""
    text = re.sub(r"\bcan['’]t\b", "cannot", text)
    text = re.sub(r"\bwon['’]t\b", "will not", text)
    text = re.sub(r"(?<=[a-z])n['’]t\b", " not", text)
    return re.sub(r"(?<=\w)['’]re\b", " are", re.sub(r"(?<=\w)['’]ve\b", " have", text))


def without_asides(text: str, chance: random.Random) -> str:
    """Leave out what stands in brackets, between dashes, or between commas and only describes."""
    text = re.sub(r" \([^)]*\)| – [^–]+ –(?= )", "", text)
    return re.sub(r", (?:who|which|where|whose|an?|the) [^,]{5,80},(?= )", "", text)


def without_adverbs(text: str, chance: random.Random) -> str:
    """Leave out adverbs of manner."""
    return " ".join(word for word in text.split(" ") if not _ADVERB.fullmatch(word) or word in _KEPT)


def opening_to_end(text: str, chance: random.Random) -> str:
    """Put what the sentence opens with behind the rest."""
    found = re.match(r"((?:In|On|At|After|Before|During|Since|By|As|When|While|For) [^,]{4,60}), ([^,]{20,})$", text)
    if not found:
        return text
    opening, rest = found.groups()
    return f"{rest.rstrip('.')} {opening[:1].lower()}{opening[1:]}."


def end_to_opening(text: str, chance: random.Random) -> str:
    """Put a time or place at the end before the rest."""
    found = re.match(r"(.{25,}) ((?:on|in|at|after|during|since|before) (?:[A-Z0-9]\w+|the \w+)(?: \w+)?)\.$", text)
    if not found:
        return text
    rest, ending = found.groups()
    return (
        f"{ending[:1].upper()}{ending[1:]}, {rest[:1].lower() if rest.split(' ')[0] in _LOWER else rest[:1]}{rest[1:]}."
    )


def speaker_last(text: str, chance: random.Random) -> str:
    """Name who said it after what was said."""
    found = re.match(_SPOKEN + r"(?: that)? (?P<what>(?!that |to )[a-z].{15,})$", text)
    if not found:
        return text
    who, what = found["who"], found["what"].rstrip(".")
    if chance.random() < 0.5 and who[:1].isupper() and who.lower() not in _UNNAMED:
        return f"According to {who}, {what}."
    return f"{what[:1].upper()}{what[1:]}, {who[:1].lower() + who[1:] if who.lower() in _UNNAMED else who} said."


def speaker_first(text: str, chance: random.Random) -> str:
    """Name who said it before what was said."""
    found = re.match(r"(?P<what>[^\"“”]{20,}), " + _SPOKEN + r"\.$", text)
    if not found:
        return text
    what, who = found["what"], found["who"]
    lower = what[:1].lower() + what[1:] if what.split(" ")[0] in _LOWER else what
    return f"{who[:1].upper()}{who[1:]} said that {lower}."


def in_numerals(text: str, chance: random.Random) -> str:
    """Write small numbers in digits."""
    for value, word in enumerate(_NUMBERS, 2):
        text = re.sub(rf"\b{word}\b", str(value), text)
    return re.sub(r"(?<=\d) (?:per cent|percent)\b", "%", text)


def with_synonym(text: str, chance: random.Random) -> str:
    """Say one word by another of the same meaning."""
    parts = text.split(" ")
    places = [place for place, word in enumerate(parts) if word in _SYNONYMS]
    if places:
        place = chance.choice(places)
        parts[place] = _SYNONYMS[parts[place]]
    return " ".join(parts)


SEVERAL = "several"
REWRITES: Mapping[str, Rewrite] = {
    "written out": expanded,
    "in numerals": in_numerals,
    "asides left out": without_asides,
    "adverbs left out": without_adverbs,
    "speaker last": speaker_last,
    "speaker first": speaker_first,
    "opening to end": opening_to_end,
    "end to opening": end_to_opening,
    "synonym": with_synonym,
}
"""What is done, by name."""
