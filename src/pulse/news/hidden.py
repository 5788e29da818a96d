"""Which elements of a page nobody sees. Their text must reach neither a reader nor a model."""

import re
from typing import Final

from lxml.html import HtmlElement

_UNSEEN_TAGS_WORDS = """
script style template noscript iframe head title svg math textarea select option datalist button canvas
audio video dialog noembed noframes xmp plaintext rp
"""
UNSEEN_TAGS: Final = frozenset(_UNSEEN_TAGS_WORDS.split())
"""Elements whose content is code, controls, or a stand-in for what this browser would show instead."""

_UNSEEN_CLASSES = re.compile(
    r"(?:^|\s)(?:sr-only|screen-reader-text|screen-reader-only|visually-hidden|visuallyhidden|hidden|is-hidden|d-none|"
    r"display-none|invisible|hide)(?:\s|$)",
    re.IGNORECASE,
)
_SHOWN_ON_WIDE_SCREENS = re.compile(r"\w:(?:block|flex|grid|inline|table|contents)")
_UNSEEN_STYLE = re.compile(
    r"(?:^|;)(?:display:none|visibility:(?:hidden|collapse)|opacity:0*\.?0+(?:%|;|$|!)|font-size:0*\.?0+(?:[a-z%]|;|$|!)|"
    r"(?:left|top|right|bottom|text-indent|margin-left|margin-top):-\d{3,}|clip:rect\([01][p,]|"
    r"clip-path:(?:inset\((?:50|100)%|circle\(0)|transform:scale\(0[),]|mso-hide:all|color:transparent|"
    r"(?:max-)?(?:height|width):[01](?:px)?(?:;|$|!))",
    re.IGNORECASE,
)
_STYLE_NOISE = re.compile(r"/\*.*?\*/|\s+", re.DOTALL)
_STYLE_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?|\\(.)", re.DOTALL)


def is_hidden_style(style: str) -> bool:
    """Tell whether an inline style makes its element invisible, with CSS comments and escapes undone."""
    if "\\" in style:
        style = _STYLE_ESCAPE.sub(_unescape, style)
    return _UNSEEN_STYLE.search(_STYLE_NOISE.sub("", style)) is not None


def _unescape(match: re.Match[str]) -> str:
    number = int(match[1], 16) if match[1] else 0
    return match[2] or (chr(number) if 0 < number < 0x110000 and not 0xD800 <= number < 0xE000 else "")


def is_hidden(element: HtmlElement) -> bool:
    """Tell whether an element, as it stands in the markup, is not shown. Style sheets elsewhere are not consulted."""
    tag = element.tag
    if not isinstance(tag, str) or tag in UNSEEN_TAGS:
        return True
    attributes = element.attrib
    if not attributes:
        return False
    if "hidden" in attributes or tag == "input" or is_hidden_style(attributes.get("style", "")):
        return True
    classes = attributes.get("class", "")
    return _UNSEEN_CLASSES.search(classes) is not None and not _SHOWN_ON_WIDE_SCREENS.search(classes)


def drop_hidden(tree: HtmlElement) -> None:
    """Remove every hidden element from a tree, in place; the text that follows each stays."""
    elements = tree.iter()
    next(elements, None)
    doomed = [element for element in elements if is_hidden(element)]
    for element in doomed:
        parent = element.getparent()
        if parent is None:
            continue
        tail = element.tail or ""
        if tail:
            previous = element.getprevious()
            if previous is None:
                parent.text = (parent.text or "") + tail
            else:
                previous.tail = (previous.tail or "") + tail
            element.tail = None
        parent.remove(element)
