"""What the demo's corpus promises: its traits are really there, and what it calls true is true of its texts."""

import re
from collections import Counter

import pytest

from pulse.demo import corpus
from pulse.demo.corpus import Article, expected_stories, hidden_text, load, wrong_sentences
from pulse.demo.errors import BadCorpus

WEEKDAYS = (
    "monday tuesday wednesday thursday friday saturday sunday montag dienstag mittwoch donnerstag freitag samstag "
)
WEEKDAYS += "sonntag lunes martes miércoles jueves viernes sábado domingo"


def article(slug: str) -> Article:
    return next(one for one in load().articles if one.slug == slug)


def with_trait(trait: str) -> list[Article]:
    return [one for one in load().articles if trait in one.traits]


def shingles(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return {tuple(words[place : place + 3]) for place in range(len(words) - 2)}


def similarity(one: Article, other: Article) -> float:
    first, second = shingles(one.text), shingles(other.text)
    return len(first & second) / len(first | second)


def test_size_languages_and_niches() -> None:
    articles = load().articles
    assert 28 <= len(articles) <= 34
    assert {one.niche for one in articles} == {"technology", "science"}
    languages = Counter(one.language for one in articles)
    assert set(languages) == {"en", "de", "es"}
    assert min(languages.values()) >= 3
    assert 13 <= len({one.event for one in articles}) <= 16
    assert {one.source for one in articles} < {source.slug for source in load().sources}


def test_articles_read_like_articles() -> None:
    for one in load().articles:
        assert 120 <= len(one.text.split()) <= 350, one.slug
        assert one.title, one.slug
        assert one.summary.endswith("."), one.slug
        assert re.search(r"\d", one.text), one.slug
        assert re.search(r'["„«]', one.text), f"{one.slug} quotes nobody"
        assert 30 <= one.minutes <= 24 * 60, one.slug


def test_no_weekday_can_clash_with_the_relative_times() -> None:
    for one in load().articles:
        for weekday in WEEKDAYS.split():
            assert not re.search(rf"\b{weekday}\b", one.text.casefold()), (one.slug, weekday)


def test_one_wire_text_in_five_outlets_is_one_independent_source_of_three() -> None:
    original, copies = article("halcyon-cable-meridian"), with_trait("wire-copy")
    assert len({one.source for one in copies}) == 5
    assert {one.independent for one in copies} == {"meridian"}
    assert all(similarity(original, one) > 0.6 for one in copies)
    story = next(one for one in expected_stories() if one.event == "halcyon-cable")
    assert story.independent == {"meridian", "kiln", "lattice"}
    assert len(story.articles) == 8
    for outlet in ("kiln", "lattice"):
        assert similarity(original, article(f"halcyon-cable-{outlet}")) < 0.1


def test_duplicates_are_as_near_as_they_claim() -> None:
    first, second = with_trait("exact-duplicate")
    assert (first.text, first.path, first.source) == (second.text, second.path, second.source)
    assert first.query != second.query
    assert first.guid != second.guid
    near = similarity(article("ghost-vents-saltmarsh"), article("ghost-vents-lattice"))
    assert 0.5 < near < 1
    assert article("ghost-vents-lattice").independent == "saltmarsh"


def test_independent_reports_share_no_wording() -> None:
    articles = load().articles
    for one in articles:
        for other in articles:
            if one.independent != other.independent and one.event == other.event:
                assert similarity(one, other) < 0.2, (one.slug, other.slug)


def test_a_correction_changes_the_number_says_so_and_keeps_the_identity() -> None:
    (old,) = (one for one in load().articles if one.correction)
    new = old.correction
    assert new is not None
    assert (new.guid, new.path, new.event, new.minutes) == (old.guid, old.path, old.event, old.minutes)
    assert "14,200" in old.title
    assert "1,420" in new.title
    assert new.paragraphs[-1].startswith("Correction: ")
    assert "14,200" not in "".join(new.paragraphs[:-1])
    assert not any(old.slug in wrong for wrong in wrong_sentences())
    assert any("14,200" in wrong for wrong in wrong_sentences(corrected=True)[old.slug])


def test_reports_of_one_event_disagree_on_numbers() -> None:
    events = Counter(one.event for one in with_trait("different-numbers"))
    assert sum(count >= 2 for count in events.values()) >= 3


def test_wrong_sentences_stand_in_no_text_but_as_a_quotation() -> None:
    assert len(wrong_sentences()) >= 3
    for slug, sentences in wrong_sentences(corrected=True).items():
        versions = [article(slug)] if article(slug).correction is None else [article(slug).correction]
        for text in (one.text for one in versions if one):
            for sentence in sentences:
                places = [found.start() for found in re.finditer(re.escape(sentence.rstrip(".")), text)]
                assert all(text[place - 1] == '"' for place in places), (slug, sentence)


def test_hidden_text_is_not_visible_text() -> None:
    assert hidden_text()
    for slug, texts in hidden_text().items():
        assert any("ignore all previous instructions" in text.casefold() for text in texts)
        assert not any(text in article(slug).text for text in texts)


def test_other_scripts_odd_encodings_and_entities_are_there() -> None:
    (scripts,) = with_trait("cjk-and-rtl-quote")
    assert re.search(r"[\u3040-\u30ff\u4e00-\u9fff]", scripts.text)
    assert re.search(r"[\u0600-\u06ff]", scripts.text)
    (entities,) = with_trait("entities")
    assert {"&", "<"} < set(entities.text)
    for one in with_trait("odd-encoding"):
        with pytest.raises(UnicodeEncodeError):
            one.text.encode("iso-8859-1")
        one.text.encode("windows-1252")


def test_every_feed_format_and_manner_is_there() -> None:
    feeds = [feed for source in load().sources for feed in source.feeds]
    assert {feed.format for feed in feeds} == {"rss", "rdf", "atom", "json"}
    assert {feed.answer for feed in feeds} == {"ok", "redirect", "slow", "failing"}
    assert {feed.content for feed in feeds} == {"full", "summary"}
    assert all(load().entries(feed) for feed in feeds if feed.answer != "failing")
    assert sum(len(load().entries(feed)) for feed in feeds) == len(load().articles)


def test_stories_within_a_language_divide_those_across_languages() -> None:
    across, within = expected_stories(), expected_stories(across_languages=False)
    every = {one.slug for one in load().articles}
    for stories in (across, within):
        assert sum(len(story.articles) for story in stories) == len(every)
        assert set().union(*(story.articles for story in stories)) == every
    assert all(len(story.languages) == 1 for story in within)
    assert sum(len(story.languages) > 1 for story in across) == len(within) - len(across) == 3


@pytest.mark.parametrize("text", ["no front matter", "+++\ntitle = \n+++\nText", "+++\ntitle = 'never closed'\n"])
def test_a_broken_file_is_named(text: str) -> None:
    with pytest.raises(BadCorpus, match=r"broken\.md"):
        corpus._document("broken.md", text)


def test_an_unknown_or_missing_field_is_refused_with_the_articles_name() -> None:
    with pytest.raises(BadCorpus, match="broken"):
        corpus._article("broken", {"source": "kiln", "titel": "misspelt"}, None)
