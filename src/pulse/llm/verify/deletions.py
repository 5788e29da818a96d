"""What may be left out of a source sentence without changing what it claims.

A short list, on purpose: a dateline, a bracket, a connecting word, an aside between commas or dashes that only
describes. None of them may hold a quotation, or a word that negates, hedges, limits or attributes; none but a relative
clause and a bare figure in brackets a number or a date. Nothing goes out of a quotation: its words are its speaker's.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

import regex

from pulse.llm.verify.stream import QUOTE, Stream
from pulse.llm.words import FACTS, Phrases, Words

_AGENCIES = (
    "CNN|AP|AFP|Reuters|REUTERS|dpa|DPA|UPI|Xinhua|ANSA|EFE|Lusa|LUSA|Belga|BELGA|ANP|PAP|TASS|Interfax|"
    "Ukrinform|Bloomberg|BBC|ZEIT ONLINE|"
    "APA|KNA|epd|SID|AGI|Kyodo|Jiji|Yonhap|PTI|ANI|IANS|WAFA|SPA|KUNA|PR Newswire|BUSINESS WIRE|Europa Press"
)
DATELINE = regex.compile(
    rf"""(?:\p{{Lu}}[\p{{L}}.'-]*[,/]?\s?){{0,5}}(?:\d{{1,2}}\.?,?\s(?:\p{{L}}{{3,10}},?\s)?)?
         \((?:{_AGENCIES})(?:/(?:{_AGENCIES}))*\)\s*(?:[-–—]+\s*)?
       | \p{{Han}}{{2,8}}(?:社|网|報|报)[\p{{Han}}]{{0,10}}(?:\d{{1,2}}月)?\d{{1,2}}日电\s*(?:\([^()]{{1,40}}\))?\s*
       | 【[^【】]{{1,20}}】\s*""",
    regex.X,
)
_BRACKETS = {"(": ")", "[": "]"}
_DASHES = frozenset({"-", "--", "–", "—"})
_SIGNS = frozenset("#%$€£¥")
_STATING = ("negation", "modality", "condition", "attribution")
_LONGEST_ASIDE = 25
_LONGEST_FIGURE = 3
_SHORTEST_CLAUSE = 3
_REFERENCE = re.compile(r"\[\d{1,3}\]")


def deletions(stream: Stream, words: Words) -> dict[int, list[int]]:
    """Map the first key of every part that may be left out to the keys after it."""
    found: dict[int, list[int]] = {}
    for first, last in _parts(stream, words):
        found.setdefault(first, []).append(last)
    return found


def _parts(stream: Stream, words: Words) -> Iterator[tuple[int, int]]:
    claims = _marked(stream, [words.facts[kind] for kind in FACTS])
    dateline = DATELINE.match(stream.tokens.folded)
    opening = bisect_left(stream.tokens.starts, dateline.end()) if dateline else 0
    if opening and not any(claims[: stream.key_at(opening)]):
        yield 0, stream.key_at(opening)
    quoted = _quoted(stream)
    for part in _connectors(stream, words, opening):
        # One that opens the sentence stands before any mark that opens a quotation in it.
        if part[0] in {0, stream.key_at(opening)} or not any(quoted[slice(*part)]):
            yield part
    exact = _marked(stream, [words.dates, words.counts])
    facts = [
        claim or count or key in {"?", "%"} or key[0].isdigit() or key[0] == "#"
        for claim, count, key in zip(claims, exact, stream.keys, strict=True)
    ]
    stated = _marked(stream, [words.facts[kind] for kind in _STATING])
    for part in _bracketed(stream):
        inner = stream.keys[part[0] + 1 : part[1] - 1]
        figure = 0 < len(inner) <= _LONGEST_FIGURE and all(key[0].isdigit() or key[0] in _SIGNS for key in inner)
        reference = _REFERENCE.fullmatch("".join(stream.texts(*part)))
        if not any(quoted[slice(*part)]) and (figure or reference or not any(facts[slice(*part)])):
            yield part
    for part, relative in _asides(stream, words):
        # A clause of its own, `which she opened in 1996`, says what it says beside the sentence.
        if not any(quoted[slice(*part)]) and not any((stated if relative else facts)[slice(*part)]):
            yield part


def _quoted(stream: Stream) -> list[bool]:
    """Say for each key whether it may stand in a quotation, its marks included."""
    inside, found = False, []
    odd = stream.keys.count(QUOTE) % 2 == 1
    for key in stream.keys:
        found.append(odd or inside or key == QUOTE)
        inside ^= key == QUOTE
    return found


def _marked(stream: Stream, tables: Sequence[Phrases]) -> list[bool]:
    """Say for each key whether it belongs to an entry of one of the tables."""
    marked = [False] * len(stream.keys)
    for table in tables:
        for phrase in table.find(stream.tokens):
            first, last = stream.key_at(phrase.first), stream.key_at(phrase.last - 1) + 1
            marked[first:last] = [True] * (last - first)
    return marked


def _connectors(stream: Stream, words: Words, opening: int) -> Iterator[tuple[int, int]]:
    """`However, ` and a bare `But ` at the start or after a dateline (token `opening`), `, however,` inside."""
    for position in sorted({0, opening, *(i + 1 for i, text in enumerate(stream.tokens.texts) if text == ",")}):
        connector = words.connectors.at(stream.tokens, position)
        if connector is None:
            continue
        first, last = stream.key_at(position), stream.key_at(connector.last)
        comma = stream.keys[last : last + 1] == (",",)
        bare = connector.meaning in words.bare_connectors
        if position in {0, opening} and (comma or bare):
            yield first, last + comma
        elif position > 0 and comma and not bare:
            yield first - 1, last + 1


def _bracketed(stream: Stream) -> Iterator[tuple[int, int]]:
    opened: list[int] = []
    for index, key in enumerate(stream.keys):
        if key in _BRACKETS:
            opened.append(index)
        elif opened and key == _BRACKETS[stream.keys[opened[-1]]]:
            yield opened.pop(), index + 1
        elif key in _BRACKETS.values():
            opened.clear()


def _asides(stream: Stream, words: Words) -> Iterator[tuple[tuple[int, int], bool]]:
    """Yield `, a former dealer,` and `, who lives nearby,` and whether each is a clause; also between two dashes.

    An aside goes from a comma to the next one, or to the end.
    """
    if not words.appositives or stream.keys[-1] == "?":
        return
    if any(True for _ in words.facts["condition"].find(stream.tokens)) or {"neither", "nor"} & set(stream.tokens.lower):
        return
    commas = [index for index, key in enumerate(stream.keys) if key == ","]
    dashes = [index for index, key in enumerate(stream.keys) if key in _DASHES and _spaced(stream, index)]
    pairs = list(zip(commas, [*commas[1:], len(stream.keys)], strict=True)) if commas else []
    for opened, closed in [*pairs, *([(dashes[0], dashes[1])] if len(dashes) == 2 else [])]:
        start = _word(stream, opened + 1)
        relative = start in words.relatives
        ends = closed == len(stream.keys)
        if not relative and start not in words.appositives:
            continue
        # `the bank, the fund, and the state` is a list; a comma behind `which` begins an aside of its own.
        listed = _word(stream, closed + 1) in words.bare_connectors | {"or"}
        if listed or closed - opened > _LONGEST_ASIDE or (relative and closed - opened < _SHORTEST_CLAUSE):
            continue
        yield (opened, closed - (ends and stream.keys[-1] in {".", "!", "..."}) if ends else closed + 1), relative


def _word(stream: Stream, index: int) -> str:
    return stream.tokens.lower[stream.firsts[index]] if index < len(stream.keys) else ""


def _spaced(stream: Stream, index: int) -> bool:
    place = stream.tokens.starts[stream.firsts[index]]
    return stream.tokens.folded[max(0, place - 1) : place].isspace()
