"""From a story to the text of a post: whole sentences, the link, and tags if there is room. Pure."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from pulse.social.channels.port import Facet, Part
from pulse.social.counting import Use, byte_length, urls
from pulse.social.errors import TextTooLong
from pulse.social.shapes import PostContent

_MENTION = re.compile(r"(?<![/\w])@(?=\w)")

Measure = Callable[[str], Use]

# Sentences that end with one of these need no space after them.
_FULL_WIDTH_ENDS = ("。", "！", "？", "」", "』", "）")


@dataclass(frozen=True, slots=True)
class Fitted:
    """A text within its limit: `sentences` from the story's beginning, `left_out` from its end."""

    parts: tuple[Part, ...]
    text: str
    use: Use
    sentences: int
    left_out: int


def fit(story: PostContent, measure: Measure, prepare: Callable[[str], str] = str) -> Fitted | TextTooLong:
    """Return as many of the story's sentences as fit with its link, from the beginning, never part of one.

    Tags come along only when everything else fits. If not even one sentence fits, the title stands in for them.
    `measure` counts a text the platform's way; `prepare` is applied to each sentence and to the title first.
    """
    said = [prepare(sentence.text) for sentence in story.sentences]
    attempts = [
        (said, story.tags),
        *((said[:count], ()) for count in range(len(said), 0, -1)),
        ([prepare(story.title)], ()),
    ]
    for number, (sentences, tags) in enumerate(attempts):
        parts = tuple(_parts(joined(sentences), story.story_url, tags))
        text = "".join(part.text for part in parts)
        use = measure(text)
        if use.fits:
            count = 0 if number == len(attempts) - 1 else len(sentences)
            return Fitted(parts, text, use, count, len(said) - count)
    return TextTooLong(
        f"the title with the link takes {use.used} {use.unit}, {use.limit} are allowed",
        used=use.used,
        limit=use.limit,
        unit=use.unit,
    )


def without_mentions(text: str) -> str:
    """Return the text with a zero-width space in each `@name`.

    No platform shall notify a person because the name of an account stood in somebody's article.
    """
    return _MENTION.sub("@\u200b", text)


def facets(parts: Iterable[Part]) -> tuple[Facet, ...]:
    """Return where the links and tags among the parts stand, in UTF-8 bytes of the joined text."""
    found = []
    at = 0
    for part in parts:
        end = at + byte_length(part.text)
        if part.kind != "text":
            found.append(Facet(kind=part.kind, start=at, end=end, target=part.target))
        at = end
    return tuple(found)


def joined(sentences: Sequence[str]) -> str:
    """Return sentences as one text, with spaces where the script has them."""
    text = ""
    for sentence in sentences:
        text += sentence if not text or text.endswith(_FULL_WIDTH_ENDS) else f" {sentence}"
    return text


def _parts(body: str, link: str, tags: Sequence[str]) -> Iterable[Part]:
    at = 0
    for start, end in urls(body):
        if start > at:
            yield Part(kind="text", text=body[at:start])
        yield Part(kind="link", text=body[start:end], target=body[start:end])
        at = end
    yield Part(kind="text", text=f"{body[at:]}\n\n")
    yield Part(kind="link", text=link, target=link)
    for number, tag in enumerate(tags):
        yield Part(kind="text", text=" " if number else "\n\n")
        yield Part(kind="tag", text=f"#{tag}", target=tag)
