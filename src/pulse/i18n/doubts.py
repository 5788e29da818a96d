"""The words for why a sentence is not supported by its sources. Pure."""

import re
from collections.abc import Mapping

from pulse.i18n.translator import Translator, message

DOUBTS: Mapping[str, str] = {
    "empty": message("There is no text"),
    "no_source": message("It names no source sentence"),
    "too_long": message("It is too long to be checked"),
    "hidden_characters": message("It holds characters that nobody sees"),
    "mixed_script": message("A word mixes alphabets"),
    "not_plain": message("It holds what is not plain text"),
    "number": message("No source has this number"),
    "unit": message("The unit is another one in the source"),
    "qualifier": message("A word like “about” or “at least” changes the number"),
    "name": message("No source has this name"),
    "date": message("No source has this date"),
    "negation": message("One says “not” where the other does not"),
    "modality": message("The source is less certain, or more"),
    "condition": message("A condition of the source is missing"),
    "quantifier": message("“All”, “some” or “none” is another one in the source"),
    "attribution": message("Who says it is missing, or another one"),
    "quote": message("No source has these words in quotation marks"),
    "question": message("It asks, and the source states"),
    "direction": message("It rises where the source falls, or the other way round"),
    "order": message("The words stand in an order that changes who does what"),
    "word": message("No source has this word"),
    "rewritten": message("It is said in other words; whether they mean the same is for a person to judge"),
    "not_entailed": message("The judge does not find it in the sources"),
    "not_judged": message("The judge gave no verdict"),
    "dangling": message("It points back to a sentence that is not there"),
    "failed": message("The check did not come to an end"),
}
"""Why a sentence is not supported, in words, by the code of the doubt."""


def read(said: str) -> tuple[str, str]:
    """Return a doubt as it is stored (`number: 95`) as its code and the words that raise it.

    What is no code, as a person's own words, is detail alone.
    """
    coded = re.fullmatch(r"([a-z_]+)(?:: (.*))?", said, re.DOTALL)
    return (coded[1], coded[2] or "") if coded else ("", said)


def in_words(code: str, detail: str, translator: Translator) -> str:
    """Return a doubt for people to read: what it is, and the words that raise it."""
    if not code:
        return detail
    known = DOUBTS.get(code)
    words = translator.text(known) if known else code.replace("_", " ").capitalize()
    return f"{words}: {detail}" if detail else words
