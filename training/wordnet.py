"""Words that mean the same, the opposite, or something else of the same kind, from WordNet's own files (Fellbaum 1998).

Debian has them in `wordnet-base`. They make training pairs only; no part of WordNet goes into the model's folder.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

_PARTS = ("noun", "verb", "adj", "adv")
_ENDINGS = {
    "noun": (("ies", "y"), ("es", ""), ("s", "")),
    "verb": (("ies", "y"), ("ied", "y"), ("ing", ""), ("ing", "e"), ("ed", ""), ("ed", "e"), ("es", ""), ("s", "")),
    "adj": (),
    "adv": (),
}
_MOST_SENSES = 3


@dataclass
class _Part:
    """The lemmas of one part of speech, the sense each is most used in, and how many senses it has."""

    first: dict[str, str] = field(default_factory=dict)
    senses: dict[str, int] = field(default_factory=dict)
    words: dict[str, list[str]] = field(default_factory=dict)
    opposites: dict[tuple[str, str], list[str]] = field(default_factory=dict)
    above: dict[str, str] = field(default_factory=dict)
    below: dict[str, list[str]] = field(default_factory=dict)
    irregular: dict[str, str] = field(default_factory=dict)
    forms: dict[str, list[str]] = field(default_factory=dict)


class WordNet:
    """Replacements for a word as it stands in a sentence, with the same ending. Raises `OSError` without the files."""

    def __init__(self, folder: Path) -> None:
        self._parts = {name: _read(folder, name) for name in _PARTS}

    def same(self, word: str, chance: random.Random) -> str | None:
        """Return a word of the same meaning, where the word has few others."""
        return self._replace(word, chance, _synonyms)

    def opposite(self, word: str, chance: random.Random) -> str | None:
        """Return a word of the opposite meaning."""
        return self._replace(word, chance, _antonyms)

    def sibling(self, word: str, chance: random.Random) -> str | None:
        """Return another word of the same kind: nurse for doctor."""
        return self._replace(word, chance, _siblings)

    def _replace(self, word: str, chance: random.Random, choose: Callable[["_Part", str], list[str]]) -> str | None:
        lower = word.lower()
        for name in ("verb", "noun", "adj", "adv") if lower.endswith(("ing", "ed")) else _PARTS:
            part = self._parts[name]
            for lemma, ending in _lemmas(lower, name, part):
                options = [other for other in choose(part, lemma) if "_" not in other and other != lemma]
                if options:
                    found = _inflected(chance.choice(sorted(options)), ending, part)
                    return found[:1].upper() + found[1:] if word[:1].isupper() else found
        return None


def _synonyms(part: _Part, lemma: str) -> list[str]:
    return _common(part, part.words[part.first[lemma]]) if part.senses[lemma] <= _MOST_SENSES else []


def _antonyms(part: _Part, lemma: str) -> list[str]:
    return part.opposites.get((part.first[lemma], lemma), [])


def _siblings(part: _Part, lemma: str) -> list[str]:
    synset = part.first[lemma]
    kin = [other for other in part.below.get(part.above.get(synset, ""), []) if other != synset]
    return _common(part, [part.words[other][0] for other in kin if part.words[other][0] not in part.words[synset]])


def _common(part: _Part, words: list[str]) -> list[str]:
    """Return those of several senses: rare words have one."""
    return [word for word in words if part.senses.get(word, 0) > 1]


def _lemmas(word: str, name: str, part: _Part) -> list[tuple[str, str]]:
    """Return what the word may be a form of, with the ending it has: "" for the lemma itself."""
    if word in part.irregular:
        lemma = part.irregular[word]
        return [(lemma, "ed" if name == "verb" and not word.endswith("ing") else word[len(lemma) :] or "s")] * (
            lemma in part.first
        )
    found = [(word, "")] if word in part.first else []
    for ending, instead in _ENDINGS[name]:
        lemma = word.removesuffix(ending) + instead
        if word.endswith(ending) and len(lemma) > 2 and lemma in part.first:
            found.append((lemma, {"ies": "s", "ied": "ed", "es": "s"}.get(ending, ending)))
    return found


def _inflected(lemma: str, ending: str, part: _Part) -> str:
    for form in part.forms.get(lemma, ()):
        if ending == "ed" and not form.endswith(("ing", "s")):
            return form
    if not ending:
        return lemma
    if ending == "s":
        if lemma.endswith(("s", "x", "z", "ch", "sh")):
            return lemma + "es"
        return lemma[:-1] + "ies" if lemma.endswith("y") and lemma[-2:-1] not in "aeiou" else lemma + "s"
    if lemma.endswith("e"):
        return lemma + "d" if ending == "ed" else lemma[:-1] + ending
    if ending == "ed" and lemma.endswith("y") and lemma[-2:-1] not in "aeiou":
        return lemma[:-1] + "ied"
    return lemma + ending


def _read(folder: Path, name: str) -> _Part:
    part = _Part()
    for line in (folder / f"data.{name}").read_text(encoding="utf-8").splitlines():
        if line.startswith(" "):
            continue
        fields = line.split("|")[0].split()
        synset, count = fields[0], int(fields[3], 16)
        words = [word.split("(")[0] for word in fields[4 : 4 + 2 * count : 2]]
        part.words[synset] = [word for word in words if word.islower()] or [words[0].lower()]
        place = 4 + 2 * count
        for number in range(int(fields[place])):
            symbol, target, kind, ends = fields[place + 1 + 4 * number : place + 5 + 4 * number]
            if symbol == "!" and kind == fields[2].replace("s", "a"):
                own = words[int(ends[:2], 16) - 1].lower()
                part.opposites.setdefault((synset, own), []).append(f"{target} {int(ends[2:], 16) - 1}")
            elif symbol == "@" and kind == fields[2] and synset not in part.above:
                part.above[synset] = target
                part.below.setdefault(target, []).append(synset)
    for key, targets in part.opposites.items():
        found = [_word(part, *target.split()) for target in targets]
        part.opposites[key] = [word for word in found if word]
    for line in (folder / f"index.{name}").read_text(encoding="utf-8").splitlines():
        if line.startswith(" "):
            continue
        fields = line.split()
        senses = int(fields[2])
        part.first[fields[0]], part.senses[fields[0]] = fields[-senses], senses
    for line in (folder / f"{name}.exc").read_text(encoding="utf-8").splitlines():
        form, lemma = line.split()[:2]
        part.irregular.setdefault(form, lemma)
        part.forms.setdefault(lemma, []).append(form)
    return part


def _word(part: _Part, synset: str, place: str) -> str:
    words = part.words.get(synset, [])
    return words[min(int(place), len(words) - 1)] if words else ""
