"""Posts that can be told from each other, wherever they end up."""

import re

_NUMBER = re.compile(r"Post number (\d+)")


def sentence(number: int) -> str:
    """Return the text of post `number`."""
    return f"Post number {number:06d} says that the count stands at {number}."


def number_in(text: str) -> int:
    """Return the number of the post that `text` is, -1 for any other."""
    found = _NUMBER.search(text)
    return int(found[1]) if found else -1
