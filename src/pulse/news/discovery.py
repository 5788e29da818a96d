"""Feeds that a site's page names. Pure: nothing is fetched here."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from pulse.news.decode import decode
from pulse.news.markup import one_line
from pulse.news.tokens import EndTag, Tag, tokens
from pulse.news.urls import absolute_url, canonical_url

MAX_FEEDS = 50
MAX_PAGE = 1_000_000
"""Bytes of a page that are looked through."""

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
    text, _ = decode(html[:MAX_PAGE], content_type, html=True)
    found: dict[str, FeedLink] = {}
    for link in _links(text, url):
        if len(found) < MAX_FEEDS and canonical_url(link.url) != canonical_url(url):
            found.setdefault(canonical_url(link.url), link)
    if not found:
        guesses = filter(None, (absolute_url(url, path) for path in _GUESSES))
        return [FeedLink(guess, "", "guessed") for guess in guesses]
    return sorted(
        found.values(), key=lambda link: (link.found != "named", bool(_OF_COMMENTS.search(link.title + link.url)))
    )


def _links(text: str, url: str) -> Iterator[FeedLink]:
    base, anchor, words = url, None, ""
    for token in tokens(text):
        if isinstance(token, str):
            words += token if anchor is not None and len(words) < 200 else ""
        elif isinstance(token, EndTag):
            if token.name == "a" and anchor is not None:
                yield from _linked(anchor, words, base)
                anchor = None
        elif token.name == "base":
            base = absolute_url(url, token.attributes.get("href", "")) or base
        elif token.name == "link":
            yield from _named(token, base)
        elif token.name == "a":
            anchor, words = token, ""


def _named(link: Tag, base: str) -> Iterator[FeedLink]:
    get = link.attributes.get
    relations = get("rel", "").lower().split()
    kind = get("type", "").lower().partition(";")[0].strip()
    if "feed" in relations or ("alternate" in relations and kind in _TYPES and not get("hreflang")):
        href = absolute_url(base, get("href", ""))
        if href:
            yield FeedLink(href, one_line(get("title", ""))[:200], "named")


def _linked(anchor: Tag, words: str, base: str) -> Iterator[FeedLink]:
    written = anchor.attributes.get("href", "")
    if len(written) <= 500 and (_LOOKS_LIKE_FEED.search(written) or _SAYS_FEED.match(words.strip()[:40])):
        href = absolute_url(base, written)
        if href:
            yield FeedLink(href, one_line(anchor.attributes.get("title") or words)[:200], "linked")
