"""Sentences of a text in any language, with their places in it.

The rules of some 300 languages come from `sentencex`; what it is known to miss is mended here: line ends, headings and
bullets, apostrophes taken for quotation marks, brand names in lower case, abbreviations and ordinals of our languages.
"""

import re
from functools import cache

import regex
import sentencex

from pulse.llm.language import guess
from pulse.llm.shapes import Sentence
from pulse.llm.words import words

_LINE_END = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
_BULLET = re.compile(r"\s*(?:[•◦▪‣●○■□◆◇►▶★*–—·-]|\(?\d{1,3}[.)])\s")
_APOSTROPHES = re.compile("['’‘`]")
_QUOTES_AND_BRACKETS = re.compile("['’‘`\"“”„«»「」『』()\\[\\]]")
_ENDS_SENTENCE = re.compile(r"[.!?。！？؟।…][\"'”’»)\]」』]*$")
_MISSED = regex.compile(
    r"""(?<=[\p{L}\p{N}%]{2}[.!?]['’]?)\s+(?=['‘“"«]?\p{Ll}\p{Lu})                       # "rose. eBay fell."
      | (?<=[\p{Ll}\p{N}%]{2}[.!?…]['’])\s+(?=['‘“"«¿¡]?\p{Lu})                        # "Really.' Then"
      | (?<=[。！？][」』”]?)(?=\p{N})                                                       # "欧元。2024年"
      | (?<=[\p{L}\p{N}%)]\s[.!?])\s+(?=['‘“"«¿¡]?[\p{Lu}\p{N}])                         # "Augusta . McIlroy"
    """,
    regex.X,
)
_CLOSING = re.compile(r"['’\"”»)\]]+(?=\s|$)")
_INITIAL = regex.compile(r"(?:^|[\s.(])\p{Lu}\.\s*$")
_ORDINAL = re.compile(r"(?:^|\s)\d{1,2}\.\s*$")
_LAST_WORD = regex.compile(r"(?:^|[\s(\[\"'“„«’])([\p{L}.]+)\.\s*$")
_JAPANESE_QUOTED = re.compile(r"(?:と|って|など|という|との)")
_NOTHING = regex.compile(r"[\p{P}\p{S}\s]*")
_LONG = 400


def split(text: str, language: str | None = None) -> tuple[Sentence, ...]:
    """Split `text` into sentences, in order.

    `language` is a code like `en` or `pt-BR`; None guesses it. Spans do not overlap and hold
    every character that is not a space. Any text is accepted; an empty one gives ().
    """
    code = (language or _likely_language(text)).lower().replace("_", "-").split("-")[0]
    pieces = [span for start, end in _blocks(text) for span in _mend(text, _segment(text, start, end, code), code)]
    found: list[Sentence] = []
    for start, end in pieces:
        piece = text[start:end]
        if stripped := piece.strip():
            start += len(piece) - len(piece.lstrip())
            found.append(Sentence(len(found), stripped, start, start + len(stripped)))
    return tuple(found)


def _blocks(text: str) -> list[tuple[int, int]]:
    """Cut at line ends, except where a hard-wrapped sentence goes on in the next line."""
    lines: list[tuple[int, int]] = []
    start = 0
    for match in _LINE_END.finditer(text):
        lines.append((start, match.end()))
        start = match.end()
    lines.append((start, len(text)))
    blocks: list[tuple[int, int]] = []
    wrapped = False
    for first, last in lines:
        line = text[first:last].strip()
        if wrapped and line[:1].islower() and not _BULLET.match(line):
            blocks[-1] = (blocks[-1][0], last)
        else:
            blocks.append((first, last))
        wrapped = len(line) > 30 and not _ENDS_SENTENCE.search(line)
    return blocks


def _segment(text: str, start: int, end: int, language: str) -> list[tuple[int, int]]:
    block = text[start:end]
    if not block.strip():
        return []
    pieces = _pieces(_APOSTROPHES.sub("ʼ", block), start, language)
    found = []
    for first, last in pieces:
        if (
            last - first > _LONG
            and len(inner := _pieces(_QUOTES_AND_BRACKETS.sub("ʼ", text[first:last]), first, language)) > 1
        ):
            found += inner
        else:
            found.append((first, last))
    return found


def _pieces(block: str, start: int, language: str) -> list[tuple[int, int]]:
    pieces = []
    position = start
    for piece in sentencex.segment(language or "en", block):
        pieces.append((position, position + len(piece)))
        position += len(piece)
    # A splitter that loses or adds a character would shift every citation after it: then the block stays whole.
    return pieces if position == start + len(block) else [(start, start + len(block))]


def _mend(text: str, pieces: list[tuple[int, int]], language: str) -> list[tuple[int, int]]:
    mended: list[tuple[int, int]] = []
    for start, end in pieces:
        if mended and (closing := _CLOSING.match(text, start, end)):
            mended[-1] = (mended[-1][0], closing.end())
            start = closing.end()
        if mended and _belongs_together(text[mended[-1][0] : mended[-1][1]], text[start:end], language):
            mended[-1] = (mended[-1][0], end)
        else:
            mended.append((start, end))
    found = []
    for start, end in mended:
        for missed in _MISSED.finditer(text, start, end):
            found.append((start, missed.start()))
            start = missed.end()
        found.append((start, end))
    return found


def _belongs_together(left: str, right: str, language: str) -> bool:
    if _NOTHING.fullmatch(right) or _NOTHING.fullmatch(left):
        return True
    if _BULLET.fullmatch(left):
        return True
    if language == "ja" and left.rstrip().endswith(("」", "』")) and _JAPANESE_QUOTED.match(right):
        return True
    tail = left[-24:]
    if words(language).ordinal_dot and _ORDINAL.search(tail):
        return True
    last = _LAST_WORD.search(tail)
    if last is None:
        return False
    word = last[1].lower()
    # "M. Dupont", "J. Smith"; but "Hepatitis C." ends a sentence before an ordinary word more often than not.
    return word in _abbreviations(language) or bool(len(left) <= 4 and _INITIAL.search(left))


@cache
def _abbreviations(language: str) -> frozenset[str]:
    return words(language).abbreviations


_SCRIPTS = tuple(
    (regex.compile(rf"\p{{{name}}}"), language)
    for name, language in (
        ("Hangul", "ko"), ("Hebrew", "he"), ("Greek", "el"), ("Devanagari", "hi"), ("Bengali", "bn"), ("Thai", "th"),
        ("Tamil", "ta"), ("Armenian", "hy"), ("Georgian", "ka"), ("Myanmar", "my"), ("Khmer", "km"), ("Ethiopic", "am"),
    )
)  # fmt: skip


def _likely_language(text: str) -> str:
    """Return a language whose sentence rules fit the text's beginning, by its script or its words."""
    sample = text[:500]
    if not sample.isascii():
        for script, language in _SCRIPTS:
            if len(script.findall(sample)) > len(sample) // 5:
                return language
    return guess(sample) or "en"
