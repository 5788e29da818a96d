"""What a feed brought, compared with what is known."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.news.arrivals import Arrival, arrivals, is_teaser, sift
from pulse.news.feeds import Entry, Feed
from pulse.news.store.articles import Known
from pulse.news.store.sources import Claimed

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
TEXT = "The council decided on Monday to plant four hundred trees along the northern ring road before the winter. "
SOURCE = Claimed(
    uuid4(), "technology", "https://s.example/feed", "S", None, None, "auto", 0.5, False, 0, 300.0, None, None, None
)


def entry(guid: str = "1", url: str | None = "https://s.example/a/1", title: str = "Trees", text: str = TEXT) -> Entry:
    return Entry(guid, url, title, "", text, "https://s.example/", None, NOW, None, None, None)


def feed(*entries: Entry) -> Feed:
    return Feed("S", "https://s.example/", "en", "rss", None, None, None, entries)


def read(*entries: Entry, source: Claimed = SOURCE) -> list[Arrival]:
    return arrivals(source, feed(*entries), NOW)


def remembered(*found: Arrival) -> dict[UUID, Known]:
    known = {}
    for arrival in found:
        article = uuid4()
        known[arrival.guid_key] = Known(article, arrival.text_hash)
        known[arrival.text_key] = Known(article, None)
        if arrival.url_key:
            known[arrival.url_key] = Known(article, None)
    return known


def test_an_unknown_entry_is_new_and_a_known_one_is_not() -> None:
    found = read(entry())
    assert sift(found, {}).new == found
    again = sift(found, remembered(*found))
    assert (again.new, again.known, again.revised) == ([], 1, {})


def test_an_edited_item_is_a_revision() -> None:
    known = remembered(*read(entry()))
    edited = read(entry(text=TEXT + "A correction."))
    sifted = sift(edited, known)
    assert not sifted.new
    assert list(sifted.revised.values()) == edited


def test_a_changed_guid_with_the_same_address_or_text_is_not_new() -> None:
    known = remembered(*read(entry()))
    assert sift(read(entry(guid="other")), known).known == 1
    moved = read(entry(guid="other", url="https://new.example/b/2"))
    assert sift(moved, known).known == 1


def test_a_changed_guid_with_another_text_at_the_same_address_may_be_a_revision() -> None:
    known = remembered(*read(entry()))
    sifted = sift(read(entry(guid="other", text=TEXT + "More.")), known)
    assert not sifted.new
    assert len(sifted.at_known_page) == 1


def test_short_texts_do_not_identify() -> None:
    known = remembered(*read(entry(text="Open thread")))
    assert len(sift(read(entry(guid="2", url="https://s.example/a/2", text="Open thread")), known).new) == 1


def test_one_page_named_by_two_feeds_is_one_article() -> None:
    other = replace(SOURCE, id=uuid4())
    first, second = read(entry()), read(entry(guid="x", text="Another teaser of the same page."), source=other)
    sifted = sift(first + second, {})
    assert sifted.new == first
    assert sifted.known == 1


def test_an_address_that_several_entries_share_identifies_none() -> None:
    found = read(entry("1", "https://s.example/live", "One"), entry("2", "https://s.example/live", "Two"))
    assert [arrival.url_key for arrival in found] == [None, None]
    assert len(sift(found, {}).new) == 2


@pytest.mark.parametrize("url", ["https://s.example/", "https://s.example", None])
def test_the_front_page_identifies_nothing(url: str | None) -> None:
    assert read(entry(url=url))[0].url_key is None


def test_a_place_in_a_page_identifies_but_a_tracking_fragment_does_not() -> None:
    plain, place, other, tracked = (
        read(entry(url=f"https://s.example/log{end}"))[0].url_key for end in ("", "#v1", "#v2", "#xtor=RSS-1")
    )
    assert len({plain, place, other}) == 3
    assert tracked == plain


def test_entries_without_words_are_left_out_and_titles_are_made() -> None:
    found = read(entry(title="", text=""), entry("2", title="", text=TEXT))
    assert len(found) == 1
    assert found[0].title.endswith("…")
    assert len(found[0].title) <= 81


def test_moments_are_never_in_the_future() -> None:
    ahead = replace(entry(), published=datetime(2026, 3, 4, 1, tzinfo=UTC))
    assert read(ahead)[0].published == NOW
    assert read(replace(entry(), published=None))[0].published == NOW


def test_teasers() -> None:
    assert is_teaser("Trees for the road", "The council decided on Monday. Read more about it.")
    assert is_teaser("Trees for the road", "")
    assert not is_teaser("Trees for the road", TEXT * 5)
    assert is_teaser("Trees for the road", TEXT * 5 + "Continue reading…")
    # A short message whose title is made of its text.
    assert not is_teaser("The council decided on Monday to plant", TEXT)


@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from("xyz"), st.sampled_from(["", TEXT, TEXT * 2])), max_size=12
    )
)
def test_nothing_is_lost_between_the_kinds(items: list[tuple[str, str, str]]) -> None:
    found = read(*(entry(guid, f"https://s.example/{page}/1", "Trees", text) for guid, page, text in items))
    first = sift(found, {})
    assert len(first.new) + first.known == len(found)
    # Seen again, as it was, nothing is new and nothing is taken for a revision.
    again = sift(found, remembered(*first.new))
    assert not again.new
    assert not again.revised
    assert again.known + len(again.at_known_page) == len(found)


def test_a_guid_that_all_entries_share_identifies_none() -> None:
    found = read(*(entry("https://s.example/", f"https://s.example/a/{page}", f"Number {page}") for page in range(3)))
    assert len(sift(found, {}).new) == 3
    assert len(read(entry(), entry(text=TEXT * 2))) == 1


@pytest.mark.parametrize(
    ("published", "updated", "dated"),
    [
        (NOW - timedelta(days=1), None, True),
        (NOW - timedelta(days=1), NOW - timedelta(hours=23, minutes=30), True),
        (NOW - timedelta(days=2), NOW - timedelta(days=1), False),
        (NOW + timedelta(hours=3), None, False),
        (None, None, False),
    ],
)
def test_a_text_is_dated_where_its_source_says_of_when_it_is(
    published: datetime | None, updated: datetime | None, dated: bool
) -> None:
    [found] = read(replace(entry(), published=published, updated=updated))
    assert found.dated is dated
    assert found.published <= NOW
