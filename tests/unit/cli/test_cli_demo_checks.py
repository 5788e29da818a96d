"""The demo's checks have teeth: a right outcome passes, and each way to be wrong is noticed."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

import pytest

from pulse.cli.demo.checks import Promise, normal, promises, receipt_problems
from pulse.cli.demo.outcome import Outcome
from pulse.demo import corpus
from pulse.demo.corpus import expected_stories, hidden_text, load, wrong_sentences
from pulse.news.models import Article, Score, Source, Story
from pulse.social.models import Post

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
SCORE = Score(model=0.5, relevance=1, freshness=1, authority=0.5, total=0.7, reasons=[])


def article(one: corpus.Article) -> Article:
    shown = one.correction or one
    return Article(
        id=uuid4(),
        niche=one.niche,
        source_id=uuid4(),
        source=one.source,
        url=f"http://127.0.0.1:1{one.path}",
        title=shown.title,
        content=shown.text,
        author=None,
        language=one.language,
        image_url=None,
        published_at=NOW,
        created_at=NOW,
        story_id=None,
        status="new",
        revision=2 if one.correction else 1,
    )


def stories() -> list[Story]:
    by_slug = {one.slug: one for one in load().articles}
    return [
        Story(
            id=uuid4(),
            niche=expected.niche,
            title=expected.event,
            language=None,
            first_seen_at=NOW,
            updated_at=NOW,
            score=SCORE,
            article_count=len(expected.articles),
            independent_sources=len(expected.independent),
            articles=[article(by_slug[slug]) for slug in sorted(expected.articles)],
        )
        for expected in expected_stories(across_languages=False)
    ]


def post_of(story: Story) -> Post:
    first = story.articles[0]
    quote = first.content.partition("\n")[0]
    citation = {"article_id": str(first.id), "quote": quote, "start": 0, "end": len(quote)}
    sentence = {"text": quote, "citations": [citation], "verdict": {"supported": True}}
    return Post(
        id=uuid4(),
        version=5,
        state="published",
        niche=story.niche,
        channel_id=UUID(int=1),
        channel="site",
        channel_kind="site",
        summary_id=None,
        story_id=story.id,
        score=0.5,
        text=quote,
        content={"title": story.title, "sentences": [sentence], "dropped": []},
        doubts=[],
        approved_by="test",
        scheduled_at=NOW,
        attempts=1,
        in_doubt=False,
        remote_id="1",
        url="http://127.0.0.1:1/site/1",
        settled=False,
        error=None,
        created_at=NOW,
        updated_at=NOW,
        published_at=NOW,
    )


def sources(*, broken: str = "failing", others: str = "ok") -> tuple[Source, ...]:
    return tuple(
        Source(
            id=uuid4(),
            niche=feed.niche,
            url=f"http://127.0.0.1:1/{feed.source}/{feed.path}",
            title=feed.source,
            home_url=None,
            language=None,
            full_text="auto",
            authority=0.5,
            paused=False,
            state=broken if feed.answer == "failing" else others,
            last_error="it is broken" if feed.answer == "failing" else None,
            failures=0,
            interval_seconds=300,
            last_polled_at=NOW,
            next_poll_at=NOW,
        )
        for source in load().sources
        for feed in source.feeds
    )


@pytest.fixture
def right() -> Outcome:
    found = stories()
    return Outcome(tuple(found), tuple(post_of(story) for story in found), sources())


def broken(outcome: Outcome) -> list[str]:
    return [promise.text for promise in promises(outcome, max_posts=1) if not promise.kept]


def test_a_right_outcome_keeps_every_promise(right: Outcome) -> None:
    assert broken(right) == []


def test_independent_reports_may_be_stories_of_their_own(right: Outcome) -> None:
    story = next(story for story in right.stories if story.title == "velmora-sale")
    apart = [
        story.model_copy(update={"id": uuid4(), "articles": [one], "independent_sources": 1}) for one in story.articles
    ]
    rest = [each for each in right.stories if each is not story]
    assert broken(replace(right, stories=(*rest, *apart))) == []


def changed(outcome: Outcome, **values: Any) -> Outcome:
    """Return the outcome with its first post changed."""
    first, *others = outcome.posts
    return replace(outcome, posts=(first.model_copy(update=values), *others))


def says(outcome: Outcome, text: str) -> Outcome:
    content = outcome.posts[0].content
    return changed(outcome, content=content | {"sentences": [content["sentences"][0] | {"text": text}]})


def titled(outcome: Outcome, title: str) -> Outcome:
    return changed(outcome, content=outcome.posts[0].content | {"title": title})


def split(outcome: Outcome) -> Outcome:
    """Put one of the copies of the wire text into a story of its own."""
    wire = next(story for story in outcome.stories if story.title == "halcyon-cable")
    rest = [story for story in outcome.stories if story is not wire]
    copy = next(one for one in wire.articles if "aldous" in one.url)
    others = [one for one in wire.articles if one is not copy]
    one, two = wire.model_copy(update={"articles": others}), wire.model_copy(update={"articles": [copy], "id": uuid4()})
    return replace(outcome, stories=(*rest, one, two.model_copy(update={"independent_sources": 1})))


def merged(outcome: Outcome) -> Outcome:
    """Count two independent reports of one event as one."""
    story = next(story for story in outcome.stories if story.title == "velmora-sale")
    one = story.model_copy(update={"independent_sources": 1})
    return replace(outcome, stories=tuple(one if each is story else each for each in outcome.stories))


def mixed(outcome: Outcome) -> Outcome:
    one, *rest = outcome.stories
    other = next(story for story in rest if story.title == "halcyon-cable")
    both = one.model_copy(update={"articles": [*one.articles, *other.articles]})
    return replace(outcome, stories=(both, *rest))


def recounted(outcome: Outcome) -> Outcome:
    wire = next(story for story in outcome.stories if story.title == "halcyon-cable")
    copies = wire.model_copy(update={"independent_sources": wire.article_count})
    return replace(outcome, stories=tuple(copies if story is wire else story for story in outcome.stories))


def obeyed(outcome: Outcome) -> Outcome:
    hidden = next(iter(hidden_text().values()))[0]
    story = outcome.stories[0]
    articles = [story.articles[0].model_copy(update={"content": hidden}), *story.articles[1:]]
    return replace(outcome, stories=(story.model_copy(update={"articles": articles}), *outcome.stories[1:]))


def uncorrected(outcome: Outcome) -> Outcome:
    stories = [
        story.model_copy(update={"articles": [one.model_copy(update={"revision": 1}) for one in story.articles]})
        for story in outcome.stories
    ]
    return replace(outcome, stories=tuple(stories))


def unproven(outcome: Outcome) -> Outcome:
    content = outcome.posts[0].content
    (sentence,) = content["sentences"]
    moved = sentence["citations"][0] | {"start": 5}
    return changed(outcome, content=content | {"sentences": [sentence | {"citations": [moved]}]})


WRONG = {slug: sentences[0] for slug, sentences in wrong_sentences(corrected=True).items()}
BREAKS: list[tuple[str, Callable[[Outcome], Outcome]]] = [
    ("are one story", split),
    ("are one story", mixed),
    ("count as one", recounted),
    ("count as one", merged),
    ("no post says", lambda right: says(right, f"“{WRONG['tarn-vaccine-meridian']}”")),
    ("no post says", lambda right: says(right, WRONG["battery-recall-aldous"].upper())),
    ("no post says", lambda right: titled(right, WRONG["velmora-sale-lowland"])),
    ("only machines", obeyed),
    ("names the place", unproven),
    ("correction", uncorrected),
    ("approved", lambda right: changed(right, state="unknown")),
    ("approved", lambda right: changed(right, url=None)),
    ("approved", lambda right: replace(right, posts=())),
    ("broken source", lambda right: replace(right, sources=sources(broken="ok"))),
    ("broken source", lambda right: replace(right, sources=sources(others="failing"))),
]


@pytest.mark.parametrize(("promise", "spoil"), BREAKS)
def test_every_way_to_be_wrong_is_noticed(right: Outcome, promise: str, spoil: Callable[[Outcome], Outcome]) -> None:
    assert any(promise in text for text in broken(spoil(right))), broken(spoil(right))


def test_a_correction_forgives_what_was_said_before_and_taken_back(right: Outcome) -> None:
    always = {sentence for sentences in wrong_sentences().values() for sentence in sentences}
    only_corrected = [
        sentence
        for sentences in wrong_sentences(corrected=True).values()
        for sentence in sentences
        if sentence not in always
    ]
    taken_back = changed(says(right, only_corrected[0]), state="cancelled")
    assert broken(taken_back) == []
    assert broken(changed(taken_back, state="draft")) == ["no post says what is wrong"]


def test_a_page_without_the_receipt_is_noticed(right: Outcome) -> None:
    post = right.posts[0]
    quote = post.content["sentences"][0]["citations"][0]["quote"]
    assert not list(receipt_problems(post, 200, f"… {quote.upper()} …"))
    assert list(receipt_problems(post, 200, "something else"))
    assert list(receipt_problems(post, 404, quote))


def test_sentences_are_compared_without_what_means_nothing() -> None:
    assert normal("„Twelve  people died.“") == normal("twelve people died")
    assert normal("Twelve people died.") != normal("Twelve people did not die.")
    assert Promise("x").kept
    assert not Promise("x", ("y",)).kept
