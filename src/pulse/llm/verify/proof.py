"""Proof that a source says a sentence: it stands there, up to notation, with nothing left out but what may be.

Nothing here judges meaning. A sentence that merely resembles its source is not proven, however close it is.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from pulse.llm.shapes import Citation, Proof, SourceSentence
from pulse.llm.tokens import is_capitalised
from pulse.llm.verify.deletions import deletions
from pulse.llm.verify.quotations import quoted_tokens
from pulse.llm.verify.speech import Saying, saying
from pulse.llm.verify.stream import QUOTE, TERMINALS, Stream, core, read, same_but_capital
from pulse.llm.words import Words

_CLOSING = frozenset({QUOTE, ")", "]", "」", "』"})


@dataclass(frozen=True)
class Passage:
    """Consecutive sentences of one article as one row of keys.

    `begins` and `finishes` are where a sentence may begin and end: at the splitter's boundaries, and where another
    careful splitter could see one. `quoted` tells the keys that stand in somebody's quotation.
    """

    sentences: tuple[SourceSentence, ...]
    streams: tuple[Stream, ...]
    words: Words

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The keys of all sentences in a row."""
        return tuple(key for stream in self.streams for key in stream.keys)

    @cached_property
    def offsets(self) -> tuple[int, ...]:
        """The first key of each sentence, and one past the last key of all."""
        found = [0]
        for stream in self.streams:
            found.append(found[-1] + len(stream.keys))
        return tuple(found)

    @cached_property
    def texts(self) -> tuple[tuple[str, ...], ...]:
        """What each key's tokens say."""
        return tuple(stream.texts(i, i + 1) for stream in self.streams for i in range(len(stream.keys)))

    @cached_property
    def begins(self) -> dict[str, list[int]]:
        """Positions where a sentence may begin, by the key there in lower case."""
        found: dict[str, list[int]] = {}
        for position in sorted({*self._sentence_starts(), *self._inner_boundaries()}):
            if position < len(self.keys):
                found.setdefault(self.keys[position].lower(), []).append(position)
        return found

    @cached_property
    def finishes(self) -> frozenset[int]:
        """Positions after which a sentence may end; full stops that follow do not count."""
        return frozenset({*self.offsets, *self._inner_boundaries()})

    @cached_property
    def quoted(self) -> tuple[bool, ...]:
        """For each key, whether it stands inside a quotation."""
        flags = quoted_tokens([stream.tokens for stream in self.streams])
        return tuple(
            quoted[first] for quoted, stream in zip(flags, self.streams, strict=True) for first in stream.firsts
        )

    @cached_property
    def sayings(self) -> tuple[tuple[int, Saying], ...]:
        """Who says what, and in which sentence, where that is all that a sentence says."""
        found = ((place, saying(stream, self.words)) for place, stream in enumerate(self.streams))
        return tuple((place, read) for place, read in found if read is not None)

    def _sentence_starts(self) -> Iterator[int]:
        for offset, stream in zip(self.offsets, self.streams, strict=False):
            yield offset + core(stream.keys)[0]

    def _inner_boundaries(self) -> Iterator[int]:
        """`… "We won." He left`: after a full stop that ends no abbreviation, before what can begin a sentence."""
        keys = self.keys
        for position in range(1, len(keys) - 1):
            if keys[position] not in TERMINALS and keys[position] != "?":
                continue
            before, after = keys[position - 1], position + 1
            shortened = before.lower() in self.words.abbreviations or (
                len(before) == 1 and before.isalpha() and not _unspaced(before)
            )
            if shortened and keys[after].lower() not in self.words.stop:
                continue
            while after < len(keys) and keys[after] in _CLOSING:
                yield after
                after += 1
            if after < len(keys) and (
                is_capitalised(keys[after]) or not keys[after][0].isalpha() or _unspaced(keys[after])
            ):
                yield after


def passages(sources: Sequence[SourceSentence], words: Words) -> tuple[Passage, ...]:
    """Group source sentences into runs that stand next to each other in an article."""
    ordered = sorted(sources, key=lambda sentence: (sentence.article, sentence.index))
    runs: list[list[SourceSentence]] = []
    for sentence in ordered:
        if runs and (runs[-1][-1].article, runs[-1][-1].index + 1) == (sentence.article, sentence.index):
            runs[-1].append(sentence)
        else:
            runs.append([sentence])
    return tuple(Passage(tuple(run), tuple(read(sentence.text, words) for sentence in run), words) for run in runs)


