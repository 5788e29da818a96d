"""ROUGE-1, ROUGE-2 and summary-level ROUGE-L F1 (Lin 2004), lower case, unstemmed, to compare engines in one run."""

import re
from collections import Counter
from collections.abc import Sequence

_WORD = re.compile(r"[a-z0-9]+")


def rouge(summary: Sequence[str], reference: Sequence[str]) -> tuple[float, float, float]:
    """Return the three F1 scores (0 to 1) of a summary, both given as sentences."""
    ours = [_WORD.findall(sentence.lower()) for sentence in summary]
    theirs = [_WORD.findall(sentence.lower()) for sentence in reference]
    return _overlap(ours, theirs, 1), _overlap(ours, theirs, 2), _longest(ours, theirs)


def _overlap(ours: list[list[str]], theirs: list[list[str]], length: int) -> float:
    def grams(sentences: list[list[str]]) -> Counter[tuple[str, ...]]:
        words = [word for sentence in sentences for word in sentence]
        return Counter(zip(*(words[i:] for i in range(length)), strict=False))

    mine, wanted = grams(ours), grams(theirs)
    return _f1(sum((mine & wanted).values()), sum(mine.values()), sum(wanted.values()))


def _longest(ours: list[list[str]], theirs: list[list[str]]) -> float:
    left = Counter(word for sentence in ours for word in sentence)
    wanted = Counter(word for sentence in theirs for word in sentence)
    total, hits = (sum(left.values()), sum(wanted.values())), 0
    for reference in theirs:
        union: set[int] = set()
        for sentence in ours:
            union |= _common(reference, sentence)
        for index in sorted(union):
            word = reference[index]
            if left[word] and wanted[word]:
                hits += 1
                left[word] -= 1
                wanted[word] -= 1
    return _f1(hits, *total)


def _common(one: list[str], other: list[str]) -> set[int]:
    """Indexes in `one` of a longest common subsequence."""
    table = [[0] * (len(other) + 1) for _ in range(len(one) + 1)]
    for i, word in enumerate(one):
        for j, its in enumerate(other):
            table[i + 1][j + 1] = table[i][j] + 1 if word == its else max(table[i][j + 1], table[i + 1][j])
    found, i, j = set(), len(one), len(other)
    while i and j:
        if one[i - 1] == other[j - 1]:
            found.add(i - 1)
            i, j = i - 1, j - 1
        elif table[i - 1][j] >= table[i][j - 1]:
            i -= 1
        else:
            j -= 1
    return found


def _f1(hits: int, mine: int, wanted: int) -> float:
    return 2 * hits / (mine + wanted) if mine + wanted else 0.0
