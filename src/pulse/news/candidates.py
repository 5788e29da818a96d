"""Which earlier articles might report the same event? A fast search that may err on the side of too many.

Each article has a fixed number of keys: hashes of MinHash bands (texts that share most of their word triples share
a band with high probability: Broder 1997, Indyk and Motwani 1998) and hashes of its most telling words. An inverted
index over the keys, in sorted numpy arrays of some 330 bytes an article, finds those that share a band or enough
rare words. What they have in common is then judged on the texts themselves (`stories.py`).

The index is a cache: it is filled from, and kept equal to, `news.folds`.
"""

from collections.abc import Sequence
from importlib.resources import files
from itertools import islice
from typing import Any
from zlib import crc32

import numpy as np
import numpy.typing as npt
from rensa import RMinHash

from pulse.news.dedupe import words

STOP_WORDS = frozenset(files("pulse.news").joinpath("stop_words.txt").read_text("utf-8").split())
"""Words that every text has, in some large languages."""

FORMAT = 1
"""Of the stored entries; entries of another format are left out of the search."""

BANDS, ROWS, TERMS = 12, 4, 20
_LEAD_CHARACTERS = 420
"""Some seventy words: what copies have in common stands at their beginning."""
_TITLE_CHARACTERS = 200
_SEED = 7
_MOST_LIKE_IT = 6
"""Candidates looked at for one article."""
_SCANNED, _SCANNED_OF_MANY, _MANY = 40, 8, 60
"""Of the articles with a key the newest are looked at; fewer where a word is in many, as a large story's words are."""
_COMMON_SHARE = 0.25
"""A word in more than this share of many articles tells nothing."""
_SHARED_WEIGHT = 0.28
"""Share of the weight of an article's words that a candidate must have, where no band is shared."""
_SHARED_WORDS, _MANY_SHARED_WORDS = 3, 7
"""So many words of that weight, or so many of any weight: where many report, the words of the event are not rare."""
LARGEST = 50_000
"""Articles of a niche that are searched; beyond that the oldest are forgotten."""

_KEYS = BANDS + TERMS
_KNOWN: list[Any] = [
    ("article", "V16"),
    ("story", "V16"),
    ("text", "V16"),
    ("published", "<f8"),
    ("story_began", "<f8"),
    ("created", "<f8"),
    ("first", "u1"),
]
ENTRY = np.dtype([*_KNOWN, ("keys", "<u4", (_KEYS,))])
"""An article as `news.folds` has it."""
KNOWN = np.dtype(_KNOWN)
"""What is kept in memory of an entry, besides its postings."""
Entries = npt.NDArray[Any]
Keys = npt.NDArray[np.uint32]
_Postings = npt.NDArray[np.uint64]
_SHIFT, _ROW = np.uint64(32), np.uint64(0xFFFF_FFFF)
# Bits of a hit: weight 0-23, row 24-53, place in its chunk from 54 on.
_WEIGHT, _PLACE, _VALUE = np.uint64(24), np.uint64(54), np.uint64(0xFF_FFFF)
_LARGEST_ROW = np.uint64(1 << 30)
_UNIT = 1024.0
_AT_ONCE = 1_000
"""Articles searched for together; their places must fit into ten bits."""


def stem(word: str) -> str | None:
    """Return the word without an English possessive or a plural s; None where it tells nothing."""
    length = len(word)
    if word in STOP_WORDS or (length < 3 and not (length == 2 and (word.isdigit() or word >= "\u0e00"))):
        return None
    if word[-1] == "s":
        if word[-2] in "'’":
            return word[:-2]
        if length > 4 and word[-2] != "s":
            return word[:-1]
    return word


class _Hashes(dict[str, int]):
    """CRC-32 of words (upper half) and of their stems (lower half; 0 where there is none), of the first ones seen."""

    def __missing__(self, word: str) -> int:
        term = stem(word)
        value = crc32(word.encode()) << 32 | (0 if term is None else crc32(term.encode()))
        if len(self) < _REMEMBERED_WORDS:
            self[word] = value
        return value


_REMEMBERED_WORDS = 50_000
_hashes = _Hashes()


