"""Who said what, where a sentence says nothing else: `Police said two were hurt`, `Two were hurt, according to police`.

The orders in which a language puts speaker and statement say the same. So a sentence is proven by a source sentence
that attributes the same words to the same speaker, in whatever order. Only plain sentences are read: a part that could
belong to the speaker's side as well as to the statement (`… said he left on Monday`) leaves a sentence unread.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pulse.llm.verify.deletions import DATELINE
from pulse.llm.verify.stream import QUOTE, TERMINALS, Stream, core, same_but_capital
from pulse.llm.words import Phrases, Speech, Words

_LONGEST_SPEAKER = 12
_SHORTEST_STATEMENT = 3
_PARTS = frozenset({",", ";", ":", "(", ")", "[", "]", "-", "--", "–", "—", "?", QUOTE, "'"})
_MARKS = frozenset({",", ":"})
_PAUSES = frozenset({",", QUOTE})
_DOUBTFUL = ("negation", "modality", "condition")


@dataclass(frozen=True, slots=True)
class Saying:
    """A speaker and a statement, as keys; `quoted`: the statement stands in quotation marks.

    `verb` is the one it is said with; None after a comma and `according to`, which stand for any that only says so.
    Without the comma it may be a law or a plan that something is done by: that says nothing.
    `movable`: no part of the sentence could belong to another than it was taken for. `begins` with the speaker and the
    verb, as `Police said …`.
    """

    speaker: tuple[str, ...]
    verb: str | None
    statement: tuple[str, ...]
    quoted: bool
    begins: bool
    movable: bool

    def proves(self, other: "Saying") -> bool:
        """Say whether a sentence read as `other` says no more than one read as this."""
        same = _alike(self.speaker, other.speaker) and _alike(self.statement, other.statement)
        if self.verb != other.verb and self.verb is not None and other.verb is not None:
            return False
        return same and self.quoted == other.quoted and (self.movable or self.begins == other.begins)


def saying(stream: Stream, words: Words) -> Saying | None:
    """Return who says what in a sentence; None where it is not plain that it says that and nothing else."""
    speech = words.speech
    if speech is None:
        return None
    found = [phrase for table in (speech.said, speech.according) for phrase in table.find(stream.tokens)]
    # The first of the longest: `a dit` and not its `dit`.
    verb = max(found, key=lambda phrase: phrase.last - phrase.first, default=None)
    if verb is None:
        return None
    first, last = core(stream.keys)
    dateline = DATELINE.match(stream.tokens.folded)
    if dateline:
        first = max(first, stream.key_at(bisect_left(stream.tokens.starts, dateline.end())))
    if first >= last or words.connectors.at(stream.tokens, stream.firsts[first]) is not None:
        return None
    parts = stream.key_at(verb.first), stream.key_at(verb.last - 1) + 1
    according = verb in speech.according.find(stream.tokens)
    apart = parts[0] == first or stream.keys[parts[0] - 1] in _PAUSES
    by_verb = None if according and apart else verb.meaning
    for speaker, statement, begins in _orders(stream.keys, (first, last), parts, according, speech):
        said = stream.keys[slice(*statement)]
        quoted = _unquoted(said)
        if _is_speaker(stream, speaker, words) and (quoted is not None or _is_statement(said)):
            movable = quoted is not None or not begins or not _is_open(stream, statement, words)
            by = stream.keys[slice(*speaker)]
            return Saying(by, by_verb, quoted or said, quoted is not None, begins, movable)
    return None


_Span = tuple[int, int]


def _orders(
    keys: tuple[str, ...], whole: _Span, verb: _Span, according: bool, speech: Speech
) -> Iterator[tuple[_Span, _Span, bool]]:
    """Yield where speaker and statement stand if the sentence is in each order, and whether it begins with them."""
    (first, last), (begin, end) = whole, verb
    comma = begin - 1 if begin > first and keys[begin - 1] == "," else begin
    if according:
        if begin == first and "," in keys[end:last]:
            parted = keys.index(",", end)
            yield (end, parted), (parted + 1, last), False
        elif begin > first:
            yield (end, last), (first, comma), False
        return
    if begin > first and end < last and comma == begin:
        after = end + (keys[end] in _MARKS)
        after += after < last and keys[after].lower() in speech.that
        yield (first, begin), (after, last), True
    if end < last and begin > first and keys[begin - 1] in _PAUSES:
        yield (end, last), (first, comma), False
    elif end == last and _PAUSES.intersection(keys[first:begin]):
        parted = max(place for place in range(first, begin) if keys[place] in _PAUSES)
        yield (parted + 1, begin), (first, parted + (keys[parted] == QUOTE)), False


def _is_speaker(stream: Stream, span: _Span, words: Words) -> bool:
    keys = stream.keys[slice(*span)]
    if not 0 < len(keys) <= _LONGEST_SPEAKER or _PARTS.intersection(keys) or TERMINALS.intersection(keys):
        return False
    if words.dangling.at(stream.tokens, stream.firsts[span[0]]) is not None:
        return False  # whom "he" means may change with the order
    return not _holds(stream, span, [*(words.facts[kind] for kind in _DOUBTFUL), words.dates])


def _is_statement(keys: tuple[str, ...]) -> bool:
    return len(keys) >= _SHORTEST_STATEMENT and not _PARTS.intersection(keys) and not TERMINALS.intersection(keys)


def _is_open(stream: Stream, span: _Span, words: Words) -> bool:
    """Say whether a statement after its speaker has a part that may be the speaker's: a date, a second clause."""
    assert words.speech is not None
    return _holds(stream, span, [words.speech.joins, words.dates, words.facts["attribution"]])


def _holds(stream: Stream, span: _Span, tables: Sequence[Phrases]) -> bool:
    return any(
        span[0] <= stream.key_at(found.first) < span[1] for table in tables for found in table.find(stream.tokens)
    )


def _unquoted(keys: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return what stands between quotation marks, without a comma or full stop at its end; None for anything else."""
    if keys[-1:] == (",",):
        keys = keys[:-1]
    if len(keys) < _SHORTEST_STATEMENT or keys[0] != QUOTE or keys[-1] != QUOTE or QUOTE in keys[1:-1]:
        return None
    inner = keys[1:-1]
    return inner[:-1] if inner[-1] in TERMINALS or inner[-1] == "," else inner


def _alike(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    return one[1:] == other[1:] and same_but_capital(one[0], other[0])
