"""From a feed's words to a feed: plain titles, moments, one link, one id."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import blake2b
from typing import Any, Final

from pulse.news.dates import parse_date, plausible
from pulse.news.feeds.model import Enclosure, Entry, Feed, Kind
from pulse.news.feeds.raw import RawEntry, RawFeed
from pulse.news.markup import one_line
from pulse.news.urls import absolute_url

MAX_TITLE = 500
MAX_TEXT = 1_000_000

_KINDS: Final[dict[str, Kind]] = {"rss": "rss", "rdf": "rdf", "atom": "atom", "json": "json"}
_MAILBOX = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")
_FIRST_IMAGE = re.compile(r"<img\s[^<>]{0,2000}?src\s*=\s*[\"']?([^\"'<>\s]+)", re.IGNORECASE)
_PERIODS: Final = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720, "yearly": 8760}


def build_feed(raw: RawFeed, url: str, now: datetime, warnings: Iterable[str] = ()) -> Feed:
    """Understand a feed's words. `url` is where it came from; dates after `now` (and a day) are not believed."""
    head = raw.head
    language = _language(head.get("language"))
    authors = head.get("authors", []) if raw.kind in ("atom", "json") else []
    return Feed(
        title=one_line(head.get("title") or "")[:MAX_TITLE],
        home_url=head.get("link"),
        language=language,
        kind=_KINDS.get(raw.kind, "rss"),
        self_url=head.get("link-self"),
        hub_url=head.get("link-hub"),
        every=_every(head),
        entries=tuple([_entry(entry, url, now, language, authors) for entry in raw.entries]),
        warnings=tuple(dict.fromkeys((*warnings, *raw.warnings))),
    )


def _entry(raw: RawEntry, url: str, now: datetime, language: str | None, authors: list[str]) -> Entry:
    get = raw.get
    id_, link = get("id"), get("original") or get("link")
    base = get("base") or url
    if link is None:
        if id_ and get("permalink", "true") != "false" and id_[:8].lower().startswith(("http://", "https://")):
            link = absolute_url(base, id_)
        elif about := get("about"):
            link = absolute_url(base, about)
        else:
            link = get("link-alternate-other") or get("link-related") or (get("enclosures") or [[None]])[0][0]
    title = one_line(get("title") or get("more_title") or "")[:MAX_TITLE]
    content, summary = (get("content") or "")[:MAX_TEXT], (get("summary") or get("more") or "")[:MAX_TEXT]
    updated = _moment(get("updated"), now)
    published = _moment(get("published"), now) or _moment(get("issued"), now) or _moment(get("date"), now)
    enclosures = get("enclosures")
    return Entry(
        id=id_[:2_000] if id_ else link or _fingerprint(title, summary, content),
        url=link,
        title=title,
        summary=summary,
        content=content,
        base=get("base_of_content") or get("base_of_summary") or base,
        author=_author(get("authors") or ([get("more_author")] if get("more_author") else authors)),
        published=published or updated,
        updated=updated or _moment(get("date"), now),
        language=_language(get("language")) or language,
        image_url=get("image") or _image(enclosures, content, summary, base),
        categories=_categories(get("categories")),
        enclosures=_enclosures(enclosures) if enclosures else (),
    )


def _fingerprint(*parts: str) -> str:
    return blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=16).hexdigest()


def _moment(text: str | None, now: datetime) -> datetime | None:
    return plausible(parse_date(text), now) if text else None


def _language(text: str | None) -> str | None:
    text = (text or "").strip()
    return text.replace("_", "-") if _LANGUAGE.fullmatch(text) and len(text) <= 35 else None


def _author(names: list[str]) -> str | None:
    if not names:
        return None
    if len(names) == 1:
        return _name(names[0])[:200] or None
    found = dict.fromkeys(filter(None, map(_name, names[:20])))
    return ", ".join(list(found)[:5])[:200] or None


def _name(text: str) -> str:
    """Return the person's name where there is one: `me@example.org (Me)`, `Me <me@example.org>`; else the address."""
    text = one_line(text) if "&" in text and "<" not in text else " ".join(text.split())
    if "@" not in text:
        return text
    text = text[:400]
    name = " ".join(_MAILBOX.sub(" ", text).replace("<", " ").replace(">", " ").replace("mailto:", " ").split())
    name = name.removeprefix("(").removesuffix(")").strip(" ()\"'")
    return name or text


def _image(enclosures: list[list[Any]] | None, content: str, summary: str, base: str) -> str | None:
    for href, kind, _ in enclosures or ():
        if isinstance(kind, str) and kind.startswith("image/"):
            return str(href)
    for markup in (content, summary):
        if "<img" in markup:
            match = _FIRST_IMAGE.search(markup)
            return absolute_url(base, match[1].replace("&amp;", "&")) if match else None
    return None


def _categories(values: list[str] | None) -> tuple[str, ...]:
    if not values:
        return ()
    written = "".join(values[:50])
    if len(written) < 100 and "&" not in written and written.isprintable():
        return tuple(dict.fromkeys(values))
    plain = (one_line(value) if "&" in value or "\n" in value else value for value in values[:50])
    return tuple(dict.fromkeys(value[:100] for value in plain if value))


def _enclosures(values: list[list[Any]]) -> tuple[Enclosure, ...]:
    return tuple(Enclosure(href, str(kind)[:100], _bytes(str(length))) for href, kind, length in values[:20])


def _bytes(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _every(head: RawEntry) -> timedelta | None:
    ttl = (head.get("ttl") or "").strip()
    if ttl.isascii() and ttl.isdigit() and int(ttl[:6]) > 0:
        return timedelta(minutes=int(ttl[:6]))
    hours = _PERIODS.get((head.get("period") or "").strip().lower())
    if hours is None:
        return None
    times = (head.get("frequency") or "1").strip()
    return timedelta(hours=hours) / max(1, int(times[:6]) if times.isascii() and times.isdigit() else 1)