def keys_of(texts: Sequence[tuple[str, str]]) -> Keys:
    """Return the keys of articles given as (title, text): an array of shape (articles, 32); 0 is no key."""
    keys = np.zeros((len(texts), _KEYS), dtype=np.uint32)
    if not texts:
        return keys
    every: list[str] = []
    places: list[tuple[int, int, int]] = []
    for title, text in texts:
        start = len(every)
        every += words(title[:_TITLE_CHARACTERS])
        middle = len(every)
        every += words(text[:_LEAD_CHARACTERS])
        places.append((start, middle, len(every)))
        # Two words of padding, so that the runs of all texts can be made at once and a text of one word has a run.
        every += ("", "")
    hashes = np.fromiter(map(_hashes.__getitem__, every), dtype=np.uint64, count=len(every))
    stems = (hashes & _ROW).tolist()
    for row, (start, _, end) in enumerate(places):
        telling = list(islice(dict.fromkeys(filter(None, stems[start:end])), TERMS))
        keys[row, BANDS : BANDS + len(telling)] = telling
    # Of a text of few words the headline is a part.
    keys[:, :BANDS] = _bands(
        hashes >> _SHIFT, [(middle if end - middle >= 20 else start, end) for start, middle, end in places]
    )
    return keys


def _bands(hashes: npt.NDArray[np.uint64], bodies: Sequence[tuple[int, int]]) -> Keys:
    """Return the MinHash bands of texts: of all runs of three words. `bodies`: where in `hashes` each has its words."""
    runs = (hashes << np.uint64(32)) ^ (np.roll(hashes, -1) << np.uint64(16)) ^ np.roll(hashes, -2)
    runs = _mixed(runs)
    # Of a text of n words, n - 2 runs are its own; of a shorter one, the first.
    starts, ends = np.array(bodies).T
    counts = np.maximum(ends - starts - 2, 1)
    offsets = np.concatenate(([0], np.cumsum(counts)))
    chosen = np.repeat(starts - offsets[:-1], counts) + np.arange(offsets[-1])
    digests = RMinHash.digest_matrix_from_flat_token_hashes(runs[chosen], offsets.tolist(), BANDS * ROWS, _SEED)
    rows = np.array(digests.to_rows(), dtype=np.uint64).reshape(len(bodies), BANDS, ROWS)
    bands = np.broadcast_to(np.arange(1, BANDS + 1, dtype=np.uint64), rows.shape[:2])
    for column in range(ROWS):
        bands = _mixed(bands ^ rows[:, :, column])
    return bands.astype(np.uint32) | np.uint32(1)


