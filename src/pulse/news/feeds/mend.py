"""The mistakes in XML that a machine can put right: they are most of those that feeds make."""

import re
from html.entities import html5

ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
"""Characters that XML 1.0 forbids."""
_AMPERSAND = re.compile(r"&(?:(#[0-9]{1,10}|#[xX][0-9a-fA-F]{1,8}|[A-Za-z_][\w.-]{0,60});)?")
MOST = 200_000
"""Mistakes of a kind that are mended between two CDATA sections; what has more is hostile."""
_PREDEFINED = frozenset(("amp", "lt", "gt", "quot", "apos"))
_DECLARATION = re.compile(r"<\?xml\s[^<>]{0,200}\?>")
_NO_TAG = re.compile(r"<(?![A-Za-z_/!?])")


def mend(text: str) -> str:
    """Return the text without characters XML forbids, bare `&` and `<` escaped, HTML's entities resolved.

    What is inside CDATA stays as it is, except for forbidden characters. Linear in the length of the text.
    """
    text = ILLEGAL.sub("", text)
    if not text.startswith("<?xml"):
        text = _DECLARATION.sub("", text, count=1)
    parts, position = [], 0
    while True:
        start = text.find("<![CDATA[", position)
        end = text.find("]]>", start) if start >= 0 else -1
        if end < 0:
            parts.append(_mend_plain(text[position:]))
            return "".join(parts)
        parts.append(_mend_plain(text[position:start]))
        parts.append(text[start : end + 3])
        position = end + 3


def _mend_plain(text: str) -> str:
    if "&" in text:
        text = _AMPERSAND.sub(_reference, text, count=MOST)
    return _NO_TAG.sub("&lt;", text, count=MOST)


def _reference(match: re.Match[str]) -> str:
    name = match[1]
    if name is None:
        return "&amp;"
    if name.startswith("#"):
        number = int(name[2:], 16) if name[1] in "xX" else int(name[1:])
        legal = (
            number in (9, 10, 13)
            or 0x20 <= number < 0xD800
            or 0xE000 <= number < 0xFFFE
            or 0x10000 <= number < 0x110000
        )
        return match[0] if legal else ""
    if name in _PREDEFINED or name + ";" not in html5:
        return match[0]
    return "".join(f"&#{ord(character)};" for character in html5[name + ";"])
