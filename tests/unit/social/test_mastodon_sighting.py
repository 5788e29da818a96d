"""Recognising a post of ours after a server made HTML of it."""

import html
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.social.channels.mastodon_sighting import Found, find, oldest
from tests.doubles.mastodon_statuses import as_html
from tests.doubles.stories import LINK

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
TEXT = f"Council & <mayor> approve the bridge.\n\n{LINK}\n\n#news"


def status(content: str, made: datetime = NOW, **other: object) -> dict[str, object]:
    return {"id": "7", "url": "https://s.example/7", "content": content, "created_at": made.isoformat(), **other}


def found(content: str, text: str = TEXT) -> Found | None:
    return find([status(content)], text, LINK, NOW)


def test_as_mastodon_formats_it() -> None:
    assert found(as_html(TEXT, "https://s.example")) == Found("7", "https://s.example/7")


def test_as_others_format_it() -> None:
    plain = html.escape(TEXT).replace("\n", "<br/>")
    shortened = f'<p>Council &amp; &lt;mayor&gt; approve the bridge.</p><p><a href="{LINK}">news.example.org…</a></p>'
    assert found(plain)
    assert found(shortened)


def test_as_servers_make_it_that_read_markdown_or_let_html_through() -> None:
    """As seen at snac 2.75."""
    text = f'<script>alert("1")</script> & "quotes" <b>bold</b>. A * B _c_ [d](http://e.example.com) `f` \\g.\n\n{LINK}'
    made = (
        '<script>alert("1")</script> & "quotes" <b>bold</b>. A * B _c_ <a href="http://e.example.com">d</a> <code>f'
        f'</code> \\g.<br><br><a href="{LINK}" target="_blank">{LINK}</a><br>'
    )
    assert found(made, text)
    unclosed = f"A <script> opens the page.\n\n{LINK}"
    assert found(f"A <script> opens the page.<br><br><a href={LINK}>{LINK}</a>", unclosed)


@pytest.mark.parametrize(
    "content",
    [
        as_html("The tunnel opens in May, says the minister.\n\n" + LINK, ""),
        as_html("Council &\n\n" + LINK, ""),
        f'<p>Other words.</p><a href="{LINK}">x</a>',
        "<p>Council &amp; &lt;mayor&gt; approve the bridge.</p>",
        # The same words and a longer address: the post of another page.
        as_html(TEXT.replace(LINK, f"{LINK}0"), ""),
        html.escape(TEXT.replace(LINK, f"{LINK}-2")),
        "",
        "<<<a href",
    ],
)
def test_another_post_is_not_ours(content: str) -> None:
    assert found(content) is None


def test_neither_older_ones_nor_boosts_nor_broken_ones() -> None:
    content = as_html(TEXT, "")
    assert find([status(content, NOW - timedelta(seconds=1))], TEXT, LINK, NOW) is None
    assert find([status(content, reblog={"id": "1"})], TEXT, LINK, NOW) is None
    assert find([status(content) | {"created_at": None}, {"id": 7}, {}], TEXT, LINK, NOW) is None
    assert oldest([{}, status("")]) == NOW


@given(st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["Cc"]), max_size=80))
def test_any_text_is_recognised(words: str) -> None:
    text = f"{words}\n\n{LINK}"
    assert found(as_html(text, "https://s.example"), text)
