"""Where an article's text is cited: the text cut into pieces, each knowing which sentences rest on it. Pure."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of the text, in code points, that the summary's sentence `sentence` (1 for the first) rests on."""

    start: int
    end: int
    sentence: int


@dataclass(frozen=True, slots=True)
class Piece:
    """Text that is cited by the same sentences throughout; some of their citations begin or end with it."""

    text: str
    sentences: tuple[int, ...]
    begins: tuple[int, ...]
    ends: tuple[int, ...]


def locate(content: str, quote: str, start: int, end: int) -> tuple[int, int] | None:
    """Return where `quote` stands in `content`, or None when it does not.

    `start` and `end` are where it stood when it was cited; if the text has changed since, it is looked for, first as
    it is, then with any white space between its words.
    """
    if not quote.strip():
        return None
    if 0 <= start < end and content[start:end] == quote:
        return start, end
    found = content.find(quote)
    if found >= 0:
        return found, found + len(quote)
    loose = re.search(r"\s+".join(re.escape(word) for word in _SPACE.split(quote.strip())), content)
    return loose.span() if loose else None


def paragraphs(content: str, spans: Iterable[Span]) -> list[list[Piece]]:
    """Return the paragraphs of `content` (its non-empty lines) as pieces. Joined, they are the paragraph."""
    cited = sorted((span for span in spans if span.start < span.end), key=lambda span: (span.start, span.end))
    result = []
    at = 0
    for line in content.split("\n"):
        start, end = at, at + len(line)
        at = end + 1
        if line.strip():
            result.append(_pieces(content, start, end, [s for s in cited if s.start < end and s.end > start]))
    return result


def _pieces(content: str, start: int, end: int, cited: Sequence[Span]) -> list[Piece]:
    edges = {start, end}
    for span in cited:
        edges |= {max(start, span.start), min(end, span.end)}
    ordered = sorted(edges)
    pieces = []
    for left, right in pairwise(ordered):
        covering = [span for span in cited if span.start <= left and span.end >= right]
        pieces.append(
            Piece(
                text=content[left:right],
                sentences=tuple(sorted({span.sentence for span in covering})),
                begins=tuple(sorted({span.sentence for span in covering if span.start == left})),
                ends=tuple(sorted({span.sentence for span in covering if span.end == right})),
            )
        )
    return pieces
