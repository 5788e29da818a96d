"""How long a text is to a reader."""

import regex

_CLUSTER = regex.compile(r"\X")


def count_characters(text: str) -> int:
    """Count what a reader counts: grapheme clusters."""
    return len(text) if text.isascii() else len(_CLUSTER.findall(text))
