"""A sentence as a row of keys, in which other spellings of the same thing are the same key.

Equal rows mean equal sentences up to spacing, quotation marks, and the notations named here: `didn't` and `did not`,
`5 percent` and `5%`, `forty` and `40`, `1,000` and `1000`, `5 million` and `5,000,000`.
"""

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from decimal import Decimal

from pulse.llm.tokens import Tokens, tokenize
from pulse.llm.verify.quotations import is_quotation_mark
from pulse.llm.words import Words

QUOTE = '"'
TERMINALS = frozenset({".", "...", "!", "。", "।", "۔", "…"})
_BULLETS = frozenset({"-", "*", "•", "◦", "▪", "‣", "·", "●", "○", "■"})
_GROUPED = {False: re.compile(r"\d{1,3}(?:,\d{3})+"), True: re.compile(r"\d{1,3}(?:\.\d{3})+")}
_CONTRACTED = {"ca": "can", "wo": "will", "sha": "shall"}
_SHORT_VERBS = {"ve": "have", "re": "are", "ll": "will"}
"""What stands behind an apostrophe for one verb only: 's and 'd stand for several."""


@dataclass(frozen=True)
class Stream:
    """`keys`, and for each of them the first of its tokens; a key's tokens end where the next key's begin."""

    tokens: Tokens
    keys: tuple[str, ...]
    firsts: tuple[int, ...]

    def key_at(self, token: int) -> int:
        """Return the index of the first key that holds a token; the number of keys for one past the last token."""
        if token >= len(self.tokens):
            return len(self.keys)
        # `cannot` is one token and two keys.
        return bisect_left(self.firsts, self.firsts[bisect_right(self.firsts, token) - 1])

    def texts(self, first: int, last: int) -> tuple[str, ...]:
        """Return what the tokens of keys `first` up to and without `last` say."""
        end = self.firsts[last] if last < len(self.keys) else len(self.tokens)
        return self.tokens.texts[self.firsts[first] : end] if first < last else ()


def read(text: str, words: Words) -> Stream:
    """Return the stream of a sentence in the language of `words`."""
    tokens = tokenize(text)
    keys: list[str] = []
    firsts: list[int] = []
    position = 0
    while position < len(tokens):
        found, length = _key(tokens, position, words, keys)
        keys += found
        firsts += range(position, position + length) if len(found) == length else [position] * len(found)
        position += length
    return Stream(tokens, tuple(keys), tuple(firsts))


def core(keys: tuple[str, ...]) -> tuple[int, int]:
    """Return the range of keys without a bullet before and without full stops after."""
    first, last = 0, len(keys)
    while last > first and keys[last - 1] in TERMINALS:
        last -= 1
    if last - first > 1 and keys[0] in _BULLETS and not keys[1][0].isdigit() and keys[1][0] != "#":
        first = 1
    return first, last


def same_but_capital(one: str, other: str) -> bool:
    """Say whether two keys are the same but for the case of their first letter."""
    return one == other or (one[1:] == other[1:] and one[:1].lower() == other[:1].lower())


def number_value(text: str, decimal_comma: bool) -> Decimal:
    """Return what the digits of a number token say in a language with decimal commas or points."""
    group, point = (".", ",") if decimal_comma else (",", ".")
    if _GROUPED[decimal_comma].fullmatch(text.split(point)[0]):
        text = text.replace(group, "")
    parts = re.split(r"[.,]", text)
    return Decimal("".join(parts)) if len(parts) > 2 else Decimal(".".join(parts))


def _key(tokens: Tokens, position: int, words: Words, before: list[str]) -> tuple[list[str], int]:
    text, kind = tokens.texts[position], tokens.kinds[position]
    if kind == "n":
        return _number(tokens, position, words)
    if kind == "m":
        return [QUOTE if text == "'" and is_quotation_mark(tokens, position) else text], 1
    lower = tokens.lower[position]
    if lower == "n't" and before:
        before[-1] = _CONTRACTED.get(before[-1], before[-1])
        return ["not"], 1
    if words.language == "en":
        if lower == "cannot":
            return ["can", "not"], 1
        if lower == "'m":
            return ["am"], 1
        short = tokens.lower[position + 1] if text.endswith("'") and position + 1 < len(tokens) else ""
        if short in _SHORT_VERBS and tokens.starts[position + 1] == tokens.starts[position] + len(text):
            return [text[:-1], _SHORT_VERBS[short]], 2
    if words.unspaced:
        return [text], 1
    if (percent := words.percent.at(tokens, position)) is not None:
        return ["%"], percent.last - position
    if lower in words.number_words:
        return _spelled(tokens, position, words)
    return [text], 1


def _number(tokens: Tokens, position: int, words: Words) -> tuple[list[str], int]:
    text = tokens.texts[position]
    magnitude = None if words.unspaced else _magnitude(tokens, position + 1, words)
    if magnitude is not None:
        return [_amount(number_value(text, words.decimal_comma) * magnitude)], 2
    if _GROUPED[words.decimal_comma].fullmatch(text):
        return ["#" + re.sub(r"[.,]", "", text)], 1
    # Anything else keeps its digits as written: 1.50 is not 1.5 to somebody who counts decimals.
    return ["#" + text if text.isdigit() and not text.startswith("0") else text], 1


def _spelled(tokens: Tokens, position: int, words: Words) -> tuple[list[str], int]:
    value, length = words.number_words[tokens.lower[position]], 1
    if value >= 20 and tokens.texts[position + 1 : position + 2] == ("-",) and position + 2 < len(tokens):
        unit = words.number_words.get(tokens.lower[position + 2], 1 if tokens.lower[position + 2] == "one" else 0)
        if 0 < unit < 10:
            value, length = value + unit, 3
    magnitude = _magnitude(tokens, position + length, words)
    if magnitude is not None:
        return [_amount(value * magnitude)], length + 1
    return [f"#{value}"], length


def _magnitude(tokens: Tokens, position: int, words: Words) -> Decimal | None:
    return words.magnitudes.get(tokens.lower[position]) if position < len(tokens) else None


def _amount(value: Decimal) -> str:
    return f"#{value.normalize():f}"
