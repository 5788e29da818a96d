"""Atomic claims without a model: a sentence taken apart where its own punctuation and words do so. Pure."""

import re

from pulse.llm.words import Words

_JOINTS = re.compile(r"\s*;\s+|,\s+(?=and\s|but\s|while\s)|；")
_SHORTEST = 3
"""Words of a clause worth checking by itself."""


def split_claims(sentence: str, words: Words) -> tuple[str, ...]:
    """Return the clauses of a sentence, each with its end mark; the sentence itself where it is one claim.

    A clause is only ever a candidate: the gate decides on it as on any other sentence, so that a bad cut costs a clause
    and never lets a false one through.
    """
    end = sentence[-1] if sentence and not sentence[-1].isalnum() else "."
    parts = [part.strip(" ,;；") for part in _JOINTS.split(sentence.rstrip(".!?。")) if part.strip()]
    clauses = []
    for part in parts:
        bare = re.sub(r"^(?:and|but|while)\s+", "", part)
        if words.unspaced or len(bare.split()) >= _SHORTEST:
            clauses.append(bare[0].upper() + bare[1:] + end)
    return tuple(clauses) if len(clauses) > 1 else (sentence,)
