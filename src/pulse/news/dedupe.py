"""Is it the same text? Exactly (keys that a unique index keeps), or copied in part (shared word sequences)."""

import hashlib
import re
from collections.abc import Iterable
from itertools import repeat
from uuid import UUID

COPY_SHARE = 0.6
"""Share of the shorter text's word triples that must occur in the other one for the two to be copies of one report."""
COMPARED_CHARACTERS = 3_000
"""Of each text, from its beginning: agencies' reports are cut at the end, not at the beginning."""
_SHORTEST = 6
"""Texts of fewer runs of words prove nothing by being alike."""

_PUNCTUATION = ".,;:!?\"'`()[]{}<>*_~|/\\"
_ANY_PUNCTUATION = _PUNCTUATION + "…–—-‘’‚“”„«»‹›·•、。，．：；！？「」『』（）【】《》〈〉¿¡"
# Scripts that are written without spaces (or, like Korean, with endings on every word): Thai, Lao, Burmese, Khmer,
# kana, Han, Hangul. Their words are overlapping pairs of characters.
_UNSPACED = re.compile(
    "[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]+"
)


def words(text: str) -> list[str]:
    """Return the lower-case words of `text` without punctuation; pairs of characters where the script has no spaces."""
    if text.isascii():
        return list(filter(None, map(str.strip, text.lower().split(), repeat(_PUNCTUATION))))
    text = text.casefold()
    if _UNSPACED.search(text):
        return list(_mixed_words(text))
    return [word for part in text.split() if (word := part.strip(_ANY_PUNCTUATION))]


def _mixed_words(text: str) -> Iterable[str]:
    place = 0
    for run in _UNSPACED.finditer(text):
        yield from (word for part in text[place : run.start()].split() if (word := part.strip(_ANY_PUNCTUATION)))
        characters = run.group()
        yield from (characters[at : at + 2] for at in range(max(1, len(characters) - 1)))
        place = run.end()
    yield from (word for part in text[place:].split() if (word := part.strip(_ANY_PUNCTUATION)))


def shingles(sequence: list[str]) -> set[str]:
    """Return all runs of three words; a shorter text is one run."""
    if len(sequence) < 3:
        return {" ".join(sequence)} if sequence else set()
    return set(map(" ".join, zip(sequence, sequence[1:], sequence[2:], strict=False)))


def compared_runs(text: str) -> set[str]:
    """Return the runs of words by which a text is compared with others."""
    return shingles(words(text[:COMPARED_CHARACTERS]))


def copied_share(one: set[str], other: set[str]) -> float:
    """Return how much of the shorter text stands in the other one, 0 to 1 (Broder's containment), given their runs.

    0 where either is too short to tell.
    """
    shorter = min(len(one), len(other))
    return len(one & other) / shorter if shorter >= _SHORTEST else 0.0


def text_hash(title: str, text: str) -> UUID:
    """Return a hash of title and text, which are tidy: without markup, spaces collapsed."""
    return UUID(bytes=hashlib.blake2b(f"{title}\n{text}".encode(), digest_size=16).digest())


class Keys:
    """What makes an article of a niche one that was seen before. Each key is unique within its tenant."""

    def __init__(self, niche: str) -> None:
        self._start = hashlib.blake2b(niche.encode() + b"\0", digest_size=16)

    def of_guid(self, source: UUID, guid: str) -> UUID:
        """Return the key of an item of a feed."""
        return self._key(b"guid\0" + source.bytes + guid.encode())

    def of_url(self, canonical_url: str) -> UUID:
        """Return the key of a page, whichever feed names it."""
        return self._key(b"page\0" + canonical_url.encode())

    def of_text(self, source: UUID, text: UUID) -> UUID:
        """Return the key of words of a source, whatever guid and address they have now."""
        return self._key(b"text\0" + source.bytes + text.bytes)

    def _key(self, value: bytes) -> UUID:
        state = self._start.copy()
        state.update(value)
        return UUID(bytes=state.digest())