def _mixed(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Spread the bits (the finaliser of MurmurHash3)."""
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    values = (values ^ (values >> np.uint64(33))) * np.uint64(0xC4CEB9FE1A85EC53)
    return values ^ (values >> np.uint64(33))


class Candidates:
    """The searchable articles of one niche. Rows are numbered in the order they came."""

    def __init__(self) -> None:
        self.entries: Entries = np.zeros(0, dtype=KNOWN)
        # Sorted runs of key and row in one number each: (key << 32) + row.
        self._segments: list[_Postings] = []

    def __len__(self) -> int:
        return len(self.entries)

    def extend(self, entries: Entries) -> int:
        """Add articles (records of `ENTRY`) and return the row of the first."""
        base = len(self.entries)
        self.entries = np.concatenate([self.entries, _without_keys(entries)])
        self._add_segment(entries["keys"], base)
        return base

    def settle(self, first: int, entries: Entries) -> None:
        """Write what became of the articles from row `first` on: their stories and texts."""
        self.entries[first : first + len(entries)] = _without_keys(entries)

    def forget(self, before: float) -> None:
        """Forget articles that came before this moment (Unix seconds), and the oldest beyond `LARGEST`.

        Does nothing while it would free less than a quarter.
        """
        gone = max(int(np.searchsorted(self.entries["created"], before)), len(self.entries) - LARGEST)
        if gone > len(self.entries) // 4:
            self.entries = self.entries[gone:].copy()
            kept = np.concatenate([postings[(postings & _ROW) >= gone] for postings in self._segments])
            kept -= np.uint64(gone)
            kept.sort()
            self._segments = [kept]

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """Return in how many articles each word is a telling one."""
        keys = np.array([crc32(term.encode()) for term in terms], dtype=np.uint64) << _SHIFT
        counts = np.zeros(len(keys), dtype=np.int64)
        for postings in self._segments:
            counts += np.searchsorted(postings, keys + _ROW, side="right") - np.searchsorted(postings, keys)
        return dict(zip(terms, counts.tolist(), strict=True))

    def similar(self, first: int, keys: Keys) -> list[tuple[int, int]]:
        """Return pairs (row, earlier row) for the rows from `first` on, whose keys these are; likeliest pairs first."""
        pairs: list[tuple[int, int]] = []
        for start in range(0, len(keys), _AT_ONCE):
            pairs += self._similar(first + start, keys[start : start + _AT_ONCE])
        return pairs

    def _similar(self, start: int, keys: Keys) -> list[tuple[int, int]]:
        places, columns = np.nonzero(keys)
        wanted = keys[places, columns].astype(np.uint64)
        # In order, so that neighbouring searches end in the same part of memory.
        order = np.argsort(wanted)
        places, columns, wanted = places[order], columns[order], wanted[order]
        own = (places + start).astype(np.uint64)
        ranges = []
        frequency = np.zeros(len(wanted), dtype=np.int64)
        for postings in self._segments:
            low = np.searchsorted(postings, wanted << _SHIFT)
            high = end = np.searchsorted(postings, (wanted << _SHIFT) + _ROW, side="right")
            # The articles that ask are in the newest run, with those that came after them.
            if postings is self._segments[-1]:
                high = np.searchsorted(postings, (wanted << _SHIFT) + own)
            ranges.append((postings, low, high))
            frequency += end - low
        band = columns < BANDS
        weight = np.log1p(len(self.entries) / np.maximum(frequency, 1))
        common = frequency > max(_MANY, _COMMON_SHARE * len(self.entries))
        scanned = np.where(band | (frequency <= _MANY), _SCANNED, np.where(common, 0, _SCANNED_OF_MANY))
        weight[band | common] = 0.0
        whole = np.bincount(places, weights=weight, minlength=len(keys))
        # A shared band counts 1,000: it alone makes a candidate, and it comes before shared words.
        value = np.round(np.where(band, 1000.0, weight) * _UNIT).astype(np.uint64)
        found = []
        for postings, low, high in ranges:
            low = np.maximum(low, high - scanned)
            counts = high - low
            reached = np.repeat(low - np.concatenate(([0], np.cumsum(counts)[:-1])), counts) + np.arange(counts.sum())
            # Place, row and weight in one number: one fast sort brings together what belongs together.
            head = (places.astype(np.uint64) << _PLACE) + value
            found.append(np.repeat(head, counts) + ((postings[reached] & _ROW) << _WEIGHT))
        hits = np.sort(np.concatenate(found))
        if not len(hits):
            return []
        pair = hits >> _WEIGHT
        begins = np.flatnonzero(np.concatenate(([True], pair[1:] != pair[:-1])))
        total = np.add.reduceat(hits & _VALUE, begins) / _UNIT
        shared = np.diff(np.concatenate((begins, [len(hits)])))
        place = (pair[begins] >> (_PLACE - _WEIGHT)).astype(np.int64)
        other = (pair[begins] & (_LARGEST_ROW - np.uint64(1))).astype(np.int64)
        heavy = (shared >= _SHARED_WORDS) & (total >= _SHARED_WEIGHT * whole[place])
        likely = (total >= 1000) | heavy | (shared >= _MANY_SHARED_WORDS)
        place, other, total = place[likely], other[likely], total[likely]
        order = np.lexsort((-other, -total, place))
        place, other = place[order], other[order]
        rank = np.arange(len(place)) - np.searchsorted(place, place)
        best = rank < _MOST_LIKE_IT
        return list(zip((place[best] + start).tolist(), other[best].tolist(), strict=True))

    def _add_segment(self, keys: Keys, base: int) -> None:
        """Add a sorted run; runs of similar size are merged, so that there are never more than a few."""
        places, columns = np.nonzero(keys)
        postings = (keys[places, columns].astype(np.uint64) << _SHIFT) + (places + base).astype(np.uint64)
        while self._segments and len(self._segments[-1]) <= 4 * len(postings):
            postings = np.concatenate([self._segments.pop(), postings])
        postings.sort()
        self._segments.append(postings)


def _without_keys(entries: Entries) -> Entries:
    known = np.zeros(len(entries), dtype=KNOWN)
    for name in KNOWN.names or ():
        known[name] = entries[name]
    return known
