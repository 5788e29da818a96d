"""HTML from outside, as plain text and as HTML that is safe to show."""

import html
import re
from contextlib import suppress
from typing import Final

import nh3

from pulse.news.hidden import UNSEEN_TAGS, is_hidden_style
from pulse.news.tokens import BLOCKS, CELLS, Tag, Token, shown
from pulse.news.urls import absolute_url

MAX_MARKUP = 1_000_000
"""Characters of one article that are read; no article is longer."""

_TAG = re.compile(r"<(/?[a-zA-Z][^\s<>/]*)[^<>]*>")
_SUSPECT: Final = ("hidden", "hide", "-only", "screen-reader", "-none", "invisible")
"""Words of attributes that hide an element. In the prose they match too, which costs time, not truth."""
_STYLE = re.compile(r"style\s*=\s*(\"[^\"<>]*\"|'[^'<>]*'|[^\s<>]*)")
_OPENING = re.compile(r"<[a-zA-Z/!?]")
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Characters without a shape: they can hide words from a reader that a model would read."""
_C1 = re.compile("[\x80-\x9f]")
_MOJIBAKE = re.compile("[\xc2-\xf4][\x80-\xbf]")


class _Breaks(dict[str, str]):
    """What a tag leaves in the text: a line break, a space, or nothing. Filled with the spellings that occur."""

    def __missing__(self, tag: str) -> str:
        name = tag.lower().removeprefix("/")
        found = "\n" if name in BLOCKS else " " if name in CELLS else _CODE if name in UNSEEN_TAGS else ""
        if len(self) >= 2_000:
            self.clear()
        self[tag] = found
        return found


_CODE: Final = "\0"
_breaks = _Breaks()


def plain_text(markup: str) -> str:
    """Return what a reader would see of a piece of HTML, a line for each paragraph.

    Text without any tag keeps its own line breaks. Hidden elements, code and invisible characters are left out.
    """
    if "<" not in markup:
        text = html.unescape(markup) if "&" in markup else markup
        return tidy(text)
    markup = markup[:MAX_MARKUP]
    pieces = _TAG.split(_one_space(markup))
    pieces[1::2] = map(_breaks.__getitem__, pieces[1::2])
    if _CODE in pieces or _may_hide(markup):
        return _careful_text(markup)
    text = "".join(pieces)
    if ">" in text or ("<" in text and _OPENING.search(text)):
        return _careful_text(markup)  # a > inside an attribute, a comment: the quick way may have cut in a wrong place
    if "&" in text:
        text = html.unescape(text)
    return tidy(text)


def one_line(markup: str) -> str:
    """Return a title: plain text on one line."""
    text = plain_text(markup)
    return text.replace("\n", " ") if "\n" in text else text


def tidy(text: str) -> str:
    """Mend characters, collapse white space, and keep one line break where there were some."""
    if not text.isascii():
        text = mended(text)
        if _UNWANTED.search(text):
            text = _UNWANTED.sub("", text)
    lines = [" ".join(line.split()) for line in text.splitlines()]
    if not all(map(str.isprintable, lines)):
        lines = [" ".join(_UNWANTED.sub("", line).split()) for line in lines]
    return "\n".join(filter(None, lines))


def mended(text: str) -> str:
    """Undo two old mistakes: UTF-8 read as Latin-1 and written again, and Windows-1252 taken for control characters."""
    if _MOJIBAKE.search(text):
        with suppress(UnicodeError):
            text = text.encode("latin-1").decode("utf-8")
    if _C1.search(text):
        text = _C1.sub(lambda match: match[0].encode("latin-1").decode("cp1252", "ignore"), text)
    return text


def _may_hide(markup: str) -> bool:
    """Tell whether there is a sign that some element of the markup is not shown."""
    lowered = markup.lower()
    if any(word in lowered for word in _SUSPECT):
        return True
    return "style" in lowered and any(
        is_hidden_style(html.unescape(match[1]).strip("\"' ")) for match in _STYLE.finditer(lowered)
    )


def _one_space(text: str) -> str:
    """Turn line breaks of the source, which mean nothing in HTML, into spaces."""
    if "\n" in text:
        text = text.replace("\n", " ")
    return text.replace("\r", " ") if "\r" in text else text


def _careful_text(markup: str) -> str:
    pieces = []
    for token in shown(markup):
        if isinstance(token, str):
            pieces.append(_one_space(token))
        else:
            pieces.append("\n" if token.name in BLOCKS else " " if token.name in CELLS else "")
    text = "".join(pieces)
    return tidy(html.unescape(text) if "&" in text else text)


_ALLOWED_TAGS_WORDS = """
a abbr b blockquote br caption cite code dd del dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img ins kbd
li mark ol p pre q ruby rb rt s samp small span strong sub sup table tbody td tfoot th thead time tr u ul var wbr
"""
_ALLOWED_TAGS: Final = set(_ALLOWED_TAGS_WORDS.split())
_ALLOWED_ATTRIBUTES: Final = {
    "*": {"lang", "dir", "title"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start"},
    "time": {"datetime"},
    "q": {"cite"},
    "blockquote": {"cite"},
}
_KEPT: Final = frozenset().union(*_ALLOWED_ATTRIBUTES.values())
_LINKS: Final = frozenset(("href", "src", "cite"))


def clean_html(markup: str, base: str = "") -> str:
    """Return HTML that is safe to show: no code, no style, nothing hidden, links absolute to `base`, http(s) only."""
    if "<" not in markup:
        # As the writer of the other branch has it, so that cleaning twice is cleaning once.
        return html.escape(html.unescape(markup[:MAX_MARKUP]), quote=False).replace("\xa0", "&nbsp;")
    # Written again with what is visible, the markup is also small enough in every tag for a parser that builds a tree.
    written = "".join(map(_written, shown(markup[:MAX_MARKUP])))

    def attribute(_element: str, name: str, value: str) -> str | None:
        return absolute_url(base, value) if name in _LINKS else value

    return nh3.clean(
        written,
        tags=_ALLOWED_TAGS,
        attributes=_ALLOWED_ATTRIBUTES,
        attribute_filter=attribute,
        url_schemes={"http", "https"},
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def _written(token: Token) -> str:
    if isinstance(token, str):
        return token.replace("<", "&lt;")
    if token.name not in _ALLOWED_TAGS:
        return ""
    if isinstance(token, Tag):
        kept = (f' {name}="{html.escape(value)}"' for name, value in token.attributes.items() if name in _KEPT)
        return f"<{token.name}{''.join(kept)}>"
    return f"</{token.name}>"
