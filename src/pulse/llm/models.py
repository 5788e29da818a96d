"""What the llm room shows."""

from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Model(BaseModel):
    """Frozen, as everything that travels."""

    model_config = ConfigDict(frozen=True)


class Citation(Model):
    """The place in a source that a sentence rests on. `start` and `end` are code points of the article's text."""

    article_id: UUID
    source: str
    url: str
    title: str
    sentence: int
    quote: str
    start: int
    end: int


class Verdict(Model):
    """What the verifier said of a sentence."""

    supported: bool
    probability: float
    reasons: list[str] = []
    verifier: str
    layer: str = "proof"
    """What decided: proof, rules or entailment."""
    judge: str | None = None
    """Name and version of the judge of entailment, where one was asked."""
    needs_person: bool = False
    """No rule speaks against it, and the proof is missing: a person may decide."""


class SummarySentence(Model):
    """A sentence of a summary with its receipt."""

    text: str
    citations: list[Citation]
    verdict: Verdict
    independent_sources: int = 1
    """Articles among the citations that are no copies of another one's text."""


class DroppedSentence(Model):
    """A sentence that was written and not let through."""

    text: str
    reasons: list[str]
    needs_person: bool = False


class Summary(Model):
    """A text in which every sentence is supported by the sources it cites."""

    id: UUID
    story_id: UUID | None
    niche: str | None
    title: str
    language: str | None
    text: str
    sentences: list[SummarySentence]
    dropped: list[DroppedSentence]
    confidence: float
    engine: str
    model: str
    verifier: str
    created_at: datetime
    doubtful: list[SummarySentence] = []
    """Sentences that break no rule and are not proven: only a person may let them into a post."""
    tone: str | None = None
    prompt_version: str | None = None
    fallback: str | None = None
    """Why the offline engine took over, if it did."""
    unavailable: str | None = None
    """Why the tone or the language that was asked for could not be had, if so."""
    stages: list[dict[str, Any]] = []
    """Input and output of each stage, where one summary is shown."""


class Tried(Model):
    """A summary that was written to compare prompts, and is not kept."""

    text: str
    language: str | None
    sentences: list[SummarySentence]
    dropped: list[DroppedSentence]
    doubtful: list[SummarySentence]
    """Written in other words than the sources': they wait for a person."""
    confidence: float
    engine: str
    prompt_version: str | None
    fallback: str | None
    """Why the offline engine took over, if it did."""


class Tone(Model):
    """A tone that summaries can have."""

    name: str
    description: str
    """What a model is told."""
    examples: list[str] = []
    niche: str | None = None
    """None: built in, for every niche."""


class BudgetPeriod(Model):
    """What a day or a month may cost and has cost, in US dollars."""

    cap: float | None
    spent: float
    reserved: float
    """Set aside for calls that are under way, or whose end is not known."""


class Budget(Model):
    """The caps of the day and the month (UTC), and what is spent of them."""

    day: BudgetPeriod
    month: BudgetPeriod
    niches: list["NicheBudget"] = []
    """Those that have caps of their own, within the tenant's."""


class NicheBudget(Model):
    """The same of one niche."""

    niche: str
    day: BudgetPeriod
    month: BudgetPeriod


class Cost(Model):
    """What the calls for one stage, niche, model, prompt or story cost, in US dollars; null is what belongs to none.

    `cached_tokens` are those of the prompts that a model had read before.
    """

    name: str | None
    calls: int
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    cost: float


class SentenceCost(Model):
    """What one sentence cost, in US dollars: what was asked about it alone, and its share of the rest."""

    text: str
    cost: float


class SummaryCosts(Model):
    """What was called for a story since its summary before this one, shared between this one's sentences.

    The sum of the sentences is `cost`, to the millionth of a dollar.
    """

    cost: float
    sentences: list[SentenceCost]


class LedgerEntry(Model):
    """One call of a model. `cost` is in US dollars; of a call whose end is not known, the most it can be."""

    id: UUID
    at: datetime
    niche: str | None
    story_id: UUID | None
    stage: str
    provider: str
    model: str
    state: str
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int = 0
    prompt_version: str | None = None
    sentence: str | None = None
    """The one sentence that the call was about, if it was one."""
    cost: float
    error: str | None
    seconds: float | None
