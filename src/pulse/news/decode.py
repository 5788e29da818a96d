"""Bytes of a feed or a page to text. What the sender says about the encoding is evidence, not truth."""

import codecs
import re
from typing import Final

_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_PATTERNS: Final = (
    (b"\0\0\0<", "utf-32-be"),
    (b"<\0\0\0", "utf-32-le"),
    (b"\0<\0", "utf-16-be"),
    (b"<\0", "utf-16-le"),
    (b"\x4c\x6f\xa7\x94", "cp037"),
)
"""How a document begins in encodings that are not supersets of ASCII (XML 1.0, appendix F)."""
_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_DECLARATION = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']\s*([A-Za-z0-9_.:-]{1,40})\s*[\"']")
_META = re.compile(rb"<meta\s[^>]{0,300}?charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{1,40})", re.IGNORECASE)
_SAME_AS: Final = {
    # The WHATWG Encoding Standard: what says the left is, in practice, the superset on the right.
    "iso8859-1": "cp1252", "ascii": "cp1252", "iso8859-9": "cp1254", "gb2312": "gb18030", "gbk": "gb18030",
    "shift_jis": "cp932", "euc_kr": "cp949", "iso8859-11": "cp874", "tis-620": "cp874", "utf-7": "utf-8",
}  # fmt: skip


def decode(body: bytes, content_type: str | None = None, *, html: bool = False) -> tuple[str, str | None]:
    """Return the text, and a warning if something about its encoding was wrong. Never fails.

    In order: byte order mark, the shape of the first bytes, UTF-8 if the bytes prove it, the Content-Type's charset,
    the XML declaration (of HTML also the meta element), Windows-1252. The first that decodes without error is taken.
    """
    for mark, name in _BOMS:
        if body.startswith(mark):
            return _lenient(body[len(mark) :], name)
    for start, name in _PATTERNS:
        if body.startswith(start):
            return _lenient(body, name)
    declared = _META.search(body, 0, 4_000) if html else None
    declared = declared or _DECLARATION.match(body.lstrip()[:400])
    evidence = _CHARSET.search(content_type or "")
    names = [evidence[1]] if evidence else []
    names += [declared[1].decode("ascii")] if declared else []
    stated = [name for name in map(_known, names) if name]
    if body.isascii() and not any(name.startswith(("utf-16", "utf-32", "utf_7", "iso2022", "hz")) for name in stated):
        return body.decode("ascii"), None
    wide = [name for name in stated if name.startswith(("utf-16", "utf-32"))]
    for name in [*(name for name in stated if name not in wide), "utf-8"]:
        if name in _ONE_BYTE and _is_utf8(body):
            return body.decode("utf-8"), f"says {name} but is utf-8"
        try:
            text = body.decode(name)
        except (UnicodeError, LookupError):
            continue
        return text, None if not stated or name == stated[0] else f"says {stated[0]} but is {name}"
    return _lenient(body, "cp1252", f"says {stated[0] if stated else 'nothing'} but is no valid text in it")


_ONE_BYTE: Final = frozenset(f"cp{number}" for number in (*range(1250, 1259), 437, 850, 866, 874)) | {
    *(f"iso8859-{number}" for number in range(1, 17)), "koi8-r", "koi8-u", "mac-roman",
}  # fmt: skip


def _is_utf8(body: bytes) -> bool:
    # Text in a one-byte encoding that happens to be valid UTF-8 with bytes above 127 does not occur in practice.
    try:
        body.decode("utf-8")
    except UnicodeError:
        return False
    return True


def _lenient(body: bytes, name: str, warning: str | None = None) -> tuple[str, str | None]:
    try:
        return body.decode(name), warning
    except UnicodeError:
        return body.decode(name, "replace"), warning or f"broken {name}"


def _known(name: str) -> str | None:
    try:
        found = codecs.lookup(name)
    except (LookupError, ValueError):
        return None
    if not found._is_text_encoding:  # base64 and the like are codecs too
        return None
    return _SAME_AS.get(found.name, found.name)
