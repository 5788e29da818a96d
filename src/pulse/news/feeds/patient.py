"""feedparser, in the child process: twenty years of other people's mistakes, at twenty times the price."""

import io
from html import escape
from typing import Any

import feedparser

from pulse.news.feeds.raw import RawEntry
from pulse.news.urls import absolute_url


def read_patiently(data: bytes, *, url: str) -> dict[str, Any]:
    """Read a feed with feedparser. `data` is UTF-8."""
    parsed = feedparser.parse(
        io.BytesIO(data),
        response_headers={"content-type": "application/xml; charset=utf-8", "content-location": url},
        sanitize_html=False,
        resolve_relative_uris=False,
    )
    version = parsed.get("version") or ""
    kind = "atom" if version.startswith("atom") else "rdf" if version in ("rss090", "rss10") else "rss"
    return {
        "kind": kind,
        "version": version,
        "head": _head(parsed.feed, url),
        "entries": [_entry(it, url) for it in parsed.entries],
    }


def _head(feed: Any, url: str) -> RawEntry:
    head: RawEntry = {
        "title": _markup(feed, "title"),
        "link": absolute_url(url, feed.get("link") or ""),
        "language": feed.get("language"),
        "ttl": feed.get("ttl"),
        "period": feed.get("sy_updateperiod"),
        "frequency": feed.get("sy_updatefrequency"),
        "authors": _names(feed),
    }
    for link in feed.get("links", ()):
        head.setdefault(f"link-{link.get('rel')}", absolute_url(url, link.get("href") or ""))
    return head


def _entry(entry: Any, url: str) -> RawEntry:
    images = [
        *entry.get("media_thumbnail", ()),
        *[it for it in entry.get("media_content", ()) if it.get("medium") == "image"],
    ]
    return {
        "id": entry.get("id"),
        "permalink": "true" if entry.get("guidislink", True) else "false",
        "link": absolute_url(url, entry.get("link") or ""),
        "title": _markup(entry, "title"),
        "summary": _markup(entry, "summary"),
        "content": next((_as_markup(it.get("value"), it.get("type")) for it in entry.get("content", ())), None),
        "base": url,
        "language": entry.get("language") or (entry.get("title_detail") or {}).get("language"),
        "published": entry.get("published"),
        "issued": entry.get("created"),
        "updated": entry.get("updated") if "updated" in entry else None,
        "authors": _names(entry),
        "categories": [tag.get("label") or tag.get("term") for tag in entry.get("tags", ()) if tag.get("term")],
        "image": next((href for it in images if (href := absolute_url(url, it.get("url") or ""))), None),
        "enclosures": [
            [href, it.get("type") or "", str(it.get("length") or "")]
            for it in entry.get("enclosures", ())
            if (href := absolute_url(url, it.get("href") or ""))
        ],
    }


def _names(thing: Any) -> list[str]:
    people = [person.get("name") or person.get("email") for person in thing.get("authors", ())]
    return [name for name in people or [thing.get("author")] if name]


def _markup(thing: Any, name: str) -> str:
    detail = thing.get(name + "_detail") or {}
    return _as_markup(thing.get(name), detail.get("type"))


def _as_markup(value: str | None, kind: str | None) -> str:
    # feedparser's text/plain of RSS is a guess; what holds no tag is the same either way.
    return escape(value, quote=False) if value and kind == "text/plain" and "<" not in value else value or ""
