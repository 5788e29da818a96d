"""Counts in the platforms' own units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.social.counting import (
    MastodonLimits,
    bluesky_use,
    byte_length,
    graphemes,
    mastodon_length,
    mastodon_use,
    urls,
)
from tests.doubles.mastodon_statuses import characters


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("abc", 3),
        ("e\u0301", 1),
        ("👨‍👩‍👧‍👦", 1),
        ("🏳️‍🌈🇨🇦👍🏽", 3),
        ("🇨🇦🇩", 2),
        ("각", 1),
        ("क्षि", 1),
        ("\r\n", 1),
        ("a\u200bb", 3),
    ],
)
def test_graphemes(text: str, count: int) -> None:
    assert graphemes(text) == count


def test_bluesky_has_two_limits() -> None:
    assert bluesky_use("👨‍👩‍👧‍👦" * 120).fits
    family = bluesky_use("👨‍👩‍👧‍👦" * 121)
    assert (family.fits, family.used, family.limit, family.unit) == (False, 121 * 25, 3000, "bytes")
    assert bluesky_use("é" * 300).fits
    assert not bluesky_use("é" * 301).fits


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("https://example.com/" + "a" * 200, 23),
        ("http://a.de", 23),
        ("See https://example.com/a?b=c#d.", 4 + 23 + 1),
        ("(https://en.wikipedia.org/wiki/Bridge_(game))", 1 + 23 + 1),
        ("https://example.com#part", 23 + 5),
        ("https://localhost:8700/site/posts/1.html", 40),
        ("http://127.0.0.1/a", 23),
        ("https://example.com/über", 24),
        ("xhttps://example.com/" + "a" * 30, 51),
        ("ftp://example.com", 17),
        ("@user@example.com hello", 11),
        ("a@example.com", 13),
        ("@user and @other@a-b.example.org.", 6 + 4 + 6 + 1),
        ("👨‍👩‍👧‍👦 e\u0301", 3),
    ],
)
def test_mastodon(text: str, count: int) -> None:
    assert mastodon_length(text) == count


def test_servers_that_are_not_mastodon_get_the_plain_count() -> None:
    text = "👍🏽 https://example.com/" + "a" * 100
    assert mastodon_use(text, MastodonLimits(plain=True)).used == len(text)
    assert mastodon_use(text, MastodonLimits()).used == 2 + 23


WORDS = st.sampled_from(
    [
        "a",
        "Straße",
        "👍🏽",
        "https://example.com/x",
        "http://a.test/b?c",
        "@a@b.example",
        "(https://a.de/(b))",
        ".",
        "ü" * 9,
    ]
)


@given(st.lists(WORDS).map(" ".join))
def test_never_below_what_a_server_counts(text: str) -> None:
    """The double takes anything up to the next space for a link; so much is a link at most, and 23 at least."""
    assert mastodon_length(text) >= characters(text)


@given(st.text(alphabet="htps:/.a(?)#@ü \n", max_size=60))
def test_urls_lie_in_the_text_and_do_not_overlap(text: str) -> None:
    end = 0
    for start, stop in urls(f"{text} https://a.de/{text}"):
        assert end <= start < stop
        end = stop


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Read https://example.com/a, then go.", "https://example.com/a"),
        ("(see https://example.com/a)", "https://example.com/a"),
        ("https://en.wikipedia.org/wiki/Bridge_(game).", "https://en.wikipedia.org/wiki/Bridge_(game)"),
        ("“https://example.com/”", "https://example.com/"),
        ("https://example.com。", "https://example.com"),
        ("https://example.com/?q=ü&x=1!", "https://example.com/?q=ü&x=1"),
    ],
)
def test_a_link_ends_where_the_sentence_goes_on(text: str, found: str) -> None:
    [(start, stop)] = urls(text)
    assert text[start:stop] == found


@pytest.mark.parametrize(
    "text", ["https://" * 4000, "http://a/" + "(" * 30000, "https://a." * 4000, "@a" * 9000, "@" + "a." * 9000]
)
def test_hostile_text_costs_little(text: str) -> None:
    assert mastodon_length(text) > 0


@given(st.text())
def test_bytes(text: str) -> None:
    assert byte_length(text) == len(text.encode("utf-8"))
