"""One spelling for what readers see as the same character, and the characters that readers do not see at all.

Unlike NFKC this keeps superscripts, fractions and circled digits apart from plain digits: folding 10² to 102
would let a false number pass for a true one.
"""

import re
import unicodedata

import regex

_ZEROS = (0x660, 0x6F0, 0x966, 0x9E6, 0xA66, 0xAE6, 0xB66, 0xBE6, 0xC66, 0xCE6, 0xD66, 0xE50, 0xED0, 0x1040, 0x17E0)
_COMPATIBLE = frozenset(
    {"wide", "narrow", "noBreak", "compat", "font", "small", "initial", "medial", "final", "isolated"}
)
_COMPATIBLE_RANGES = (
    (0xA0, 0x2FF), (0x1E9A, 0x1E9B), (0x2000, 0x206F), (0x2100, 0x214F), (0x3000, 0x33FF), (0xFB00, 0xFFEF),
    (0x1D400, 0x1D7FF),
)  # fmt: skip


def _table() -> dict[int, str]:
    table: dict[int, str] = {}
    for first, last in _COMPATIBLE_RANGES:
        for code in range(first, last + 1):
            kind, _, rest = unicodedata.decomposition(chr(code)).partition(" ")
            if kind.startswith("<") and kind[1:-1] in _COMPATIBLE and not rest.startswith("0020 03"):
                table[code] = unicodedata.normalize("NFKC", chr(code))
    for zero in _ZEROS:
        table |= {zero + digit: str(digit) for digit in range(10)}
    table |= dict.fromkeys(map(ord, "“”„‟«»″〝〞『』「」＂"), '"')
    table |= dict.fromkeys(map(ord, "‘’‚‛ʼʹ′`´＇‹›"), "'")
    table |= dict.fromkeys(map(ord, "‐‑‒–—―−﹣－"), "-")
    table |= dict.fromkeys(map(ord, "\u00a0\u1680\u2002\u2003\u2007\u2009\u200a\u202f\u205f\u3000"), " ")
    table |= {ord("٪"): "%", ord("٫"): ".", ord("٬"): ",", ord("،"): ",", ord("؛"): ";", ord("؟"): "?", ord("ـ"): ""}
    return table


_TABLE = _table()

# Default-ignorable characters, format controls, tags and the other controls: nothing a reader sees.
_INVISIBLE = regex.compile(r"[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\p{Co}\p{Cs}--\t\n\r\x0b\x0c\x85]", regex.V1)
_RARE = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]")
_INNOCENT = regex.compile(
    r"""
    (?<=[\p{Arabic}\p{Devanagari}\p{Bengali}\p{Gurmukhi}\p{Gujarati}\p{Oriya}\p{Tamil}\p{Telugu}\p{Kannada}
         \p{Malayalam}\p{Sinhala}\p{Khmer}\p{Myanmar}\p{Mongolian}\p{Mn}])[\u200c\u200d]     # joiners that spell words
    | (?<=[\p{Emoji}\ufe0f])\u200d(?=\p{Extended_Pictographic})                     # joined emoji
    | (?<=[\p{Emoji}\u20e3])[\ufe0e\ufe0f]                                                    # emoji or text style
    | (?<=\U0001f3f4)[\U000e0061-\U000e007a\U000e0030-\U000e0039]{1,6}\U000e007f              # flags of regions
    """,
    regex.V1 | regex.X,
)
_DIRECTION_MARKS = regex.compile("[\u200e\u200f\u061c]")
_RIGHT_TO_LEFT = regex.compile(r"(?=\p{L})[\p{Arabic}\p{Hebrew}\p{Syriac}\p{Thaana}]")
_LOOKALIKES = regex.compile(r"[\p{Latin}\p{Cyrillic}\p{Greek}\p{Armenian}\p{Cherokee}\p{M}]+")
_SCRIPTS = {name: regex.compile(rf"\p{{{name}}}") for name in ("Latin", "Cyrillic", "Greek", "Armenian", "Cherokee")}


def fold(text: str) -> str:
    """Return text in NFC with one form of quotes, dashes, spaces, digits and widths, and nothing invisible.

    Offsets are not kept. The case of letters is.
    """
    if text.isascii():
        visible = text if text.isprintable() else _INVISIBLE.sub("", text)
        return visible.replace("`", "'").replace("''", '"')
    text = unicodedata.normalize("NFC", text)
    visible = text if _all_visible(text) else _INVISIBLE.sub("", text)
    return visible.translate(_TABLE).replace("''", '"')


def find_hidden(text: str) -> str | None:
    """Return the first character a reader cannot see and that has no honest business there, as `U+200B`, or None."""
    found = None if _all_visible(text) else _INVISIBLE.search(_without_innocent(text))
    return f"U+{ord(found[0]):04X}" if found else None


def strip_hidden(text: str) -> str:
    """Return text without its invisible characters; joiners that spell words or emoji stay."""
    if _all_visible(text):
        return text
    kept: list[str] = []
    position = 0
    for innocent in _INNOCENT.finditer(text):
        kept += [_INVISIBLE.sub("", text[position : innocent.start()]), innocent[0]]
        position = innocent.end()
    kept.append(_INVISIBLE.sub("", text[position:]))
    return "".join(kept)


def _all_visible(text: str) -> bool:
    """Say quickly that nothing is invisible; False says only that something may be."""
    return text.isprintable() and (text.isascii() or _RARE.search(text) is None)


def find_mixed_script(text: str) -> str | None:
    """Return the first word that mixes alphabets with look-alike letters (Latin p in a Cyrillic word), or None."""
    if text.isascii():
        return None
    for word in _LOOKALIKES.findall(text):
        if not word.isascii() and sum(1 for script in _SCRIPTS.values() if script.search(word)) > 1:
            return str(word)
    return None


def _without_innocent(text: str) -> str:
    text = _INNOCENT.sub("", text)
    return _DIRECTION_MARKS.sub("", text) if _RIGHT_TO_LEFT.search(text) else text
