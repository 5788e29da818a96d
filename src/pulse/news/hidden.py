"""Which elements of a page nobody sees. Their text must reach neither a reader nor a model."""

import re
from collections.abc import Mapping
from typing import Final

_UNSEEN_WORDS = """
script style template noscript iframe head title svg math textarea select option datalist button canvas audio video
dialog noembed noframes xmp plaintext rp
"""
UNSEEN_TAGS: Final = frozenset(_UNSEEN_WORDS.split())
"""Elements whose content is code, controls, or a stand-in for what this browser would show instead."""

_MAX_STYLE = 2_000
_UNSEEN_CLASSES = re.compile(
    r"(?:^|\s)(?:sr-only|screen-reader-text|screen-reader-only|visually-hidden|visuallyhidden|hidden|is-hidden|d-none|"
    r"display-none|invisible|hide)(?:\s|$)",
    re.IGNORECASE,
)
_SHOWN_ON_WIDE_SCREENS = re.compile(r"\w:(?:block|flex|grid|inline|table|contents)")
_UNSEEN_STYLE = re.compile(
    r"(?:^|;)(?:display:none|visibility:(?:hidden|collapse)|opacity:0*\.?0+(?:%|;|$|!)|"
    r"font-size:0*\.?0+(?:[a-z%]|;|$|!)|(?:left|top|right|bottom|text-indent|margin-left|margin-top):-\d{3,}|"
    r"clip:rect\([01][p,]|clip-path:(?:inset\((?:50|100)%|circle\(0)|transform:scale\(0[),]|mso-hide:all|"
    r"color:transparent|(?:max-)?(?:height|width):[01](?:px)?(?:;|$|!))",
    re.IGNORECASE,
)
_STYLE_NOISE = re.compile(r"/\*.*?\*/|\s+", re.DOTALL)
_STYLE_ESCAPE = re.compile(r"\\([0-9a-fA-F]{1,6})\s?|\\(.)", re.DOTALL)


def is_hidden(tag: str, attributes: Mapping[str, str]) -> bool:
    """Tell whether an element, as it stands in the markup, is not shown. Style sheets elsewhere are not consulted.

    `tag` and the names of attributes are in lower case.
    """
    if tag in UNSEEN_TAGS or tag == "input":
        return True
    if not attributes:
        return False
    if "hidden" in attributes or is_hidden_style(attributes.get("style", "")):
        return True
    classes = attributes.get("class", "")
    return _UNSEEN_CLASSES.search(classes) is not None and not _SHOWN_ON_WIDE_SCREENS.search(classes)


def is_hidden_style(style: str) -> bool:
    """Tell whether an inline style makes its element invisible, with CSS comments and escapes undone."""
    style = style[:_MAX_STYLE]
    if "\\" in style:
        style = _STYLE_ESCAPE.sub(_unescape, style)
    return bool(style) and _UNSEEN_STYLE.search(_STYLE_NOISE.sub("", style)) is not None


def _unescape(match: re.Match[str]) -> str:
    number = int(match[1], 16) if match[1] else 0
    return match[2] or (chr(number) if 0 < number < 0x110000 and not 0xD800 <= number < 0xE000 else "")
