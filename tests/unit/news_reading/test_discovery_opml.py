"""Feeds that pages name, and lists of feeds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.news.discovery import find_feeds
from pulse.news.errors import NotAList
from pulse.news.opml import Outline, parse_opml, write_opml

PAGE = b"""<!doctype html><head><base href="/blog/"><title>x</title>
<link rel="alternate" type="application/rss+xml" title="Comments &amp; more" href="comments/feed">
<LINK REL='alternate stylesheet' type=text/css href=style.css>
<link rel="alternate" hreflang="de" type="text/xml" href="/de/">
<link rel="alternate" type="application/atom+xml; charset=utf-8" href="atom.xml" title="All posts &amp; more">
<link rel="feed" href="https://other.example/json">
<!-- <link rel="alternate" type="application/rss+xml" href="/commented"> -->
<script>document.write('<link rel="alternate" type="application/rss+xml" href="/scripted">')</script></head>
<a href="/about">About</a> <a href="/rss">Subscribe</a> <a href="/x"><b>RSS</b></a> <a href="/feeding-cats">Cats</a>
<a href="javascript:feed()">RSS</a> <a href="atom.xml">Atom</a>"""


def test_named_first_comments_last() -> None:
    found = find_feeds(PAGE, "https://example.org/")
    assert [(link.url, link.found) for link in found] == [
        ("https://example.org/blog/atom.xml", "named"),
        ("https://other.example/json", "named"),
        ("https://example.org/blog/comments/feed", "named"),
        ("https://example.org/rss", "linked"),
        ("https://example.org/x", "linked"),
    ]
    assert found[0].title == "All posts & more"


def test_guesses_where_nothing_is_named() -> None:
    found = find_feeds(b"<p>Nothing here", "https://example.org/a/b")
    assert {link.found for link in found} == {"guessed"}
    assert found[0].url == "https://example.org/feed"


def test_the_page_itself_is_not_its_feed() -> None:
    page = b'<link rel="alternate" type="application/rss+xml" href="#top"><a href="/feed">Feed</a>'
    assert [link.url for link in find_feeds(page, "https://example.org/")] == ["https://example.org/feed"]


@given(st.binary(max_size=200) | st.text("<a link hrefRSS='\"/>=", max_size=80).map(str.encode))
def test_any_page(page: bytes) -> None:
    for link in find_feeds(page, "https://example.org/"):
        assert link.url.startswith(("http://", "https://"))


OPML = """<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE opml [<!ENTITY a "x">]>
<opml version="2.0"><head><title>T</title></head><body>
 <outline text="Tech / Science"><outline text="Deep">
  <outline type="rss" text="A &amp; B" xmlUrl="https://a.example/feed?x=1&amp;y=2" htmlUrl="https://a.example/"/>
 </outline>
 <outline title="Title" text="Text" xmlurl=" https://b.example/feed "/></outline>
 <Outline type="rss" text="C" url="https://c.example/feed"/>
 <outline text="A again" xmlUrl="https://a.example/feed?x=1&amp;y=2"/>
 <outline text="bad" xmlUrl="javascript:x"/><outline text="a note"/><outline/>
</body></opml>"""


def test_opml() -> None:
    assert parse_opml(OPML.encode()) == [
        Outline("https://a.example/feed?x=1&y=2", "A & B", "https://a.example/", "Tech - Science/Deep"),
        Outline("https://b.example/feed", "Title", None, "Tech - Science"),
        Outline("https://c.example/feed", "C", None, ""),
        Outline("javascript:x", "bad", None, ""),  # for the caller to refuse, in words
    ]


@pytest.mark.parametrize(
    "text",
    [
        '<opml><body><outline text="Q & A" xmlUrl="https://a.example/?a&b"/></body></opml>',
        '<opml><body><outline text="x" xmlUrl="https://a.example/?a&amp;b"/>',
        '<opml><body><outline text="x" xmlUrl="https://a.example/?a&amp;b"/></wrong>',
        '\n<opml><body><outline text="caf&eacute;" xmlUrl="https://a.example/?a&amp;b"/></body></opml>',
        '<opml><body><outline text="\x0b" xmlUrl="https://a.example/?a&amp;b"/></body></opml>',
    ],
)
def test_broken_lists_are_read_as_far_as_they_go(text: str) -> None:
    assert [outline.url for outline in parse_opml(text.encode())] == ["https://a.example/?a&b"]


@pytest.mark.parametrize("document", [b"", b"<rss/>", b"\0\1\2", b"https://a.example/", b"<opml/>" + b" " * 6_000_000])
def test_not_a_list(document: bytes) -> None:
    with pytest.raises(NotAList):
        parse_opml(document)


def test_an_empty_list_is_a_list() -> None:
    assert parse_opml(b"<opml version='1.0'><body/></opml>") == []


NAMES = st.text(st.characters(exclude_categories=["Cs"]), max_size=30).map(lambda text: " ".join(text.split()))
FOLDERS = st.lists(st.sampled_from(["a", "b & c", "<d>", "é"]), max_size=3).map("/".join)


@given(st.lists(st.tuples(NAMES, FOLDERS), max_size=8))
def test_what_is_written_is_read_again(rows: list[tuple[str, str]]) -> None:
    outlines = [
        Outline(f"https://{number}.example/?a=1&b=2", name, f"https://{number}.example/", category)
        for number, (name, category) in enumerate(rows)
    ]
    read = parse_opml(write_opml(outlines, title="T & <T>"))
    assert {(it.url, it.home_url, it.category) for it in read} == {
        (it.url, it.home_url, it.category) for it in outlines
    }
    for outline in read:
        wanted = next(it for it in outlines if it.url == outline.url).title
        if wanted.isprintable() and wanted:
            assert outline.title == wanted


@given(st.binary(max_size=200))
def test_any_list(document: bytes) -> None:
    try:
        parse_opml(b"<opml>" + document)
    except NotAList:
        pytest.fail("it begins with <opml>")


def test_lists_of_real_feeds(opml_files: dict[str, bytes]) -> None:
    total = 0
    for name, document in opml_files.items():
        outlines = parse_opml(document)
        total += len(outlines)
        assert outlines, name
        assert all(outline.title and outline.category for outline in outlines), name
        assert sorted(parse_opml(write_opml(outlines, title=name)), key=repr) == sorted(outlines, key=repr)
    assert total > 500
