"""Which earlier articles might report the same event? A fast search that may err on the side of too many.

Each article has a fixed number of keys: hashes of MinHash bands (texts that share most of their word triples share
a band with high probability: Broder 1997, Indyk and Motwani 1998) and hashes of its most telling words. An inverted
index over the keys, in sorted numpy arrays of about 300 bytes an article, finds those that share a band or enough
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
_COMMON = 60
"""A word in more articles than this tells nothing; of a band's articles the newest are looked at."""
_SHARED_WEIGHT = 0.28
"""Share of the weight of an article's words that a candidate must have, where no band is shared."""
_SHARED_WORDS = 3
LARGEST = 100_000
"""Articles of a niche that are searched; beyond that the oldest are forgotten."""

_KEYS = BANDS + TERMS
ENTRY = np.dtype(
    [
        ("article", "V16"),
        ("story", "V16"),
        ("text", "V16"),
        ("published", "<f8"),
        ("story_began", "<f8"),
        ("created", "<f8"),
        ("first", "u1"),
        ("keys", "<u4", (_KEYS,)),
    ]
)
Entries = npt.NDArray[Any]
_Keys = npt.NDArray[np.uint32]
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


def keys_of(texts: Sequence[tuple[str, str]]) -> _Keys:
    """Return the keys of articles given as (title, text): an array of shape (articles, 32); 0 is no key."""
    keys = np.zeros((len(texts), _KEYS), dtype=np.uint32)
    if not texts:
        return keys
    bodies: list[list[str]] = []
    for place, (title, text) in enumerate(texts):
        headline = words(title[:_TITLE_CHARACTERS])
        body = words(text[:_LEAD_CHARACTERS])
        terms = telling_words(headline, body)
        keys[place, BANDS : BANDS + len(terms)] = list(map(crc32, map(str.encode, terms)))
        bodies.append(body if len(body) >= 20 else headline + body)
    keys[:, :BANDS] = _bands(bodies)
    return keys


def _bands(bodies: Sequence[Sequence[str]]) -> _Keys:
    """Return the MinHash bands of texts, given as words: of the hashes of all runs of three words."""
    # Two words of padding, so that the runs of all texts can be made at once and a text of one word has a run.
    padded = [word for body in bodies for word in (*body, "", "")]
    hashes = np.fromiter(map(crc32, map(str.encode, padded)), dtype=np.uint64, count=len(padded))
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
        self.entries: Entries = np.zeros(0, dtype=ENTRY)
        # Sorted runs of key and row in one number each: (key << 32) + row.
        self._segments: list[_Postings] = []

    def __len__(self) -> int:
        return len(self.entries)

    def extend(self, entries: Entries) -> int:
        """Add articles and return the row of the first."""
        base = len(self.entries)
        self.entries = np.concatenate([self.entries, entries])
        self._add_segment(entries["keys"], base)
        return base

    def forget(self, before: float) -> None:
        """Forget articles that came before this moment (Unix seconds), and the oldest beyond `LARGEST`.

        Does nothing while it would free less than a quarter.
        """
        keep = self.entries["created"] >= before
        keep[: max(0, len(keep) - LARGEST)] = False
        if keep.sum() <= 0.75 * len(keep):
            self.entries = self.entries[keep]
            self._segments = []
            self._add_segment(self.entries["keys"], 0)

    def frequencies(self, terms: Sequence[str]) -> dict[str, int]:
        """Return in how many articles each word is a telling one."""
        keys = np.array([crc32(term.encode()) for term in terms], dtype=np.uint64)
        counts = np.zeros(len(keys), dtype=np.int64)
        for postings in self._segments:
            counts += np.searchsorted(postings, (keys + np.uint64(1)) << _SHIFT) - np.searchsorted(
                postings, keys << _SHIFT
            )
        return dict(zip(terms, counts.tolist(), strict=True))

    def similar(self, first: int) -> list[tuple[int, int]]:
        """Return pairs (row, earlier row) for all rows from `first` on, likeliest earlier rows first."""
        pairs: list[tuple[int, int]] = []
        for start in range(first, len(self.entries), 256):
            pairs += self._similar(start, min(start + 256, len(self.entries)))
        return pairs

    def _similar(self, start: int, end: int) -> list[tuple[int, int]]:
        keys = self.entries["keys"][start:end]
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
        weight[band | (frequency > _COMMON)] = 0.0
        whole = np.bincount(places, weights=weight, minlength=end - start)
        mine, theirs, values = [], [], []
        for postings, low, high in ranges:
            low = np.where(band, np.maximum(low, high - _COMMON), np.where(frequency > _COMMON, high, low))
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
        likely = (total >= 1000) | ((shared >= _SHARED_WORDS) & (total >= _SHARED_WEIGHT * whole[place]))
        place, other, total = place[likely], other[likely], total[likely]
        order = np.lexsort((-other, -total, place))
        place, other = place[order], other[order]
        rank = np.arange(len(place)) - np.searchsorted(place, place)
        best = rank < _MOST_LIKE_IT
        return list(zip((place[best] + start).tolist(), other[best].tolist(), strict=True))

    def _add_segment(self, keys: _Keys, base: int) -> None:
        """Add a sorted run; runs of similar size are merged, so that there are never more than a few."""
        places, columns = np.nonzero(keys)
        postings = (keys[places, columns].astype(np.uint64) << _SHIFT) + (places + base).astype(np.uint64)
        while self._segments and len(self._segments[-1]) <= 4 * len(postings):
            postings = np.concatenate([self._segments.pop(), postings])
        self._segments.append(np.sort(postings))
