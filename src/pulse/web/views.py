"""What the pages read out of the services' answers. Tolerant: a service may be newer than the pages."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import AliasChoices, BaseModel, BeforeValidator, ConfigDict, Field

from pulse.social.counting import MastodonLimits, Use, bluesky_use, mastodon_use
from pulse.social.models import Post

Reasons = Annotated[list[str], BeforeValidator(lambda value: list(value or ()))]


class View(BaseModel):
    """Frozen; what is not known here is left out."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)


class Citation(View):
    """The place in a source that a sentence rests on; `start` and `end` in code points of the article's text."""

    article_id: str = ""
    source: str = Field("", validation_alias=AliasChoices("source", "source_name"))
    url: str = ""
    title: str = ""
    quote: str = ""
    start: int = 0
    end: int = 0


class Verdict(View):
    """What the verifier said. Silence counts as not supported."""

    supported: bool = False
    probability: float | None = None
    verifier: str = ""
    reasons: Reasons = []


class Sentence(View):
    """One sentence with its receipt."""

    text: str
    citations: list[Citation] = []
    verdict: Verdict = Verdict()


class Dropped(View):
    """A sentence that was not let through, and why. Posts keep the reasons inside a verdict."""

    text: str
    reasons: Reasons = []
    verdict: Verdict = Verdict()

    @property
    def why(self) -> list[str]:
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
    sources: list[SourceCited] = []


class Summary(Receipt):
    """A checked summary of a story."""

    id: UUID
    story_id: UUID | None = None
    confidence: float | None = None
    engine: str = ""
    model: str | None = None
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
    def receipt(self) -> Receipt:
        """Return the post's content, read tolerantly."""
        return Receipt.model_validate(self.content)

    @property
    def went_wrong(self) -> WentWrong | None:
        """Return the last error; what a person gave as a reason for turning it down is one too."""
        return WentWrong.model_validate(self.error) if self.error else None


class Happening(View):
    """One entry of a post's history."""

    event: str
    at: datetime
    data: dict[str, Any] = {}


class Figures(View):
    """The four live figures (requirement 8.1). `success_rate` is 0 to 1; None: nothing to count yet."""

    articles_per_minute: float | None = None
    active_jobs: int | None = None
    success_rate: float | None = None
    engagement_score: float | None = None
    at: datetime | None = None
