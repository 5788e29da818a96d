"""Feeds that a site's page names. Pure: nothing is fetched here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from lxml.html import HtmlElement

from pulse.news.decode import decode
from pulse.news.markup import one_line, parse_html
from pulse.news.urls import absolute_url, canonical_url

MAX_FEEDS = 50

_TYPES: Final = frozenset(
    ("application/rss+xml", "application/atom+xml", "application/feed+json", "application/rdf+xml", "text/xml")
)
_LOOKS_LIKE_FEED = re.compile(
    r"(?<!/dialog)/(?:feeds?|rss|atom|rdf)(?:/[\w.-]*)?/?(?:\?|$)|\.(?:rss|atom|rdf)(?:\?|$)|/(?:feed|rss|atom|index|rss2)\.(?:xml|json)(?:\?|$)|"
    r"[?&]feed=(?:rss2?|atom|rdf)\b|[?&]format=(?:rss|atom|feed)\b|//feeds?\d?\.",
    re.IGNORECASE,
)
_SAYS_FEED = re.compile(r"^\W*(?:rss|atom|web|news)?\W*(?:rss|feed|atom)\W*(?:feed|2\.0|1\.0)?\W*$", re.IGNORECASE)
_OF_COMMENTS = re.compile(r"comment|kommentar|commentaire|comentario|replies", re.IGNORECASE)
_GUESSES: Final = (
    "/feed", "/rss", "/feed.xml", "/rss.xml", "/atom.xml", "/index.xml", "/feed.json", "/feeds/posts/default",
    "/blog/feed",
)  # fmt: skip
"""Where most software puts its feed."""


@dataclass(frozen=True, slots=True)
class FeedLink:
    """An address that may be a feed's, and how it was found."""

    url: str
    title: str
    found: Literal["named", "linked", "guessed"]
    """`named` in the page's head for readers like us, `linked` in its text, or `guessed`."""


def find_feeds(html: bytes, url: str, content_type: str | None = None) -> list[FeedLink]:
    """Return the likely feeds of a page, best first; those of comments last; guesses where it names none.

    Safe for any bytes. `url` is where the page came from.
    """
    text, _ = decode(html[:4_000_000], content_type, html=True)
    tree = parse_html(text) if "<" in text else None
    found: dict[str, FeedLink] = {}
    if tree is not None:
        base = next((absolute_url(url, it.get("href") or "") for it in tree.iter("base")), None) or url
        for link in (*_named(tree, base), *_linked(tree, base)):
            if len(found) < MAX_FEEDS and canonical_url(link.url) != canonical_url(url):
                found.setdefault(canonical_url(link.url), link)
    if not found:
        guesses = filter(None, (absolute_url(url, path) for path in _GUESSES))
        return [FeedLink(guess, "", "guessed") for guess in guesses]
    return sorted(
        found.values(), key=lambda link: (link.found != "named", bool(_OF_COMMENTS.search(link.title + link.url)))
    )


def _named(tree: HtmlElement, base: str) -> Iterator[FeedLink]:
    for link in tree.iter("link"):
        relations = (link.get("rel") or "").lower().split()
        kind = (link.get("type") or "").lower().partition(";")[0].strip()
        href = absolute_url(base, link.get("href") or "")
        if href and (("alternate" in relations and kind in _TYPES and not link.get("hreflang")) or "feed" in relations):
            yield FeedLink(href, one_line(link.get("title") or "")[:200], "named")


def _linked(tree: HtmlElement, base: str) -> Iterator[FeedLink]:
    for anchor in tree.iter("a"):
        href = absolute_url(base, anchor.get("href") or "")
        if href is None or len(href) > 500:
            continue
        text = "".join(anchor.itertext())[:200]
        if _LOOKS_LIKE_FEED.search(href) or (_SAYS_FEED.match(text.strip()) and text.strip()):
            yield FeedLink(href, one_line(anchor.get("title") or text), "linked")
