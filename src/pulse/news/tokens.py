"""HTML as tags and text, in time linear in its length whatever it is.

Parsers that build a tree take quadratic time for an element of many attributes (libxml2 and lexbor both: six seconds
for 40,000), so none may see a stranger's markup in this process. This tokenizer follows the HTML Standard's (section
13.2.5) where it decides what is text; it builds no tree, only a stack of open elements, to know what is hidden.
"""

import re
from collections import Counter
from collections.abc import Iterator
from html import unescape
from typing import Final, NamedTuple

from pulse.news.hidden import is_hidden

MAX_ATTRIBUTES = 1_000
MAX_OPEN = 5_000
"""Elements open at a time; what is nested deeper is not shown."""

_BLOCK_WORDS = """
address article aside blockquote body br caption center dd details div dl dt fieldset figcaption figure footer form h1
h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tbody tfoot thead tr ul
"""
BLOCKS: Final = frozenset(_BLOCK_WORDS.split())
"""Elements that begin a new line."""
CELLS: Final = frozenset(("td", "th"))
VOID: Final = frozenset("area base br col embed hr img input link meta param source track wbr".split())  # noqa: SIM905

_RAW: Final = frozenset(("script", "style", "textarea", "title", "iframe", "noembed", "noframes", "xmp", "plaintext"))
_INLINE_IN_P: Final = BLOCKS - {"br", "caption", "body", "tbody", "tfoot", "thead", "tr"}
"""Blocks whose start ends an open paragraph."""

_OPENING = re.compile(r"<(?:(/?)([a-zA-Z][^\s/>]*)|([!?/]))")
_REST = re.compile(r"(?:[^>=]|=\s*+(?:\"[^\"]*\"|'[^']*'|))*+>")
_COMMENT_END = re.compile(r"--!?>")
_ATTRIBUTE = re.compile(r"([^\s\"'>/=][^\s>/=]*)(?:\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s>]+)))?")


class Tag(NamedTuple):
    """A start tag; attributes with names in lower case and references resolved, the first of a name counts."""

    name: str
    attributes: dict[str, str]
    closed: bool = False
    """Written as `<x/>`; that means something in XML only."""


class EndTag(NamedTuple):
    """An end tag."""

    name: str


Token = str | Tag | EndTag
"""Text, with references as they are written, or a tag."""


def tokens(markup: str) -> Iterator[Token]:
    """Return the tags and texts of markup, comments left out, and the content of raw elements with its start tag."""
    position, end = 0, len(markup)
    while position < end:
        match = _OPENING.search(markup, position)
        if match is None:
            yield markup[position:]
            return
        if match.start() > position:
            yield markup[position : match.start()]
        closing, name, special = match.groups()
        if special:
            position = _after_comment(markup, match.start(), special)
            continue
        rest = _REST.match(markup, match.end())
        if rest is None:
            return  # an end of file inside a tag: nothing more is shown
        position = rest.end()
        name = name.lower()
        if closing:
            yield EndTag(name)
            continue
        written = markup[match.end() : position - 1]
        yield Tag(name, _attributes(written) if written else {}, written.endswith("/"))
        if name in _RAW:
            close = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(markup, position)
            position = close.start() if close else end


def _after_comment(markup: str, start: int, special: str) -> int:
    if markup.startswith("<!--", start):
        if markup.startswith((">", "->"), start + 4):
            return markup.index(">", start + 4) + 1
        end = _COMMENT_END.search(markup, start + 4)
        return end.end() if end else len(markup)
    close = markup.find(">", start + 2 if special == "/" else start + 1)
    return close + 1 if close >= 0 else len(markup)


def _attributes(written: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for match in _ATTRIBUTE.finditer(written[:20_000]):
        name, double, single, bare = match.groups()
        value = double if double is not None else single if single is not None else bare or ""
        found.setdefault(name.lower(), unescape(value) if "&" in value else value)
        if len(found) >= MAX_ATTRIBUTES:
            break
    return found


def shown(markup: str) -> Iterator[Token]:
    """Return the tags and texts that a reader would see: without hidden elements and all that is in them."""
    open_names: list[str] = []
    count: Counter[str] = Counter()
    hidden_at = MAX_OPEN + 1  # the length of the stack at which the outermost hidden element stands
    for token in tokens(markup):
        if isinstance(token, str):
            if len(open_names) < hidden_at:
                yield token
        elif isinstance(token, Tag):
            name = token.name
            if name in _INLINE_IN_P and count["p"] and open_names[-1] == "p":
                open_names.pop()
                count["p"] -= 1
                hidden_at = MAX_OPEN + 1 if len(open_names) < hidden_at else hidden_at
            visible = len(open_names) < hidden_at
            hides = visible and is_hidden(name, token.attributes)
            if name not in VOID and len(open_names) < MAX_OPEN:
                open_names.append(name)
                count[name] += 1
                if hides:
                    hidden_at = len(open_names)
            elif name not in VOID and visible:
                hides, hidden_at = True, len(open_names)
            if visible and not hides:
                yield token
        elif count[token.name]:
            visible = len(open_names) < hidden_at
            while True:
                closed = open_names.pop()
                count[closed] -= 1
                if closed == token.name:
                    break
            if visible:
                yield token
            elif len(open_names) < hidden_at:
                hidden_at = MAX_OPEN + 1
