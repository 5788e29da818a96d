"""What a post says and where it has it from: the data every channel renders and the receipt shows.

All text that came from outside is cleaned on the way in (`clean`), so that no channel has to think of control
characters, and every address is http(s), so that no page can carry a `javascript:` link.
"""

import re
from datetime import UTC
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

# White space, and what XML 1.0 cannot hold (control characters, lone surrogates, U+FFFE, U+FFFF), become one space.
# Embeddings and overrides of text direction vanish: they could make a link read as another one. Marks and joiners
# (RLM, ZWJ …) stay, because Arabic, Persian and emoji need them.
_SPACES = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]+")
_DIRECTION_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")


def clean(text: str) -> str:
    """Return `text` on one line, fit for HTML, XML and JSON."""
    return _SPACES.sub(" ", _DIRECTION_OVERRIDES.sub("", text)).strip()


def _clean_if_text(value: object) -> object:
    return clean(value) if isinstance(value, str) else value


def _web_address(address: str) -> str:
    if urlsplit(address).scheme not in ("http", "https") or re.search(r"[\s\x00-\x1f\x7f-\x9f<>\"]", address):
        raise ValueError("not an http or https address")
    return address


Text = Annotated[str, BeforeValidator(_clean_if_text), Field(max_length=20_000)]
SaidText = Annotated[Text, Field(min_length=1)]
WebAddress = Annotated[str, Field(max_length=4_000), AfterValidator(_web_address)]
Moment = Annotated[AwareDatetime, AfterValidator(lambda moment: moment.astimezone(UTC))]
LanguageTag = Annotated[str, StringConstraints(pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")]
Tag = Annotated[str, StringConstraints(pattern=r"^[\p{L}\p{M}\p{N}_]*\p{L}[\p{L}\p{M}\p{N}_]*$", max_length=64)]
"""Without the `#`."""


class Shape(BaseModel):
    """The base of the models here: frozen, and nothing unknown is let through."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Citation(Shape):
    """The place in a source that a sentence rests on. `start` and `end` are code points of the article's text."""

    article_id: str
    source_name: Text
    url: WebAddress
    title: Text = ""
    quote: SaidText
    start: int = Field(ge=0)
    end: int = Field(ge=0)


class Verdict(Shape):
    """What the verifier said of a sentence."""

    supported: bool
    probability: float | None = Field(None, ge=0, le=1)
    verifier: Text
    """Name and version, for example `gate/1`."""
    reasons: tuple[Text, ...] = ()


class Sentence(Shape):
    """One sentence of a summary with its receipt."""

    text: SaidText
    citations: tuple[Citation, ...]
    verdict: Verdict


class Source(Shape):
    """One report the story was told from."""

    name: Text
    url: WebAddress
    title: Text = ""
    published_at: Moment | None = None


class Correction(Shape):
    """Something said after publication about what was wrong."""

    at: Moment
    text: SaidText


class PostContent(Shape):
    """A story as it is to be published: every sentence is supported, what was not is in `dropped`."""

    niche: Annotated[SaidText, Field(max_length=100)]
    title: SaidText
    language: LanguageTag = "und"
    """BCP 47; `und` when nobody knows."""
    sentences: tuple[Sentence, ...] = Field(min_length=1)
    dropped: tuple[Sentence, ...] = ()
    story_url: WebAddress
    """Where the post sends its reader: the permanent page with the receipt, or the story itself."""
    sources: tuple[Source, ...] = ()
    tags: tuple[Tag, ...] = ()
    published_at: Moment | None = None
    """Set when the post is frozen, if it is not set before."""
    corrections: tuple[Correction, ...] = ()
    written_by: Text | None = None
    """The person who wrote it, who answers for it and is named on the receipt; None: Pulse did."""

    @model_validator(mode="after")
    def _only_supported_sentences(self) -> Self:
        """Be the last gate before any channel: what the verifier did not support cannot even be written down here."""
        for sentence in self.sentences:
            if not sentence.verdict.supported and self.written_by is None:
                raise ValueError(f"not supported by its sources: {sentence.text[:80]!r}")
        return self
