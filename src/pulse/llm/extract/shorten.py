"""Making a sentence fit by leaving out what cannot change its claim, and proving that it did not.

Which parts may go is the gate's decision (`verify/deletions.py`): connecting words, brackets, asides without a number,
a date, a name of a speaker or a hedge. Nothing else is ever left out, and the shorter sentence is proven before it is
shown.
"""

from pulse.llm.shapes import Citation, SourceSentence
from pulse.llm.verify.deletions import deletions
from pulse.llm.verify.proof import passages, prove
from pulse.llm.verify.stream import Stream, read
from pulse.llm.words import Words

_NO_SPACE_BEFORE = frozenset(".,;:!?)]}%…。，、！？")


def shorten(text: str, source: str, room: int, words: Words) -> str | None:
    """Return `text` with as little left out as makes it at most `room` characters long, or None where that cannot be.

    `text` is the cleaned form of the sentence `source`, which must prove the result.
    """
    stream = read(text, words)
    if len(stream.tokens.folded) != len(text):
        return None
    parts = [(first, last) for first, ends in deletions(stream, words).items() for last in ends]
    kept: list[tuple[int, int]] = []
    shorter = text
    for part in _in_order(parts, stream, len(text) - room):
        if any(part[0] < last and first < part[1] for first, last in kept):
            continue
        kept.append(part)
        shorter = _without(text, stream, kept, words)
        if len(shorter) <= room:
            break
    if not kept or len(shorter) > room:
        return None
    evidence = passages([SourceSentence("", 0, source)], words)
    found = prove(read(shorter, words), evidence[0])
    return shorter if found is not None and found.citations == (Citation("", 0),) and not found.quoted else None


def _in_order(parts: list[tuple[int, int]], stream: Stream, surplus: int) -> list[tuple[int, int]]:
    """Return the parts to try: the smallest one that alone is enough, else the longest first."""

    def length(part: tuple[int, int]) -> int:
        return _place(stream, part[1]) - _place(stream, part[0])

    enough = [part for part in parts if length(part) > surplus]
    return [min(enough, key=length)] if enough else sorted(parts, key=length, reverse=True)


def _place(stream: Stream, key: int) -> int:
    """Return where a key begins in the text."""
    return stream.tokens.starts[stream.firsts[key]] if key < len(stream.keys) else len(stream.tokens.folded)


def _without(text: str, stream: Stream, parts: list[tuple[int, int]], words: Words) -> str:
    pieces: list[str] = []
    position = 0
    for first, last in sorted(parts):
        pieces.append(text[position : _place(stream, first)].rstrip())
        position = _place(stream, last)
    pieces.append(text[position:])
    joined = pieces[0]
    for piece in pieces[1:]:
        tight = words.unspaced or not joined or not piece or piece[0] in _NO_SPACE_BEFORE or joined[-1] in "([“«"
        joined += piece if tight else " " + piece
    return joined[:1].upper() + joined[1:]