@dataclass(frozen=True, slots=True)
class Match:
    """Where a sentence was found and how. `quoted`: it was found inside a quotation that it does not show."""

    proof: Proof
    citations: tuple[Citation, ...]
    quoted: bool


def prove(stream: Stream, passage: Passage) -> Match | None:
    """Find a sentence in a passage: whole, with parts left out that may be, or with its speaker in another place."""
    first, last = core(stream.keys)
    if first == last:
        return None
    wanted = stream.keys[first:last]
    best: Match | None = None
    for start in passage.begins.get(wanted[0].lower(), ()):
        end = start + len(wanted)
        found = passage.keys[start:end]
        if found[1:] != wanted[1:] or not same_but_capital(found[0], wanted[0]) or not _finishes(passage, end):
            continue
        texts = tuple(stream.texts(i, i + 1) for i in range(first, last))
        same = texts[1:] == passage.texts[start + 1 : end]
        quoted = QUOTE not in wanted and all(passage.quoted[start:end])
        match = Match(Proof.VERBATIM if same else Proof.NOTATION, _citations(passage, start, end), quoted)
        if best is None or (best.quoted, best.proof is Proof.NOTATION) > (match.quoted, match.proof is Proof.NOTATION):
            best = match
    return best or _compressed(wanted, passage) or _rearranged(stream, passage)


def _finishes(passage: Passage, end: int) -> bool:
    while end < len(passage.keys) and end not in passage.finishes:
        if passage.keys[end] not in TERMINALS:
            return False
        end += 1
    return True


def _citations(passage: Passage, start: int, end: int) -> tuple[Citation, ...]:
    spans = zip(passage.sentences, passage.offsets, passage.offsets[1:], strict=False)
    return tuple(sentence.citation for sentence, first, last in spans if first < end and start < last)


def _compressed(wanted: tuple[str, ...], passage: Passage) -> Match | None:
    needed = set(wanted[1:])
    for sentence, stream, offset in zip(passage.sentences, passage.streams, passage.offsets, strict=False):
        if len(stream.keys) <= len(wanted) or not needed.issubset(stream.keys):
            continue
        first, last = core(stream.keys)
        if _follows(stream.keys[:last], first, wanted, deletions(stream, passage.words)):
            quoted = QUOTE not in wanted and all(passage.quoted[offset : offset + len(stream.keys)])
            return Match(Proof.COMPRESSED, (sentence.citation,), quoted)
    return None


def _rearranged(stream: Stream, passage: Passage) -> Match | None:
    wanted = saying(stream, passage.words) if passage.sayings else None
    for place, told in passage.sayings:
        if wanted is not None and told.proves(wanted):
            first, last = passage.offsets[place : place + 2]
            quoted = QUOTE not in stream.keys and all(passage.quoted[first:last])
            return Match(Proof.REARRANGED, (passage.sentences[place].citation,), quoted)
    return None


def _follows(source: tuple[str, ...], first: int, wanted: tuple[str, ...], jumps: dict[int, list[int]]) -> bool:
    """Say whether `wanted` is `source` with some of the parts in `jumps` left out, and nothing else."""
    if not jumps:
        return False
    waiting, seen = [(first, 0)], set()
    while waiting:
        state = waiting.pop()
        if state in seen:
            continue
        seen.add(state)
        position, matched = state
        if position >= len(source) and matched == len(wanted):
            return True
        waiting += [(after, matched) for after in jumps.get(position, ())]
        if position < len(source) and matched < len(wanted):
            same = source[position] == wanted[matched] or (
                matched == 0 and same_but_capital(source[position], wanted[0])
            )
            if same:
                waiting.append((position + 1, matched + 1))
    return False


def _unspaced(key: str) -> bool:
    return "\u0e00" <= key[0] <= "\u0eff" or "\u3040" <= key[0] <= "\u30ff" or "\u3400" <= key[0] <= "\u9fff"
