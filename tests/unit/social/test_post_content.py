"""What a post says: a headline only as a source has it, receipts only where something is proven."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.llm.models import Summary
from pulse.news.models import Story
from pulse.social.content import (
    BY_HAND,
    CHANGED,
    about,
    by_hand,
    changed,
    content_of,
    doubts_of_a_person,
    unchecked,
    with_receipt,
)
from pulse.social.errors import NothingToPublish
from pulse.social.shapes import PostContent, clean
from tests.doubles import fake_services

SAID = "The council approved the bridge on Monday."
HEADLINE = "Council approves bridge"
FALSE = "Council rejects bridge"


def told(*headlines: str) -> Story:
    """Return a story whose reports have these headlines."""
    return fake_services.story(
        *(fake_services.article(f"{SAID} Report {number}.", title=title) for number, title in enumerate(headlines)),
        title=headlines[0],
    )


def summary(story: Story, title: str) -> Summary:
    return fake_services.summary(story, SAID, title=title)


def test_a_headline_of_a_source_is_the_title() -> None:
    story = told("Bridge: go-ahead", HEADLINE)
    assert content_of(summary(story, HEADLINE), story).title == HEADLINE
    assert content_of(summary(story, "  Bridge:\n go-ahead "), story).title == "Bridge: go-ahead"


def test_a_title_that_no_source_has_gives_way_to_a_proven_sentence() -> None:
    story = told(HEADLINE)
    assert content_of(summary(story, FALSE), story).title == SAID
    assert content_of(summary(story, FALSE), None).title == SAID


@pytest.mark.parametrize(
    "headline", ["See https://evil.example/x", "@mayor approves", "#bridge approved", "<b>Bridge</b>", "Go to evil.com"]
)
def test_a_headline_that_may_not_be_shown_gives_way_too(headline: str) -> None:
    story = told(headline)
    assert content_of(summary(story, headline), story).title == SAID
    assert about(story, tuple(map(with_receipt, summary(story, headline).sentences)), "ada").title == SAID


def test_copies_of_one_text_do_not_vouch_for_an_address() -> None:
    story = told("evil.com wins", "evil.com wins")
    assert content_of(summary(story, "evil.com wins"), story).title == "evil.com wins"
    copy = story.articles[1].model_copy(update={"copy_of": story.articles[0].id})
    story = story.model_copy(update={"articles": [story.articles[0], copy]})
    assert content_of(summary(story, "evil.com wins"), story).title == SAID


@given(st.lists(st.text(max_size=40), min_size=1, max_size=4), st.text(max_size=40), st.booleans())
def test_no_title_but_a_sources_own_or_a_proven_sentence(headlines: list[str], title: str, there: bool) -> None:
    story = told(*headlines)
    content = content_of(summary(story, title), story if there else None)
    proven = {sentence.text for sentence in content.sentences if sentence.verdict.supported}
    assert content.title in proven | {clean(headline) for headline in headlines}


def test_a_person_changes_sentences_and_the_headline_stays() -> None:
    story = told(HEADLINE, "Another report")
    before = content_of(summary(story, HEADLINE), story)
    after = changed(before, unchecked("Work begins. It ends.", BY_HAND), "ada")
    assert (after.title, after.sources, after.written_by) == (HEADLINE, before.sources, "ada")
    assert [sentence.text for sentence in after.sentences] == ["Work begins.", "It ends."]


def test_a_title_that_was_a_sentence_changes_with_the_sentences() -> None:
    story = told(HEADLINE)
    before = content_of(summary(story, FALSE), story)
    assert changed(before, unchecked("Work begins.", BY_HAND), "ada").title == "Work begins."


def test_what_a_person_writes_back_in_is_no_longer_left_out() -> None:
    story = told(HEADLINE)
    before = content_of(fake_services.summary(story, SAID, dropped="All 400 came."), story)
    assert [sentence.text for sentence in before.dropped] == ["All 400 came."]
    assert changed(before, unchecked(f"{SAID} All 400 came.", BY_HAND), "ada").dropped == ()


def test_the_title_of_a_text_by_hand_is_its_first_whole_sentence() -> None:
    long = "The council approved the bridge, " + "and so on, " * 30 + "but only if the state pays."
    content = by_hand(unchecked(f"{long} It ends.", BY_HAND), niche="art", url="https://pulse.example", by="ada")
    assert content.title == long
    assert [sentence.text for sentence in content.sentences] == [long, "It ends."]
    assert doubts_of_a_person(content.sentences) == [BY_HAND]


def test_only_what_is_supported_cites() -> None:
    sentence = summary(told(HEADLINE), HEADLINE).sentences[0]
    assert with_receipt(sentence).citations
    verdict = sentence.verdict.model_copy(update={"supported": False, "reasons": ["number: 3"]})
    doubted = with_receipt(sentence.model_copy(update={"verdict": verdict}))
    assert doubted.citations == ()
    assert doubts_of_a_person((with_receipt(sentence), doubted)) == [
        CHANGED,
        f"not proven by the sources: {SAID} (number: 3)",
    ]


def test_nothing_is_no_post() -> None:
    story = told(HEADLINE)
    before = content_of(summary(story, HEADLINE), story)
    makes: tuple[Callable[[], PostContent], ...] = (
        lambda: changed(before, (), "ada"),
        lambda: about(story, (), "ada"),
        lambda: by_hand((), niche="art", url="https://pulse.example", by="ada"),
        lambda: about(story.model_copy(update={"articles": []}), before.sentences, "ada"),
        lambda: content_of(summary(story, HEADLINE).model_copy(update={"sentences": []}), None),
    )
    for make in makes:
        with pytest.raises(NothingToPublish):
            make()
