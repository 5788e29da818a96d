"""Did all go well? What Pulse made of the demo's world, held against what the corpus says is true. Pure."""

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

from pulse.cli.demo.outcome import Outcome, path_of
from pulse.demo import corpus
from pulse.demo.corpus import hidden_text, load, wrong_sentences

if TYPE_CHECKING:
    from pulse.news.models import Article, Story
    from pulse.social.models import Post


@dataclass(frozen=True, slots=True)
class Promise:
    """One thing that must hold, and what was seen that speaks against it."""

    text: str
    against: tuple[str, ...] = ()

    @property
    def kept(self) -> bool:
        """Whether nothing speaks against it."""
        return not self.against


def promises(outcome: Outcome, *, max_posts: int) -> Iterator[Promise]:
    """Yield what must hold after the corrected version of an article has come out and posts were approved."""
    yield Promise("copies of one text are one story, and no story mixes two events", tuple(_folded_wrongly(outcome)))
    yield Promise("copies count as one source", tuple(_counted_wrongly(outcome)))
    yield Promise("no post says what is wrong", tuple(_wrong(outcome)))
    yield Promise("text that only machines see is nowhere", tuple(_hidden(outcome)))
    yield Promise("every sentence names the place in a source that it rests on", tuple(_without_receipt(outcome)))
    yield Promise("the correction has arrived", tuple(_uncorrected(outcome)))
    yield Promise("everything that was approved is published", tuple(_unpublished(outcome, max_posts)))
    yield Promise("the broken source says why it fails, and no other does", tuple(_sources(outcome)))


def _folded_wrongly(outcome: Outcome) -> Iterator[str]:
    # Independent reports of one event may be stories of their own: they share no text.
    for story in outcome.stories:
        mixed = {_known(article).event for article in story.articles}
        if len(mixed) > 1:
            yield f"{story.title!r} mixes {', '.join(sorted(mixed))}"
    places: dict[tuple[str, str, str], set[UUID]] = defaultdict(set)
    for story in outcome.stories:
        for article in story.articles:
            known = _known(article)
            places[known.event, known.language, known.independent].add(story.id)
    wanted = {(article.event, article.language, article.independent) for article in load().articles}
    for event, language, independent in sorted(wanted):
        found = len(places[event, language, independent])
        if found != 1:
            yield f"what {independent} wrote about {event} ({language}) is in {found} stories"


def _counted_wrongly(outcome: Outcome) -> Iterator[str]:
    for story in outcome.stories:
        independent = len({_known(article).independent for article in story.articles})
        if story.independent_sources != independent:
            yield f"{story.title!r}: {story.independent_sources} instead of {independent}"


def _known(article: "Article") -> corpus.Article:
    return _by_path()[path_of(article)]


@cache
def _by_path() -> dict[str, corpus.Article]:
    return {article.path: article for article in load().articles}


def story_of(outcome: Outcome, event: str) -> "Story | None":
    """Return the largest story about an event of the corpus."""
    found = [story for story in outcome.stories if any(_known(article).event == event for article in story.articles)]
    return max(found, key=lambda story: story.article_count, default=None)


def _wrong(outcome: Outcome) -> Iterator[str]:
    """Every post, also those taken back, must be free of what was always wrong; live ones of what is wrong now."""
    always = {normal(sentence) for sentences in wrong_sentences().values() for sentence in sentences}
    now = {normal(sentence) for sentences in wrong_sentences(corrected=True).values() for sentence in sentences}
    for post in outcome.posts:
        forbidden = now if post in outcome.live_posts else always
        for said in [post.content["title"], *(sentence["text"] for sentence in post.content["sentences"])]:
            if normal(said) in forbidden:
                yield f"{post.channel_kind}: {said}"


def normal(text: str) -> str:
    """Return a sentence without what does not change its meaning: quotation marks, case, spacing, the full stop."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(re.sub(r"[\"'“”„‟«»‹›‘’‚]", "", plain).split()).rstrip(".!…")


def _hidden(outcome: Outcome) -> Iterator[str]:
    hidden = [normal(text) for texts in hidden_text().values() for text in texts]
    for article in outcome.articles:
        if any(text in normal(article.content) for text in hidden):
            yield f"article {article.url}"
    for post in outcome.posts:
        if any(text in normal(f"{post.text} {post.content}") for text in hidden):
            yield f"post {post.id}"


def _without_receipt(outcome: Outcome) -> Iterator[str]:
    texts = {str(article.id): article.content for article in outcome.articles}
    for post in outcome.live_posts:
        for sentence in post.content["sentences"]:
            if not any(_holds(citation, texts) for citation in sentence["citations"]):
                yield sentence["text"]


def _holds(citation: dict[str, Any], texts: dict[str, str]) -> bool:
    text = texts.get(citation["article_id"], "")
    return bool(citation["quote"]) and text[citation["start"] : citation["end"]] == citation["quote"]


def _uncorrected(outcome: Outcome) -> Iterator[str]:
    for article in load().articles:
        if article.correction is None:
            continue
        found = [one for one in outcome.articles if path_of(one) == article.path]
        if not found or found[0].revision < 2:
            yield f"{article.slug} is still its first version"


def _unpublished(outcome: Outcome, max_posts: int) -> Iterator[str]:
    decided = [post for post in outcome.live_posts if post.state != "draft"]
    for post in decided:
        if post.state != "published" or not post.url:
            yield f"{post.channel_kind} post {post.id} is {post.state}: {(post.error or {}).get('message', '')}"
    published = Counter(post.channel_kind for post in decided)
    if max_posts and not published["site"]:
        yield "nothing was published on the site"


def _sources(outcome: Outcome) -> Iterator[str]:
    broken = {source.slug for source in load().sources for feed in source.feeds if feed.answer == "failing"}
    for source in outcome.sources:
        failing = any(f"/{slug}/" in source.url for slug in broken)
        if failing != (source.state == "failing"):
            yield f"{source.title} is {source.state}: {source.last_error or ''}"
        elif failing and not source.last_error:
            yield f"{source.title} does not say why it fails"


def receipt_problems(post: "Post", status: int, page: str) -> Iterator[str]:
    """Yield what is wrong with a post's page on the site: `page` is its text as a reader sees it."""
    if status != 200:
        yield f"{post.url} answers with HTTP {status}"
        return
    shown = normal(page)
    for sentence in post.content["sentences"]:
        if normal(sentence["text"]) not in shown:
            yield f"{post.url} does not show: {sentence['text']}"
        for citation in sentence["citations"]:
            if normal(citation["quote"]) not in shown:
                yield f"{post.url} does not show the source's words: {citation['quote']}"
