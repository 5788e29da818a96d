"""JSON Feed 1.0 and 1.1 (jsonfeed.org)."""

from html import escape
from typing import Any

import orjson

from pulse.news.feeds.raw import MAX_ENTRIES, RawEntry, RawFeed
from pulse.news.urls import absolute_url


def read_json(text: str, base: str) -> RawFeed | None:
    """Read a JSON Feed; None if the text is JSON of another kind. Raises `ValueError` if it is no JSON."""
    data = orjson.loads(text.encode("utf-8", "replace"))
    if not isinstance(data, dict) or not isinstance(data.get("items"), list):
        return None
    version = _text(data.get("version"))
    if "jsonfeed.org" not in version and not (
        _text(data.get("title")) and all(isinstance(i, dict) for i in data["items"])
    ):
        return None
    feed = RawFeed(
        "json", warnings=[] if "jsonfeed.org" in version else ["does not say which version of JSON Feed it is"]
    )
    feed.head = {
        "title": escape(_text(data.get("title"))),
        "link": absolute_url(base, _text(data.get("home_page_url"))),
        "link-self": absolute_url(base, _text(data.get("feed_url"))),
        "link-hub": next((_text(hub.get("url")) for hub in _dicts(data.get("hubs"))), None),
        "language": _text(data.get("language")),
        "authors": _authors(data),
    }
    feed.entries = [_entry(item, base) for item in _dicts(data["items"][:MAX_ENTRIES])]
    return feed


def _entry(item: dict[str, Any], base: str) -> RawEntry:
    content = _text(item.get("content_html")) or escape(_text(item.get("content_text")), quote=False)
    return {
        "id": _text(item.get("id")),
        "permalink": "false",
        "link": absolute_url(base, _text(item.get("url"))) or absolute_url(base, _text(item.get("external_url"))),
        "title": escape(_text(item.get("title"))),
        "content": content,
        "summary": escape(_text(item.get("summary")), quote=False),
        "published": _text(item.get("date_published")),
        "updated": _text(item.get("date_modified")),
        "authors": _authors(item),
        "language": _text(item.get("language")),
        "image": absolute_url(base, _text(item.get("image")) or _text(item.get("banner_image"))),
        "categories": [tag for tag in map(_text, _list(item.get("tags"))) if tag],
        "enclosures": [
            [href, _text(file.get("mime_type")), _text(file.get("size_in_bytes"))]
            for file in _dicts(item.get("attachments"))
            if (href := absolute_url(base, _text(file.get("url"))))
        ],
    }


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [element for element in _list(value) if isinstance(element, dict)]


def _authors(data: dict[str, Any]) -> list[str]:
    people = _dicts(data.get("authors")) or _dicts([data.get("author")])
    return [name for person in people if (name := _text(person.get("name")))]
