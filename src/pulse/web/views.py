"""What the pages read out of the services' answers. Tolerant: a service may be newer than the pages."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from pulse.i18n import doubts
from pulse.llm.shapes import SOFT
from pulse.social.counting import MastodonLimits, Use, bluesky_use, mastodon_use
from pulse.social.models import Post


class View(BaseModel):
    """Frozen; what is not known here is left out."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Citation(View):
    """The place in a source that a sentence rests on; `start` and `end` in code points of the article's text."""

    article_id: str = Field("", validation_alias=AliasChoices("article_id", "article"))
    source: str = Field("", validation_alias=AliasChoices("source", "source_name"))
    url: str = ""
    title: str = ""
    quote: str = ""
    start: int = 0
    end: int = 0


class Reason(View):
    """A doubt: its code, where the service gave one, and the words that raise it."""

    code: str = Field("", validation_alias=AliasChoices("code", "doubt"))
    detail: str = ""


def _reasons(value: Any) -> Any:
    return [_reason(item) if isinstance(item, str) else item for item in value or ()]


def _reason(said: str) -> dict[str, str]:
    code, detail = doubts.read(said)
    return {"code": code, "detail": detail}


Reasons = Annotated[list[Reason], BeforeValidator(_reasons)]


class Verdict(View):
    """What the verifier said. Silence counts as not supported."""

    supported: bool = False
    probability: float | None = None
    verifier: str = ""
    proof: str | None = None
    layer: str | None = None
    judge: str | None = None
    """Name and version."""
    asks_person: bool = Field(False, validation_alias="needs_person")
    reasons: Reasons = []

    @property
    def needs_person(self) -> bool:
        """Return whether nothing speaks against the sentence but that nobody has proven it."""
        only_soft = bool(self.reasons) and all(reason.code in SOFT for reason in self.reasons)
        return not self.supported and (self.asks_person or only_soft)

    @property
    def tone(self) -> str:
        """Return how it is coloured."""
        return "good" if self.supported else "doubt" if self.needs_person else "bad"

    @property
    def decided_by(self) -> str | None:
        """Return the layer that decided, or how the sentence was proven."""
        return self.proof or self.layer


class Sentence(View):
    """One sentence with its receipt. `independent` counts sources that do not copy each other, where it is known."""

    text: str
    citations: list[Citation] = []
    verdict: Verdict = Verdict()
    independent: int | None = Field(None, validation_alias=AliasChoices("independent", "independent_sources"))

    @property
    def quotes(self) -> list[tuple[str, list[Citation]]]:
        """Return each quoted text once, with everybody who printed it: copies are one quotation."""
        by_words: dict[str, list[Citation]] = {}
        for citation in self.citations:
            by_words.setdefault(" ".join(citation.quote.split()), []).append(citation)
        return [(citations[0].quote, citations) for citations in by_words.values()]


class Dropped(View):
    """A sentence that was not let through, and why. Posts keep the reasons inside a verdict."""

    text: str
    reasons: Reasons = []
    verdict: Verdict = Verdict()

    @property
    def why(self) -> list[Reason]:
        """Return the reasons, wherever they stand."""
        return self.reasons or self.verdict.reasons


class SourceCited(View):
    """A report the story was told from."""

    name: str = ""
    url: str = ""
    title: str = ""
    published_at: datetime | None = None


class Receipt(View):
    """Sentences and what they rest on: the content of a post."""

    title: str = ""
    language: str | None = None
    sentences: list[Sentence] = []
    dropped: list[Dropped] = []
    doubtful: list[Sentence] = []
    """Sentences in other words than the sources', which a person may decide on."""
    sources: list[SourceCited] = []


class Summary(Receipt):
    """A checked summary of a story."""

    id: UUID
    story_id: UUID | None = None
    confidence: float | None = None
    engine: str = ""
    model: str | None = None
    prompt_version: str | None = None
    fallback: str | None = None
    created_at: datetime


class WentWrong(View):
    """What went wrong last with a post, and what to do."""

    message: str = ""
    next_step: str = ""


class ShownPost(Post):
    """A post and, where the service says it, how much of the channel's limit its text uses."""

    used: int | None = None
    limit: int | None = None
    unit: str = "characters"

    @property
    def use(self) -> Use | None:
        """Return how much of the channel's limit the text uses.

        Where the service does not say, it is counted here; a Mastodon server's own limit is then not known, and the
        usual one is taken only while it is kept.
        """
        if self.used is not None:
            return Use(self.used, self.limit, self.unit, self.limit is None or self.used <= self.limit)
        if self.channel_kind == "bluesky":
            return bluesky_use(self.text)
        if self.channel_kind == "mastodon":
            counted = mastodon_use(self.text, MastodonLimits())
            return counted if counted.fits else replace(counted, limit=None)
        return None

    @property
    def told(self) -> Receipt:
        """Return the post's content, read tolerantly."""
        return Receipt.model_validate(self.content)

    @property
    def went_wrong(self) -> WentWrong | None:
        """Return the last error; what a person gave as a reason for turning it down is one too."""
        return WentWrong.model_validate(self.error) if self.error else None


class Happening(View):
    """One entry of a post's history."""

    version: int = 0
    event: str
    at: datetime
    data: dict[str, Any] = {}

    @property
    def gave_text(self) -> bool:
        """Return whether the post got a text then."""
        return self.event in ("post.drafted", "post.edited")


class Checked(View):
    """A text that was laid before the verifier: its sentences with their verdicts."""

    sentences: list[Sentence] = []

    @property
    def unproven(self) -> int:
        """Return how many sentences the sources do not prove."""
        return sum(not sentence.verdict.supported for sentence in self.sentences)


class Attempt(Receipt):
    """A summary that was written to be compared and is not kept."""

    engine: str = ""
    model: str | None = None
    prompt_version: str | None = None
    confidence: float | None = None
    fallback: str | None = None


class Tried(View):
    """Two summaries of one story: with the prompt in use, and with another one."""

    current: Attempt
    other: Attempt


class Period(View):
    """What a day or a month may cost and has cost, in US dollars. `cap` None: no limit is set."""

    cap: float | None = None
    spent: float = 0.0
    reserved: float = 0.0
    """Set aside for calls that are under way."""

    @property
    def used_up(self) -> bool:
        """Return whether no call fits any more."""
        return self.cap is not None and self.spent + self.reserved >= self.cap


class NicheBudget(View):
    """The caps of one niche's day and month."""

    niche: str
    day: Period = Period()
    month: Period = Period()


class Budget(View):
    """The caps of the day and the month, and of the niches that have caps of their own."""

    day: Period = Period()
    month: Period = Period()
    niches: list[NicheBudget] = []


class Cost(View):
    """What calls for one thing cost in US dollars."""

    name: str | None = None
    calls: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0


class LedgerEntry(View):
    """One call of a model, and what it cost in US dollars."""

    at: datetime
    niche: str | None = None
    story_id: UUID | None = None
    stage: str = ""
    model: str = ""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0


class Figures(View):
    """The four live figures (requirement 8.1). `success_rate` is 0 to 1; None: nothing to count yet."""

    articles_per_minute: float | None = None
    active_jobs: int | None = None
    success_rate: float | None = None
    engagement_score: float | None = None
    at: datetime | None = None
