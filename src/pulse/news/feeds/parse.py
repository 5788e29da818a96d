"""Reading a feed in tiers: the fast reader, mended text, and feedparser where entries would be lost otherwise."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pulse.kernel.clock import utc_now
from pulse.news.decode import decode
from pulse.news.errors import NotAFeed, UnreadableFeed
from pulse.news.feeds.build import build_feed
from pulse.news.feeds.elements import ROOTS
from pulse.news.feeds.expat_reader import NotWellFormed, read_xml
from pulse.news.feeds.fallback import patient_reader, raw_feed
from pulse.news.feeds.json_reader import read_json
from pulse.news.feeds.mend import mend
from pulse.news.feeds.model import Feed
from pulse.news.feeds.prolog import Prolog, read_prolog
from pulse.news.feeds.raw import RawFeed
from pulse.news.killable import WorkFailed, WorkKilled

_ENTRY_TAG = re.compile(r"<(?:[A-Za-z][\w.-]{0,30}:)?(?:item|entry)[\s/>]", re.IGNORECASE)
_FEED_TAG = re.compile(r"<(?:[A-Za-z][\w.-]{0,30}:)?(?:rss|rdf|feed|channel|item|entry)[\s/>]", re.IGNORECASE)

_LOOKS_LIKE: Final = {
    "html": "a web page",
    "opml": "an OPML list of feeds; import it as one",
    "urlset": "a sitemap",
    "sitemapindex": "a sitemap",
    "svg": "a picture",
    "plist": "a property list",
}


def parse_feed(body: bytes, *, content_type: str | None = None, url: str = "", now: datetime | None = None) -> Feed:
    """Read a feed of any format. Safe for any bytes; takes at most some seconds, usually 40 µs an entry.

    `url` is where it came from, which relative links are relative to. Raises `NotAFeed` or `UnreadableFeed`.
    """
    reading = _read_fast(body, content_type, url)
    if reading.doubt is None:
        return reading.feed(now)
    try:
        answer = patient_reader.call(reading.text.encode("utf-8", "replace"), url=url)
    except (WorkFailed, WorkKilled) as error:
        return reading.without_help(error, now)
    return reading.with_help(answer, now)


async def parse_feed_async(
    body: bytes, *, content_type: str | None = None, url: str = "", now: datetime | None = None
) -> Feed:
    """Do the same without holding up the event loop while feedparser works."""
    reading = _read_fast(body, content_type, url)
    if reading.doubt is None:
        return reading.feed(now)
    try:
        answer = await patient_reader.call_async(reading.text.encode("utf-8", "replace"), url=url)
    except (WorkFailed, WorkKilled) as error:
        return reading.without_help(error, now)
    return reading.with_help(answer, now)


@dataclass(slots=True)
class _Reading:
    """What the fast reader found, and why that may not be all."""

    raw: RawFeed
    text: str
    url: str
    warnings: list[str]
    doubt: str | None
    broken: bool = False

    def feed(self, now: datetime | None) -> Feed:
        return build_feed(self.raw, self.url, now or utc_now(), self.warnings)

    def with_help(self, answer: dict[str, Any], now: datetime | None) -> Feed:
        patient = raw_feed(answer)
        # Where the XML broke, feedparser's reading of the same entries is the more complete one.
        enough = len(self.raw.entries) + (0 if self.broken else 1)
        if len(patient.entries) >= enough or (not self.raw.kind and answer["version"]):
            self.raw = patient
        elif not self.raw.kind and not self.raw.entries:
            raise NotAFeed(f"{self.url or 'the document'} is XML, but no feed ({self.doubt})", url=self.url)
        self.warnings.append(str(self.doubt))
        return self.feed(now)

    def without_help(self, error: Exception, now: datetime | None) -> Feed:
        if self.broken:
            self.raw.entries.pop()  # half an entry would be stored as if it were whole
        if not self.raw.entries:
            message = f"{self.url or 'the document'}: {self.doubt}, and mending it failed: {error}"
            raise UnreadableFeed(message, url=self.url) from None
        self.warnings.append(f"{self.doubt}; some entries may be missing")
        return self.feed(now)


def _read_fast(body: bytes, content_type: str | None, url: str) -> _Reading:
    text, warning = decode(body, content_type)
    warnings = [warning] if warning else []
    start = text[:64].lstrip("\ufeff \t\r\n")[:1]
    if start in ("{", "["):
        return _Reading(_read_json(text, url), "", url, warnings, None)
    prolog = read_prolog(text)
    if prolog.root not in ROOTS and not (prolog.root != "html" and _FEED_TAG.search(prolog.text)):
        raise NotAFeed(f"{url or 'the document'} is {_looks_like(prolog, body)}, not a feed", url=url)
    raw, trouble, cut, partly = _read_mending(prolog, url)
    if trouble:
        warnings.append(trouble)
    doubt = trouble if cut else None if partly else _doubt(raw, prolog.text, trouble is not None)
    return _Reading(raw, prolog.text, url, warnings, doubt, cut)


def _read_json(text: str, url: str) -> RawFeed:
    try:
        feed = read_json(text.lstrip("\ufeff"), url)
    except ValueError:
        raise NotAFeed(f"{url or 'the document'} begins like JSON but is none", url=url) from None
    if feed is None:
        raise NotAFeed(f"{url or 'the document'} is JSON, but no JSON Feed", url=url)
    return feed


def _read_mending(prolog: Prolog, url: str) -> tuple[RawFeed, str | None, bool, bool]:
    """Read the XML; where it is not well-formed, mend what machines can and read again.

    Returns the better reading, what was wrong, whether it broke inside an entry, and whether a limit was reached.
    """
    try:
        return read_xml(prolog.text, url, prolog.entities), None, False, False
    except NotWellFormed as error:
        first = error
    if first.limit:
        return first.feed, f"read in part: {first}", False, True
    trouble = f"not well-formed: {first}"
    text = prolog.text if first.unbound_prefix else mend(prolog.text)
    try:
        return read_xml(text, url, prolog.entities, namespaces=False), trouble, False, False
    except NotWellFormed as error:
        best = error if len(error.feed.entries) >= len(first.feed.entries) else first
    return best.feed, trouble, best.cut, False


def _doubt(raw: RawFeed, text: str, broken: bool) -> str | None:
    """Return why entries may be missing: fewer were read than there seem to be tags of entries."""
    entries = len(raw.entries)
    tags = text.count("</item>") + text.count("</entry>")
    if broken or tags != entries or ":item" in text or ":entry" in text:
        tags = len(_ENTRY_TAG.findall(text))
    if tags > entries:
        tags = len(_ENTRY_TAG.findall(_outside_literals(text)))
    if tags > entries:
        return f"{tags} entries seem to be there, {len(raw.entries)} were read"
    return None if raw.kind else "it has no root element of a feed"


def _outside_literals(text: str) -> str:
    """Return the text without comments and CDATA, where a tag is only quoted."""
    parts, position = [], 0
    while True:
        comment, data = text.find("<!--", position), text.find("<![CDATA[", position)
        start = min(it for it in (comment, data, len(text)) if it >= 0)
        parts.append(text[position:start])
        if start == len(text):
            return "".join(parts)
        end = text.find("-->" if start == comment else "]]>", start)
        if end < 0:
            return "".join(parts)
        position = end + 3


def _looks_like(prolog: Prolog, body: bytes) -> str:
    if not body.strip():
        return "empty"
    if prolog.root:
        return _LOOKS_LIKE.get(prolog.root.rpartition(":")[2], f"an XML document <{prolog.root}>")
    return "binary data" if b"\0" in body[:1000] else "plain text"
