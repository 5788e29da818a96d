"""Tones: how a summary is to sound, and what can honestly be done about it without a model. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from pulse.llm.extract.readable import dangles
from pulse.llm.shapes import Layer, Proof, SummarySentence, Verdict
from pulse.llm.tokens import tokenize
from pulse.llm.verify.reading import Reading
from pulse.llm.verify.stream import read
from pulse.llm.words import Words

CASUAL, FORMAL, QUESTION, STATISTIC = "casual_tone", "formal_tone", "question_hook", "statistic_lead"
PLAIN = "plain"
"""Asks for no tone, whatever the niche has."""


@dataclass(frozen=True, slots=True)
class Tone:
    """`instructions` tell a model what to do; `examples` are texts that sound right, never a source of facts."""

    name: str
    instructions: str
    examples: tuple[str, ...] = ()


BUILT_IN: Mapping[str, Tone] = {
    CASUAL: Tone(CASUAL, "Plain, friendly everyday words, as to a friend. Short sentences. No slang, no jokes."),
    FORMAL: Tone(FORMAL, "Sober and precise, as in a paper of record. No contractions, no exclamation marks."),
    QUESTION: Tone(QUESTION, "Begin with one short question that the sentences after it answer."),
    STATISTIC: Tone(STATISTIC, "Begin with the sentence that holds the most telling number."),
}

QUESTIONS: Mapping[str, str] = {
    "en": "What is known about {name}?",
    "fr": "Que sait-on de {name} ?",
    "es": "¿Qué se sabe de {name}?",
    "it": "Che cosa si sa di {name}?",
    "pt": "O que se sabe sobre {name}?",
    "nl": "Wat is er bekend over {name}?",
}
"""Questions that claim nothing but that the name is in the news. Languages that inflect names are left out."""

_YEAR = re.compile(r"(?:1[89]|20)\d\d")


@dataclass(frozen=True, slots=True)
class Toned:
    """The sentences in their tone; `unavailable` says why they are as they were."""

    sentences: tuple[SummarySentence, ...]
    unavailable: str | None = None


def offline(name: str, sentences: Sequence[SummarySentence], words: Words) -> Toned:
    """Give verified sentences a tone without a model, or say why that cannot be done. No word of theirs is changed."""
    kept = tuple(sentences)
    if not kept:
        return Toned(kept, "there is no verified sentence to work with")
    if name == STATISTIC:
        return _statistic(kept, words)
    if name == QUESTION:
        return _question(kept, words)
    return Toned(kept, f"{name} needs a model to write it; the sentences are the sources' own")


def telling(text: str, words: Words) -> float:
    """Return how telling a sentence's best number is, 0 where it has none: shares and money before counts, no years."""
    weights = [0.0]
    for amount in Reading(read(text, words), words).amounts:
        if amount.unit:
            weights.append(2.0 if amount.unit in "%‰$€£¥" else 1.5)
        elif len(amount.value) > 1 and not _YEAR.fullmatch(amount.value):
            weights.append(1.0)
    return max(weights)


def question_about(sentence: str, words: Words) -> str | None:
    """Return the question that a sentence answers by being there: about the name it begins with, or None."""
    template = QUESTIONS.get(words.language)
    if template is None:
        return None
    reading = Reading(read(sentence, words), words)
    known, found = set(reading.names), list[str]()
    for word in sentence.split():
        bare = word.rstrip(",.;:")
        if bare not in known or bare.lower() in words.stop or reading.dates & {bare.lower()}:
            break
        found.append(bare)
        if bare != word:
            break
    return template.format(name=" ".join(found)) if found else None


def prove_question(sentence: str, following: str, answer: Verdict, words: Words) -> Verdict | None:
    """Return the verdict on a question that is the one about the proven sentence after it, or None where it is not."""
    if not answer.supported or sentence != question_about(following, words):
        return None
    return Verdict(True, answer.probability, (), answer.citations, Proof.COMPOSED, Layer.PROOF)


def _statistic(sentences: tuple[SummarySentence, ...], words: Words) -> Toned:
    weights = [
        0.0 if dangles(tokenize(sentence.text), words) else telling(sentence.text, words) for sentence in sentences
    ]
    best = max(range(len(sentences)), key=lambda place: (weights[place], -place))
    if not weights[best]:
        return Toned(sentences, "no verified sentence that stands alone holds a telling number")
    ordered = [sentences[best]]
    before = -1
    for place, sentence in enumerate(sentences):
        if place == best:
            continue
        # What leans on a sentence that no longer stands before it would lean on another one.
        if dangles(tokenize(sentence.text), words) and (place - 1 != before or before == best):
            continue
        ordered.append(sentence)
        before = place
    return Toned(tuple(ordered))


def _question(sentences: tuple[SummarySentence, ...], words: Words) -> Toned:
    first = sentences[0]
    question = question_about(first.text, words)
    if question is None:
        why = "the first verified sentence begins with no name" if words.language in QUESTIONS else "no question fits"
        return Toned(sentences, f"{why}, so that a question about it could not be proven")
    verdict = prove_question(question, first.text, first.verdict, words) if first.verdict else None
    if verdict is None:
        return Toned(sentences, "the first sentence is not proven, and a question about it would not be either")
    return Toned((SummarySentence(question, first.citations, replace(verdict, citations=first.citations)), *sentences))
