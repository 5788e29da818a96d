"""How much of a text stands in its document, measured in simple ways: what the gate is compared with."""

import re
from collections import Counter

import numpy as np

from pulse.evaluation.rouge import rouge
from pulse.llm.sentences import split

_WORD = re.compile(r"[a-z0-9]+")
_NAME = re.compile(r"(?<=[a-z,] )[A-Z][a-zA-Z]+")
_NUMBER = re.compile(r"\d[\d.,]*")


def _rouge(document: str, text: str) -> float:
    return rouge([text], [document])[2]


def _similarity(document: str, text: str) -> float:
    """Cosine of word counts, of the text and the sentence of the document most like it, averaged over sentences."""
    lines = [Counter(_WORD.findall(sentence.text.lower())) for sentence in split(document, "en")]
    own = [Counter(_WORD.findall(sentence.text.lower())) for sentence in split(text, "en")]
    return float(np.mean([max((_cosine(one, line) for line in lines), default=0.0) for one in own])) if own else 0.0


def _cosine(one: Counter[str], other: Counter[str]) -> float:
    dot = sum(count * other[word] for word, count in one.items())
    norms = sum(count**2 for count in one.values()) * sum(count**2 for count in other.values())
    return float(dot / norms**0.5) if norms else 0.0


def _names(document: str, text: str) -> float:
    return _share(_NAME.findall(text), set(re.findall(r"\w+", document)))


def _numbers(document: str, text: str) -> float:
    return _share(_NUMBER.findall(text), set(_NUMBER.findall(document)))


def _words(document: str, text: str) -> float:
    return _share(_WORD.findall(text.lower()), set(_WORD.findall(document.lower())))


def _share(found: list[str], known: set[str]) -> float:
    return sum(one in known for one in found) / len(found) if found else 1.0


OVERLAPS = {
    "ROUGE-L": _rouge,
    "similarity": _similarity,
    "names": _names,
    "numbers": _numbers,
    "words": _words,
}
"""Each measure by its name: document and text in, a score out, more for more in common."""
