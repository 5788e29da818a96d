"""What may be left out of a source sentence without changing what it claims.

A short list, on purpose: a dateline, a bracket, a connecting word, an aside between commas that only describes. None of
them may hold a number, a date, a quotation, or a word that negates, hedges, limits, counts or attributes.
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
_LONGEST_ASIDE = 25
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
    yield from _connectors(stream, words, opening)
    exact = _marked(stream, [words.dates, words.counts])
    facts = [
        claim or count or key in {QUOTE, "?", "%"} or key[0].isdigit() or key[0] == "#"
        for claim, count, key in zip(claims, exact, stream.keys, strict=True)
    ]
    for first, last in (*_bracketed(stream), *_asides(stream, words)):
        if not any(facts[first:last]) or _REFERENCE.fullmatch("".join(stream.texts(first, last))):
            yield first, last


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


def _asides(stream: Stream, words: Words) -> Iterator[tuple[int, int]]:
    """`, a former dealer,` and `, who lives nearby,`: from a comma to the next one, or to the end."""
    commas = [index for index, key in enumerate(stream.keys) if key == ","]
    if not commas or not words.appositives or stream.keys[-1] == "?":
        return
    if any(True for _ in words.facts["condition"].find(stream.tokens)) or {"neither", "nor"} & set(stream.tokens.lower):
        return
    for comma, following in zip(commas, [*commas[1:], len(stream.keys)], strict=True):
        start = stream.tokens.lower[stream.firsts[comma + 1]] if comma + 1 < len(stream.keys) else ""
        if start not in words.appositives and start not in words.relatives:
            continue
        ends = following == len(stream.keys)
        if following - comma <= _LONGEST_ASIDE:
            yield comma, following - (ends and stream.keys[-1] in {".", "!", "..."}) if ends else following + 1
