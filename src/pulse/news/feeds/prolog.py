"""What a document is, from its first tag, without parsing it; and its document type declaration, taken out."""

import re
from dataclasses import dataclass, field

_TAG = re.compile(r"<([A-Za-z_][\w.:-]*)")
_ENTITY = re.compile(r"<!ENTITY\s+([A-Za-z_][\w.-]{0,60})\s+(?:\"([^\"&%<]{0,200})\"|'([^'&%<]{0,200})')\s*>")


MAX_PARTS = 1_000
"""Comments, instructions and stray characters before the first tag that are passed over."""


@dataclass(frozen=True, slots=True)
class Prolog:
    """What comes before the first tag, read.

    `root` is that tag in lower case, or empty; `text` the document without its DOCTYPE; `entities` the harmless ones
    among those declared there: they hold no references, so none can grow.
    """

    root: str
    text: str
    entities: dict[str, str] = field(default_factory=dict)


def read_prolog(text: str) -> Prolog:
    """Read up to the first tag. Linear in the length of the prolog."""
    start = text.find("<")
    if start < 0:
        return Prolog("", text)
    text = text[start:] if start else text
    position = 0
    entities: dict[str, str] | None = None
    for _ in range(MAX_PARTS):
        position = text.find("<", position)
        if position < 0:
            break
        if text.startswith("<?", position):
            end = text.find("?>", position)
        elif text.startswith("<!--", position):
            end = text.find("-->", position + 4)
        elif entities is None and text[position : position + 9].upper() == "<!DOCTYPE":
            end = _doctype_end(text, position)
            declared = text[position:end]
            entities = {match[1]: match[2] or match[3] or "" for match in _ENTITY.finditer(declared)}
            text = text[:position] + text[end + 1 :]
            continue
        else:
            match = _TAG.match(text, position)
            if match is None:
                position += 1
                continue
            return Prolog(match[1].lower(), text, entities or {})
        if end < 0:
            break
        position = end + 1
    return Prolog("", text, entities or {})


def _doctype_end(text: str, start: int) -> int:
    """Return where the `>` of a DOCTYPE is, its internal subset in brackets included; the end if it has none."""
    bracket, close = text.find("[", start), text.find(">", start)
    if close < 0:
        return len(text)
    if 0 <= bracket < close:
        end = re.compile(r"\]\s*>").search(text, bracket)
        return end.end() - 1 if end else close
    return close
