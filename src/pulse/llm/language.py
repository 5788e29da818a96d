"""Which of our languages a text is in, by its script and its commonest words: enough to choose a table."""

from collections import Counter
from functools import cache

import regex

from pulse.llm.tokens import tokenize
from pulse.llm.words import LANGUAGES, words

_KANA = regex.compile(r"[\p{Hiragana}\p{Katakana}]")
_HAN = regex.compile(r"\p{Han}")
_ARABIC = regex.compile(r"\p{Arabic}")
_CYRILLIC = regex.compile(r"\p{Cyrillic}")
_UKRAINIAN = regex.compile(r"[іїєґІЇЄҐ]")
_RUSSIAN = regex.compile(r"[ыэъёЫЭЪЁ]")
_LATIN = tuple(code for code in LANGUAGES if code not in {"ar", "ja", "ru", "uk", "zh"})
_SAMPLE = 2000


def guess(text: str) -> str | None:
    """Return the language of `text` among those that have a table, or None where nothing speaks for one."""
    sample = text[:_SAMPLE]
    if not sample.isascii():
        others = sum(map(str.isalpha, sample)) // 3
        if len(_HAN.findall(sample)) + (kana := len(_KANA.findall(sample))) > others:
            return "ja" if kana > others // 6 else "zh"
        if len(_ARABIC.findall(sample)) > others:
            return "ar"
        if len(_CYRILLIC.findall(sample)) > others:
            return "uk" if len(_UKRAINIAN.findall(sample)) > len(_RUSSIAN.findall(sample)) else "ru"
    languages = _languages_by_word()
    votes = Counter(code for word in tokenize(sample).lower for code in languages.get(word, ()))
    return max(votes, key=votes.__getitem__) if votes else None


@cache
def _languages_by_word() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for code in _LATIN:
        for word in words(code).stop:
            found[word] = (*found.get(word, ()), code)
    return found
