"""Words, numbers and signs of a text in any script.

Every character of the text that is not a space is in exactly one token, so that two texts with the same tokens differ
in spacing only. Scripts written without spaces give one token a character.
"""

import re
from dataclasses import dataclass
from functools import cached_property, lru_cache

import regex

from pulse.llm.folding import fold

_PATTERN = r"""
    \d+(?:[.,]\d+)*
  | {letter}++(?!')
  | {sign}
  | {letter}+(?=n't(?!{letter}))                                            # did|n't
  | n't(?!{letter})
  | (?<={letter})'(?:s|re|ve|ll|d|m)(?!{letter})
  | [A-Za-zÀ-ɏ]{{1,6}}'(?={letter}{{2}})(?!'(?:re|ve|ll)(?!{letter}))                   # l'|école, dell'|arte
  | {letter}+(?:'(?=[Ѐ-ӿ֐-׿؀-ۿ]){letter}+)*                   # п'ять
  | \.{{2,}} | -+ | \S
"""
_UNSPACED = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}ー々〆〇"
_PLAIN = re.compile(_PATTERN.format(letter=r"[^\W\d_]", sign=r"(?!)"), re.X)
_ANY = regex.compile(
    _PATTERN.format(letter=rf"[\p{{L}}\p{{M}}\p{{No}}\p{{Nl}}--[{_UNSPACED}]]", sign=rf"[{_UNSPACED}]\p{{M}}*"),
    regex.V1 | regex.X,
)
_NEEDS_ANY = regex.compile(rf"[\p{{M}}{_UNSPACED}]")
_SIGN = regex.compile(rf"[{_UNSPACED}]")


@dataclass(frozen=True)
class Tokens:
    """The tokens of a folded text."""

    folded: str
    texts: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def starts(self) -> tuple[int, ...]:
        """Where each token starts in `folded`."""
        found, position = [], 0
        for text in self.texts:
            position = self.folded.index(text, position)
            found.append(position)
            position += len(text)
        return tuple(found)

    @cached_property
    def lower(self) -> tuple[str, ...]:
        """The tokens in lower case."""
        return tuple([text.lower() for text in self.texts])

    @cached_property
    def kinds(self) -> str:
        """One letter a token: n number, s sign of an unspaced script, w word, m mark (punctuation, symbol)."""
        return "".join(map(_kind, self.texts))


def tokenize(text: str) -> Tokens:
    """Fold `text` and return its tokens."""
    folded = fold(text)
    pattern = _PLAIN if folded.isascii() or not _NEEDS_ANY.search(folded) else _ANY
    return Tokens(folded, tuple(pattern.findall(folded)))


def is_capitalised(word: str) -> bool:
    """Say whether a word starts with a capital or title-case letter."""
    return word[:1].isupper() or word[:1].istitle()


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Return a rough stem for comparing words across inflections: never used to prove anything, only to rank."""
    word = word.lower()
    return word[: max(5, len(word) - 4)] if len(word) > 5 else word.removesuffix("s") if len(word) > 3 else word


@lru_cache(maxsize=65_536)
def _kind(token: str) -> str:
    first = token[0]
    if first.isdecimal():
        return "n"
    if first.isalnum() or (first == "'" and len(token) > 1):
        return "s" if _SIGN.match(token) else "w"
    return "m"
