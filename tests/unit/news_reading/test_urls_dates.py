"""Addresses in one form, and dates out of everybody's."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.news.dates import parse_date, plausible
from pulse.news.urls import absolute_url, canonical_url

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("url", "canonical"),
    [
        ("HTTP://User:Pw@Example.ORG:80/Path?b=2&a=1#top", "http://example.org/Path?b=2&a=1"),
        ("https://example.org:443", "https://example.org/"),
        ("https://example.org./x", "https://example.org/x"),
        ("https://example.org:8443/x", "https://example.org:8443/x"),
        ("https://example.org/?utm_source=rss&utm_medium=feed&id=1&fbclid=x&gclid=y", "https://example.org/?id=1"),
        ("https://example.org/a?utm_source=x", "https://example.org/a"),
        ("https://example.org/a?UTM_Source=x&&b", "https://example.org/a?b"),
        ("https://example.org/%7euser/%e4%bd?q=%2f%3D", "https://example.org/~user/%E4%BD?q=%2F%3D"),
        ("https://example.org/ü ö", "https://example.org/%C3%BC%20%C3%B6"),
        ("https://example.org/#!/app", "https://example.org/#!/app"),
        ("https://example.org/100%", "https://example.org/100%25"),
        ("mailto:someone@example.org", "mailto:someone@example.org"),
        ("", ""),
    ],
)
def test_canonical(url: str, canonical: str) -> None:
    assert canonical_url(url) == canonical


PART_WORDS = "a B % %4 %41 %2541 %C3 é : / ? & = # #! @ . .. ; utm_source utm%5Fsource=1 fbclid= :80 :443 [ ] 1"
PARTS = st.lists(
    st.sampled_from(PART_WORDS.split()),
    max_size=12,
).map("".join)


@given(st.sampled_from(["http://", "HTTPS://", "https://h/", "http://h/?", "ftp://", ""]), PARTS | st.text(max_size=30))
def test_canonical_is_idempotent(start: str, rest: str) -> None:
    once = canonical_url(start + rest)
    assert canonical_url(once) == once


@pytest.mark.parametrize(
    ("href", "absolute"),
    [
        ("b", "https://example.org/a/b"),
        (" /c\n", "https://example.org/c"),
        ("//other.example/x", "https://other.example/x"),
        ("?q", "https://example.org/a/?q"),
        ("HTTP://Example.org/X", "HTTP://Example.org/X"),
        ("http://example.org/ü x", "http://example.org/%C3%BC%20x"),
        ("http://exa\nmple.org/", None),
        ("http://[::1]:8080/x", "http://[::1]:8080/x"),
        ("javascript:alert(1)", None),
        ("mailto:a@example.org", None),
        ("data:text/html,x", None),
        ("ftp://example.org/", None),
        ("http://", None),
        ("http://[::1/", None),
        ("http://good.example@evil.example/", None),
        ("http://a\\@b/", None),
        ("", None),
        ("http://example.org/" + "x" * 5_000, None),
    ],
)
def test_absolute(href: str, absolute: str | None) -> None:
    assert absolute_url("https://example.org/a/", href) == absolute


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_is_an_address_or_none(base: str, href: str) -> None:
    url = absolute_url(base, href)
    assert url is None or (url.isascii() and url.lower().startswith(("http://", "https://")))


ONE_MOMENT = """
Mon, 23 Nov 2026 10:20:30 GMT
Mon, 23 Nov 2026 11:20:30 +0100
Mon, 23 Nov 2026 05:20:30 EST
Mon, 23 Nov 2026 02:20:30 PST
Mon, 23 Nov 2026 11:20:30 MEZ
Mon,23 Nov 2026 10:20:30 Z
23 Nov 2026 10:20:30 UT
Monday, 23 November 2026 10:20:30 +00:00
Mon, 23-Nov-2026 10:20:30 GMT
Mon, 23 Nov 26 10:20:30 GMT
Mon, 23 Nov 2026 10:20:30 +0000 (UTC)
2026-11-23T10:20:30Z
2026-11-23T10:20:30.999Z
2026-11-23t10:20:30z
2026-11-23 10:20:30
2026-11-23 10:20:30 UTC
2026-11-23T11:20:30+01:00
2026-11-23T11:20:30+0100
2026-11-23T05:20:30-05
Mon Nov 23 10:20:30 2026
"""


@pytest.mark.parametrize(
    "text",
    ONE_MOMENT.strip().split("\n"),
)
def test_one_moment_in_many_hands(text: str) -> None:
    assert parse_date(text) == datetime(2026, 11, 23, 10, 20, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-23", datetime(2026, 11, 23, tzinfo=UTC)),
        ("2026-11-23T24:00:00Z", datetime(2026, 11, 24, tzinfo=UTC)),
        ("Thu, 31 Dec 1998 23:59:60 GMT", datetime(1998, 12, 31, 23, 59, 59, tzinfo=UTC)),
        ("23 Mär 2026 10:00", datetime(2026, 3, 23, 10, tzinfo=UTC)),
        ("13/45/2026", None),
        ("31 Feb 2026", None),
        ("yesterday", None),
        ("", None),
        ("9" * 500, None),
    ],
)
def test_odd_dates(text: str, moment: datetime | None) -> None:
    assert parse_date(text) == moment


@given(st.text(max_size=50) | st.text("0123456789:-+TZ ,aeMonNov", max_size=40))
def test_any_text_is_a_date_or_none(text: str) -> None:
    moment = parse_date(text)
    assert moment is None or moment.utcoffset() == timedelta()


@given(st.datetimes(timezones=st.just(UTC)))
def test_no_date_from_the_future_is_plausible(moment: datetime) -> None:
    believed = plausible(moment, NOW)
    assert believed in (None, moment)
    assert believed is None or believed <= NOW + timedelta(days=1)
