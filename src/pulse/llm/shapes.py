"""The data of the llm room: what goes into a summary, what comes out, and the verdict on each sentence."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a text: `text == whole[start:end]`, offsets in code points."""

    index: int
    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Article:
    """One report of a story. `authority` is 0 to 1; `independent` is False for a copy of another article's text.

    `published` is the moment that the text is of, None where that is not sure: `yesterday` is the day before it.
    """

    id: str
    title: str
    text: str
    language: str | None = None
    published: datetime | None = None
    source: str = ""
    authority: float = 0.5
    independent: bool = True


@dataclass(frozen=True, slots=True)
class Story:
    """Articles that tell the same event, the one to lead with first. `keywords` are what its niche is about."""

    articles: tuple[Article, ...]
    language: str | None = None
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a summary may be. Characters are those a reader counts (grapheme clusters)."""

    max_characters: int = 600
    min_sentences: int = 2
    max_sentences: int = 4


@dataclass(frozen=True, slots=True, order=True)
class Citation:
    """A sentence of a source: `index` counts from 0 in what `sentences.split` gives for the article's text."""

    article: str
    index: int


@dataclass(frozen=True, slots=True)
class SourceSentence:
    """A sentence of a source with its place in it, and the moment that it is of, None where that is not sure."""

    article: str
    index: int
    text: str
    language: str | None = None
    published: datetime | None = None

    @property
    def citation(self) -> Citation:
        """How this sentence is cited."""
        return Citation(self.article, self.index)


class Doubt(StrEnum):
    """Why a sentence is not supported. The codes are part of the public contract."""

    EMPTY = "empty"
    NO_SOURCE = "no_source"
    TOO_LONG = "too_long"
    HIDDEN_CHARACTERS = "hidden_characters"
    MIXED_SCRIPT = "mixed_script"
    NOT_PLAIN = "not_plain"
    NUMBER = "number"
    UNIT = "unit"
    QUALIFIER = "qualifier"
    NAME = "name"
    DATE = "date"
    NEGATION = "negation"
    MODALITY = "modality"
    CONDITION = "condition"
    QUANTIFIER = "quantifier"
    ATTRIBUTION = "attribution"
    QUOTE = "quote"
    QUESTION = "question"
    DIRECTION = "direction"
    ORDER = "order"
    WORD = "word"
    REWRITTEN = "rewritten"
    NOT_ENTAILED = "not_entailed"
    NOT_JUDGED = "not_judged"
    DANGLING = "dangling"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Reason:
    """One doubt and the words of the sentence (or of its source) that raise it."""

    doubt: Doubt
    detail: str

    def as_dict(self) -> dict[str, str]:
        """Return the reason as a value for JSON."""
        return {"code": str(self.doubt), "detail": self.detail}


SOFT = frozenset({Doubt.WORD, Doubt.REWRITTEN, Doubt.NOT_ENTAILED, Doubt.NOT_JUDGED})
"""Doubts that say only that the words are not the source's: a person, or a judge of entailment, may decide."""


class Layer(StrEnum):
    """Which layer of the gate decided."""

    PROOF = "proof"
    RULES = "rules"
    ENTAILMENT = "entailment"


class Proof(StrEnum):
    """How support was proven."""

    VERBATIM = "verbatim"
    NOTATION = "notation"
    COMPRESSED = "compressed"
    REARRANGED = "rearranged"
    """The same speaker and the same statement, in another order."""
    COMPOSED = "composed"
    """A template of ours over source sentences that are cited: it says what they say, or that they disagree."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the gate says of one sentence.

    `supported` means proven, or entailed without a doubt: nothing else may be published without a person. `layer`
    decided it; `judge` is the name and version of the one asked, `entailment` what it said where that decided nothing.
    `probability` (0 to 1) ranks sentences by how likely their sources support them; it is at least 0.95 for the proven.
    `citations` name the proving source sentences, or the nearest ones.
    """

    supported: bool
    probability: float
    reasons: tuple[Reason, ...] = ()
    citations: tuple[Citation, ...] = ()
    proof: Proof | None = None
    layer: Layer = Layer.RULES
    judge: str | None = None
    entailment: float | None = None

    @property
    def needs_person(self) -> bool:
        """True where no rule is broken and only the proof is missing: a person (or an entailment model) may decide."""
        return not self.supported and bool(self.reasons) and all(reason.doubt in SOFT for reason in self.reasons)

    def as_dict(self) -> dict[str, Any]:
        """Return the verdict as a value for JSON."""
        return {
            "supported": self.supported,
            "probability": round(self.probability, 4),
            "reasons": [reason.as_dict() for reason in self.reasons],
            "citations": [{"article": citation.article, "sentence": citation.index} for citation in self.citations],
            "proof": str(self.proof) if self.proof else None,
            "layer": str(self.layer),
            "judge": self.judge,
            "entailment": self.entailment,
        }

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> "Verdict":
        """Return the verdict that `as_dict` made the value of."""
        return cls(
            supported=value["supported"],
            probability=value["probability"],
            reasons=tuple(Reason(Doubt(reason["code"]), reason["detail"]) for reason in value["reasons"]),
            citations=tuple(Citation(place["article"], place["sentence"]) for place in value["citations"]),
            proof=Proof(value["proof"]) if value["proof"] else None,
            layer=Layer(value["layer"]),
            judge=value["judge"],
            entailment=value["entailment"],
        )


@dataclass(frozen=True, slots=True)
class SummarySentence:
    """A sentence of a draft or of a summary, the source sentences it rests on, and the gate's verdict once it is known.

    `disputed_by` are source sentences that tell the same with another number, date or negation.
    """

    text: str
    citations: tuple[Citation, ...]
    verdict: Verdict | None = None
    disputed_by: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens a provider counted for one call; `estimated` when it did not say and the upper bound is ours.

    `cached_tokens` are those of the prompt that it had read before, which most bill at less.
    """

    prompt_tokens: int
    completion_tokens: int
    estimated: bool = False
    cached_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Stage:
    """One step towards a summary, as it is stored and shown: `key` is a hash of its input."""

    name: str
    key: str
    output: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Summary:
    """A summary whose every sentence is proven, what was dropped on the way and why, and how it was made.

    `doubtful` sentences break no rule and are not proven: a person may decide. `unavailable` says why the wanted tone
    or language could not be had. `engine` is `extractive` or `provider:model`; `fallback` says why the extractive
    engine took over; `reason` says why there is no sentence at all. `confidence` is 0 to 1, see `stages.confidence`.
    """

    sentences: tuple[SummarySentence, ...]
    dropped: tuple[SummarySentence, ...]
    confidence: float
    engine: str
    verifier_version: str
    language: str | None = None
    prompt_version: str | None = None
    fallback: str | None = None
    reason: str | None = None
    usage: Usage | None = None
    stages: tuple[Stage, ...] = field(default=())
    doubtful: tuple[SummarySentence, ...] = ()
    tone: str | None = None
    unavailable: str | None = None

    @property
    def text(self) -> str:
        """The sentences in reading order as one text."""
        return join_sentences(tuple(sentence.text for sentence in self.sentences), self.language)


def join_sentences(texts: tuple[str, ...], language: str | None) -> str:
    """Join sentences into a text: with a space, or with nothing in languages that write none."""
    unspaced = (language or "").lower().split("-")[0] in {"zh", "ja", "th", "lo", "km", "my"}
    return ("" if unspaced else " ").join(texts)
