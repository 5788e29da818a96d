"""Which earlier articles might report the same event? A fast search that may err on the side of too many.

Each article has a fixed number of keys: hashes of MinHash bands (texts that share most of their word triples share
a band with high probability: Broder 1997, Indyk and Motwani 1998) and hashes of its most telling words. An inverted
index over the keys, in sorted numpy arrays of some 330 bytes an article, finds those that share a band or enough
rare words. What they have in common is then judged on the texts themselves (`stories.py`).

The index is a cache: it is filled from, and kept equal to, `news.folds`.
"""

from collections.abc import Sequence
from importlib.resources import files
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


def telling_words(title: Sequence[str], lead: Sequence[str]) -> list[str]:
    """Return up to `TERMS` distinct words of title and lead, in order, without those that every text has."""
    found: dict[str, None] = {}
    for word in (*title, *lead):
        if (term := stem(word)) is not None:
            found[term] = None
            if len(found) == TERMS:
                break
    return list(found)


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
    """CRC-32 of words, of the first ones seen from memory."""

    def __missing__(self, word: str) -> int:
        value = crc32(word.encode())
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
    bodies: list[list[str]] = []
    for place, (title, text) in enumerate(texts):
        headline = words(title[:_TITLE_CHARACTERS])
        body = words(text[:_LEAD_CHARACTERS])
        terms = telling_words(headline, body)
        keys[place, BANDS : BANDS + len(terms)] = list(map(_hashes.__getitem__, terms))
        bodies.append(body if len(body) >= 20 else headline + body)
    keys[:, :BANDS] = _bands(bodies)
    return keys


def _bands(bodies: Sequence[Sequence[str]]) -> Keys:
    """Return the MinHash bands of texts, given as words: of the hashes of all runs of three words."""
    # Two words of padding, so that the runs of all texts can be made at once and a text of one word has a run.
    padded = [word for body in bodies for word in (*body, "", "")]
    hashes = np.fromiter(map(_hashes.__getitem__, padded), dtype=np.uint64, count=len(padded))
    runs = (hashes << np.uint64(32)) ^ (np.roll(hashes, -1) << np.uint64(16)) ^ np.roll(hashes, -2)
    runs = _mixed(runs)
    # Of a text of n words, n - 2 runs are its own; of a shorter one, the first.
    lengths = np.array([len(body) for body in bodies])
    starts = np.concatenate(([0], np.cumsum(lengths + 2)[:-1]))
    counts = np.maximum(lengths - 2, 1)
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
            postings = np.concatenate(self._segments)
            kept = postings[(postings & _ROW) >= gone]
            self._segments = [np.sort(kept - np.uint64(gone))]

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """Return in how many articles each word is a telling one."""
        keys = np.array([crc32(term.encode()) for term in terms], dtype=np.uint64)
        counts = np.zeros(len(keys), dtype=np.int64)
        for postings in self._segments:
            counts += np.searchsorted(postings, (keys + np.uint64(1)) << _SHIFT) - np.searchsorted(
                postings, keys << _SHIFT
            )
        return dict(zip(terms, counts.tolist(), strict=True))

    def similar(self, first: int, keys: Keys) -> list[tuple[int, int]]:
        """Return pairs (row, earlier row) for the rows from `first` on, whose keys these are; likeliest pairs first."""
        pairs: list[tuple[int, int]] = []
        for start in range(0, len(keys), 256):
            pairs += self._similar(first + start, keys[start : start + 256])
        return pairs

    def _similar(self, start: int, keys: Keys) -> list[tuple[int, int]]:
        places, columns = np.nonzero(keys)
        wanted = keys[places, columns].astype(np.uint64)
        own = (places + start).astype(np.uint64)
        ranges = []
        frequency = np.zeros(len(wanted), dtype=np.int64)
        for postings in self._segments:
            low = np.searchsorted(postings, wanted << _SHIFT)
            ranges.append((postings, low, np.searchsorted(postings, (wanted << _SHIFT) + own)))
            frequency += np.searchsorted(postings, (wanted + np.uint64(1)) << _SHIFT) - low
        band = columns < BANDS
        weight = np.log1p(len(self.entries) / np.maximum(frequency, 1))
        common = frequency > max(_MANY, _COMMON_SHARE * len(self.entries))
        scanned = np.where(band | (frequency <= _MANY), _SCANNED, np.where(common, 0, _SCANNED_OF_MANY))
        weight[band | common] = 0.0
        whole = np.bincount(places, weights=weight, minlength=len(keys))
        mine, theirs, values = [], [], []
        for postings, low, high in ranges:
            low = np.maximum(low, high - scanned)
            counts = high - low
            reached = np.repeat(low - np.concatenate(([0], np.cumsum(counts)[:-1])), counts) + np.arange(counts.sum())
            mine.append(np.repeat(places, counts))
            theirs.append((postings[reached] & _ROW).astype(np.int64))
            # A shared band counts 1,000: it alone makes a candidate, and it comes before shared words.
            values.append(np.repeat(np.where(band, 1000.0, weight), counts))
        pair = np.concatenate(mine) * len(self.entries) + np.concatenate(theirs)
        if not len(pair):
            return []
        pair, inverse = np.unique(pair, return_inverse=True)
        total = np.bincount(inverse, weights=np.concatenate(values))
        shared = np.bincount(inverse)
        place, other = pair // len(self.entries), pair % len(self.entries)
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
        self._segments.append(np.sort(postings))


def _without_keys(entries: Entries) -> Entries:
    known = np.zeros(len(entries), dtype=KNOWN)
    for name in KNOWN.names or ():
        known[name] = entries[name]
    return known
