"""Which sentence of an article may be shown on its own, and how it is shown."""

import re

import regex

from pulse.llm.folding import find_mixed_script, strip_hidden
from pulse.llm.tokens import Tokens, is_capitalised, tokenize
from pulse.llm.verify.deletions import DATELINE
from pulse.llm.words import Words

_FEWEST_WORDS, _MOST_WORDS = 5, 60
_FEWEST_SIGNS, _MOST_SIGNS = 10, 150
_LONGEST_BOILERPLATE = 25
_LINK = re.compile(r"https?:|www\.|\S@\S|(?:^|\s)[@#]\w|\w\.(?:com|org|net|co\.uk|de|fr|ru)\b|[<>{}|\\]")
_BYLINE = regex.compile(
    r"(?:By|BY|Von|Por|Par|Di|Door|Automatisch|Foto|Photo|Image|Credit|Quelle|Source)\b:?\s(?:\p{Lu}[\p{L}.'-]+\s?){1,4}(?:[,|/].{0,60})?\.?$"
)
_BULLET = re.compile(r"^\s*(?:[•◦▪‣●○■□◆◇►▶★*·]|[–—-]\s)\s*")
_ENDS_WELL = re.compile(r"[.!。！।۔][\"'”’»)\]」』]*$")
_LOOSE_END = re.compile(r"(?<=[\w\"'”’)]) +(?=[.,]( |$))")
_QUOTE_MARKS = '"“”„«»「」『』'


def clean(text: str, words: Words) -> tuple[str, Tokens]:
    """Return a source sentence as readers see it, on one line, without bullet, dateline and connecting first word.

    The gate knows the same deletions; what is left are the source's words.
    """
    text = " ".join(strip_hidden(text).split())
    if not text[:1].isalnum():
        text = _BULLET.sub("", text)
    if " ." in text or " ," in text:
        text = _LOOSE_END.sub("", text)
    if ("(" in text or "电" in text or "【" in text) and (dateline := DATELINE.match(text)):
        text = text[dateline.end() :]
    tokens = tokenize(text)
    connector = words.connectors.at(tokens)
    if connector is None or len(tokens.folded) != len(text) or connector.last >= len(tokens):
        return text, tokens
    if tokens.texts[connector.last] == ",":
        rest = text[tokens.starts[connector.last] + 1 :].lstrip()
    elif connector.meaning in words.bare_connectors:
        rest = text[tokens.starts[connector.last] :]
    else:
        return text, tokens
    text = rest[:1].upper() + rest[1:]
    return text, tokenize(text)


def why_unreadable(text: str, tokens: Tokens, words: Words) -> str | None:
    """Return why a cleaned sentence must not be shown, or None."""
    counted, signs = tokens.kinds.count("w") + tokens.kinds.count("n"), tokens.kinds.count("s")
    if not (_FEWEST_WORDS <= counted <= _MOST_WORDS or _FEWEST_SIGNS <= signs <= _MOST_SIGNS) or counted > _MOST_WORDS:
        return "length"
    if tokens.kinds.count("m") + tokens.kinds.count("n") > 0.45 * len(tokens):
        return "table"
    bare = text.rstrip(_QUOTE_MARKS + "'’) ")
    if bare.endswith(("?", "？", "؟", "…", "..")) or bare.rstrip(" .").endswith((":", "：", ",", ";")):
        return "question or fragment"
    if _LINK.search(text) or find_mixed_script(text):
        return "link"
    if _unbalanced(text, tokens):
        return "half a quotation"
    if _BYLINE.match(text) or (counted <= _LONGEST_BOILERPLATE and any(True for _ in words.boilerplate.find(tokens))):
        return "boilerplate"
    if sum(map(str.isupper, tokens.texts)) > 0.6 * counted:
        return "capitals"
    return None


def quality(text: str, tokens: Tokens) -> float:
    """Return 0 to 1: how well a sentence that may be shown reads by itself."""
    value = 1.0 if _ENDS_WELL.search(text) else 0.3
    if text[:1] in _QUOTE_MARKS + "'‘":
        value *= 0.5
    if (
        tokens.kinds[:1] == "w"
        and not is_capitalised(tokens.texts[0])
        and tokens.texts[0].islower()
        and tokens.texts[0].isascii()
    ):
        value *= 0.5
    return value


def dangles(tokens: Tokens, words: Words) -> bool:
    """Say whether a sentence leans on the one before it: it begins with a pronoun or a word that connects."""
    if words.dangling.at(tokens) is not None:
        return True
    connector = words.connectors.at(tokens)
    return connector is not None and tokens.texts[connector.last : connector.last + 1] == (",",)


def _unbalanced(text: str, tokens: Tokens) -> bool:
    for opening, closing in (("“", "”"), ("«", "»"), ("(", ")"), ("[", "]"), ("「", "」")):
        if text.count(opening) != text.count(closing) and not (opening == "“" and "„" in text):
            return True
    return tokens.folded.count('"') % 2 == 1 or ("'" in tokens.texts and _single_quoted(tokens.folded))


_OPENS = regex.compile(r"(?:^|[\s(])'(?=\p{L})")
_CLOSES = regex.compile(r"(?<=[\p{L}.,!?%)])'(?=$|[\s.,;:!?)])")


def _single_quoted(folded: str) -> bool:
    """More single quotes open than close: a quotation goes on in another sentence."""
    return len(_OPENS.findall(folded)) > len(_CLOSES.findall(folded)) or (
        not _OPENS.search(folded) and folded.rstrip().endswith("'")
    )
