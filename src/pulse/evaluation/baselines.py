"""The engines that every extractive one is measured against, from their papers: LEAD, LexRank, TextRank.

Each takes the sentences of one document and how many are wanted, and returns the indexes of those it chooses, in
reading order.
"""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from pulse.llm.tokens import tokenize
from pulse.llm.words import words

_DAMPING = 0.85
_THRESHOLD = 0.1
_ROUNDS = 100
_STILL = 1e-6
_Matrix = np.ndarray[tuple[int, int], np.dtype[np.float64]]


def lead(sentences: Sequence[str], count: int) -> list[int]:
    """Return the first sentences: the one to beat on news."""
    return list(range(min(count, len(sentences))))


def lexrank(sentences: Sequence[str], count: int) -> list[int]:
    """Continuous eigenvector centrality over TF-IDF cosines of at least 0.1 (Erkan and Radev 2004)."""
    bags = [Counter(_content(sentence)) for sentence in sentences]
    seen = Counter(word for bag in bags for word in bag)
    columns = {word: column for column, word in enumerate(seen)}
    table = np.zeros((len(bags), len(columns)))
    for row, bag in enumerate(bags):
        for word, times in bag.items():
            table[row, columns[word]] = times * math.log(len(bags) / seen[word])
    norms = np.linalg.norm(table, axis=1, keepdims=True)
    table /= np.where(norms > 0, norms, 1)
    likeness = table @ table.T
    return _best(np.where(likeness >= _THRESHOLD, likeness, 0.0), count)


def textrank(sentences: Sequence[str], count: int) -> list[int]:
    """PageRank over the words two sentences share, by the logarithms of their lengths (Mihalcea and Tarau 2004)."""
    bags = [set(_content(sentence)) for sentence in sentences]
    likeness = np.zeros((len(bags), len(bags)))
    for row, one in enumerate(bags):
        for column in range(row):
            length = math.log(len(one) or 1) + math.log(len(bags[column]) or 1)
            if length > 0:
                likeness[row, column] = likeness[column, row] = len(one & bags[column]) / length
    return _best(likeness, count)


def _content(sentence: str) -> list[str]:
    return [word for word in tokenize(sentence).lower if word[0].isalnum() and word not in words("en").stop]


def _best(likeness: _Matrix, count: int) -> list[int]:
    """Return the sentences with the highest PageRank in a weighted graph, in reading order."""
    size = len(likeness)
    sums = likeness.sum(axis=1, keepdims=True)
    moves = np.where(sums > 0, likeness / np.where(sums > 0, sums, 1), 1 / max(1, size))
    rank = np.full(size, 1 / max(1, size))
    for _ in range(_ROUNDS):
        following = (1 - _DAMPING) / max(1, size) + _DAMPING * (rank @ moves)
        if np.abs(following - rank).sum() < _STILL:
            break
        rank = following
    return sorted(int(index) for index in np.argsort(-rank, kind="stable")[:count])
