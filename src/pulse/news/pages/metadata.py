"""Title, author, date and the like, from what publishers write for search engines and previews."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import orjson
from lxml.html import HtmlElement

from pulse.news.dates import parse_date
from pulse.news.markup import one_line, tidy
from pulse.news.urls import absolute_url

MAX_JSON = 200_000
_ARTICLES: Final = ("Article", "Posting", "Report", "WebPage")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")


@dataclass(frozen=True, slots=True)
class Metadata:
    """What the page says about itself."""

    title: str
    author: str | None
    published: str | None
    """ISO 8601, in UTC."""
    language: str | None
    canonical_url: str | None
    image_url: str | None
    description: str


def read_metadata(tree: HtmlElement, url: str) -> Metadata:
    """Read the head of a page. Nothing in it is trusted to be true, only to be text, an address or a date."""
    metas = _metas(tree)
    data = _linked_data(tree)
    base = url
    canonical = next((link.get("href") for link in tree.iter("link") if "canonical" in _words(link.get("rel"))), None)
    title = metas.get("og:title") or metas.get("twitter:title") or _string(data.get("headline")) or _element_text(tree)
    return Metadata(
        title=one_line(title)[:500],
        author=_author(metas, data, tree),
        published=_published(metas, data, tree),
        language=_language(tree.get("lang") or tree.get("xml:lang") or metas.get("og:locale")),
        canonical_url=absolute_url(base, canonical or metas.get("og:url") or ""),
        image_url=absolute_url(base, metas.get("og:image") or metas.get("twitter:image") or ""),
        description=one_line(metas.get("og:description") or metas.get("description") or "")[:1_000],
    )


def _metas(tree: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for number, meta in enumerate(tree.iter("meta")):
        name = meta.get("property") or meta.get("name") or meta.get("itemprop")
        content = meta.get("content")
        if name and content and number < 500:
            found.setdefault(name.lower(), content.strip())
    return found


def _linked_data(tree: HtmlElement) -> dict[str, Any]:
    """Return the first JSON-LD object that describes an article, or nothing."""
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "") or not script.text or len(script.text) > MAX_JSON:
            continue
        try:
            data = orjson.loads(script.text.strip())
        except ValueError:
            continue
        for thing in _things(data):
            kinds = thing.get("@type")
            if any(str(kind).endswith(_ARTICLES) for kind in (kinds if isinstance(kinds, list) else [kinds])):
                return thing
    return {}


def _things(data: Any) -> Iterator[dict[str, Any]]:
    for thing in data if isinstance(data, list) else [data]:
        if isinstance(thing, dict):
            yield thing
            graph = thing.get("@graph")
            yield from (part for part in (graph if isinstance(graph, list) else []) if isinstance(part, dict))


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _words(text: str | None) -> list[str]:
    return (text or "").lower().split()


def _element_text(tree: HtmlElement) -> str:
    for tag in ("h1", "title"):
        element = next(tree.iter(tag), None)
        if element is not None and (text := tidy("".join(element.itertext()))):
            return text
    return ""


def _author(metas: dict[str, str], data: dict[str, Any], tree: HtmlElement) -> str | None:
    people = data.get("author")
    names = [
        _string(person.get("name")) if isinstance(person, dict) else _string(person)
        for person in (people if isinstance(people, list) else [people])[:5]
    ]
    text = ", ".join(name for name in names if name) or metas.get("author") or metas.get("article:author") or ""
    if not text or text.startswith("http"):
        link = next((a for a in tree.iter("a") if "author" in _words(a.get("rel"))), None)
        text = "".join(link.itertext()) if link is not None else ""
    return one_line(text)[:200] or None


_DATES: Final = (
    "article:published_time", "datepublished", "date", "dc.date", "dc.date.issued", "dcterms.created", "pubdate",
    "publishdate", "publish-date", "parsely-pub-date", "sailthru.date", "og:published_time",
)  # fmt: skip


def _published(metas: dict[str, str], data: dict[str, Any], tree: HtmlElement) -> str | None:
    candidates = [metas.get("article:published_time"), _string(data.get("datePublished"))]
    candidates += [metas.get(name) for name in _DATES]
    time = next((element for element in tree.iter("time") if element.get("datetime")), None)
    candidates.append(time.get("datetime") if time is not None else None)
    moments = (parse_date(text) for text in candidates if text)
    return next((moment.isoformat() for moment in moments if moment is not None), None)


def _language(text: str | None) -> str | None:
    text = (text or "").strip()[:35]
    return text.replace("_", "-") if _LANGUAGE.fullmatch(text) else None
