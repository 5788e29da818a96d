"""The expectations in the head comments of feedparser's test documents, as far as Pulse has a field for them."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from pulse.news.feeds import Entry, Feed
from pulse.news.markup import one_line, plain_text

_EXPECT = re.compile(rb"^Expect:\s*(.+)$", re.MULTILINE)
_HEADER = re.compile(rb"^Header:\s+([^:\r\n]+):(.+)$", re.MULTILINE)
DOCUMENT_URL = "http://127.0.0.1:8097/x/"
"""What the documents expect to have been fetched from, where they do not say."""


@dataclass(frozen=True)
class Expectation:
    """That a field, named like in feedparser, has a value: in entry `index`, or in the feed where that is None."""

    index: int | None
    field: str
    value: Any


def headers(document: bytes) -> dict[str, str]:
    """Return the HTTP headers that a document asks to be served with."""
    return {name.decode().strip().lower(): value.decode().strip() for name, value in _HEADER.findall(document[:2000])}


def expectations(document: bytes) -> list[Expectation]:
    """Return those equalities of a document's Expect line that say what a field is."""
    match = _EXPECT.search(document[:3000])
    if match is None:
        return []
    try:
        tree = ast.parse(match[1].decode("utf-8", "replace").strip().removesuffix("-->").strip(), mode="eval")
    except SyntaxError:
        return []
    return [found for node in ast.walk(tree) if isinstance(node, ast.Compare) for found in _equality(node)]


def _equality(node: ast.Compare) -> Iterator[Expectation]:
    if len(node.ops) != 1 or not isinstance(node.ops[0], ast.Eq):
        return
    try:
        value = ast.literal_eval(node.comparators[0])
    except ValueError:
        return
    place = _place(node.left)
    if place is not None:
        yield Expectation(place[0], place[1], value)


def _place(node: ast.expr) -> tuple[int | None, str] | None:
    source = re.sub(r"\.(\w+)", r"['\1']", ast.unparse(node))
    if source == "len(entries)":
        return None, "count"
    match = re.fullmatch(r"(?:entries\[(\d)\]|feed)\['(\w+)'\](?:\[0\]\['(value)'\])?", source)
    if match is None:
        return None
    return (int(match[1]) if match[1] else None), match[2] + (".value" if match[3] else "")


def actual(feed: Feed, wanted: Expectation) -> list[Any] | None:
    """Return what Pulse has for the field, any of which will do; None if it keeps no such field."""
    if wanted.index is None:
        fields: dict[str, list[Any]] = {
            "count": [len(feed.entries)],
            "title": [feed.title],
            "link": [feed.home_url],
            "language": [feed.language],
        }
        return fields.get(wanted.field)
    entry = feed.entries[wanted.index] if wanted.index < len(feed.entries) else None
    return None if wanted.field not in _ENTRY_FIELDS else [] if entry is None else _ENTRY_FIELDS[wanted.field](entry)


def _texts(entry: Entry) -> list[str]:
    return [plain_text(entry.summary), plain_text(entry.content)]


_ENTRY_FIELDS: dict[str, Any] = {
    "title": lambda entry: [entry.title],
    "description": _texts,
    "summary": _texts,
    "content.value": _texts,
    "link": lambda entry: [entry.url],
    "id": lambda entry: [entry.id],
    "guid": lambda entry: [entry.id],
    "author": lambda entry: [entry.author],
    "published_parsed": lambda entry: [entry.published],
    "created_parsed": lambda entry: [entry.published],
    "updated_parsed": lambda entry: [entry.updated, entry.published],
}


def expected(wanted: Expectation) -> list[Any]:
    """Return the expected value in Pulse's form: texts plain, moments aware. Any of these will do."""
    field, value = wanted.field, wanted.value
    if field == "title":
        return [one_line(value), value]
    if field in ("description", "summary", "content.value"):
        return [plain_text(value), value]
    if field.endswith("_parsed"):
        return [datetime(*value[:6]).replace(tzinfo=UTC)]
    if field == "author" and isinstance(value, str):
        return [re.sub(r"\s*\([^()]*@[^()]*\)$", "", value)]  # Pulse keeps the name only
    return [value]
