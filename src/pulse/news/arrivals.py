"""What a feed brought, compared with what is known: new, revised, or seen before. Pure."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from pulse.news import dedupe
from pulse.news.feeds.model import Entry, Feed
from pulse.news.store.articles import Known
from pulse.news.store.sources import Claimed
from pulse.news.urls import canonical_url

MAX_CONTENT = 200_000
"""Characters of an article's text that are kept."""
MAX_TITLE = 500
TEASER = 400
"""A feed's text of fewer characters is a teaser, if its article has a title and a page."""
_PROOF = 100
"""Characters of title and text from which the same words mean the same article, whatever its guid and address."""
_SAYS_MORE = re.compile(
    r"(?:…|\.\.\.|\[…\]|\[\.\.\.\]|»|>>|→|(?:read (?:more|on|the full \w+)|continue reading|weiterlesen|mehr lesen|"
    r"lire la suite|leer más|続きを読む)\W*)\s*$",
    re.IGNORECASE,
)
_UNCHANGED = timedelta(hours=1)
"""Between the moments of publication and change of a text that was not rewritten."""
_TRUNCATED = 1_500
"""A text up to this length that ends like a cut one is a teaser too."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An entry of a feed, ready to be recognised or stored."""

    guid_key: UUID
    url_key: UUID | None
    """None where the address does not tell the article from others."""
    text_key: UUID
    text_hash: UUID
    telling_text: bool
    """Long enough for the text alone to identify it."""
    source: Claimed
    url: str
    title: str
    content: str
    author: str | None
    language: str | None
    image_url: str | None
    published: datetime
    dated: bool
    """The source says when it published this text, and has not changed it since."""
    teaser: bool


def arrivals(source: Claimed, feed: Feed, now: datetime) -> list[Arrival]:
    """Return the entries of a feed, in its order, without those that have neither title nor text.

    A guid or an address that several entries share identifies none of them; what shares both is one entry.
    """
    keys = dedupe.Keys(source.niche)
    entries = list({(entry.id, entry.url): entry for entry in reversed(feed.entries)}.values())[::-1]
    addresses = [_identity(entry) for entry in entries]
    shared = {address for address, count in Counter(addresses).items() if count > 1}
    shared_guids = {guid for guid, count in Counter(entry.id for entry in entries).items() if count > 1}
    found = []
    for entry, address in zip(entries, addresses, strict=True):
        content = entry.text[:MAX_CONTENT]
        title = entry.title[:MAX_TITLE] or _first_words(content)
        if not title:
            continue
        hashed = dedupe.text_hash(title, content)
        found.append(
            Arrival(
                guid_key=keys.of_guid(source.id, f"{entry.id} {entry.url}" if entry.id in shared_guids else entry.id),
                url_key=keys.of_url(address) if address and address not in shared else None,
                text_key=keys.of_text(source.id, hashed),
                text_hash=hashed,
                telling_text=len(title) + len(content) >= _PROOF,
                source=source,
                url=entry.url or feed.home_url or source.home_url or source.url,
                title=title,
                content=content,
                author=entry.author,
                language=entry.language or feed.language or source.language,
                image_url=entry.image_url,
                published=min(entry.published or entry.updated or now, now),
                dated=_dated(entry, now),
                teaser=bool(entry.url and entry.title) and is_teaser(entry.title, content),
            )
        )
    return found


def is_teaser(title: str, text: str) -> bool:
    """Return whether a feed's text only leads to its article's page.

    A text that begins with its title is a short message, and all there is.
    """
    if len(text) < TEASER:
        return not (len(text) > 40 and text.startswith(title.rstrip("….")[:60]))
    return len(text) < _TRUNCATED and bool(_SAYS_MORE.search(text[-60:]))


def _dated(entry: Entry, now: datetime) -> bool:
    """Return whether an entry's text is of the moment its source says; a date that is yet to come is a mistake."""
    if entry.published is None or entry.published > now:
        return False
    return entry.updated is None or abs(entry.updated - entry.published) <= _UNCHANGED


def _identity(entry: Entry) -> str | None:
    """Return what of the entry's address tells it from others; None for a site's front page."""
    if entry.url is None:
        return None
    address = canonical_url(entry.url)
    place = entry.url.partition("#")[2]
    if place and "=" not in place and "#" not in address:
        return f"{address}#{place}"
    return None if address.endswith("/") and address.count("/") == 3 else address


def _first_words(text: str) -> str:
    line = text.partition("\n")[0]
    return line if len(line) <= 80 else line[:80].rpartition(" ")[0] + "…"


@dataclass(frozen=True, slots=True)
class Sifted:
    """What is to be stored."""

    new: list[Arrival]
    revised: dict[UUID, Arrival]
    """Articles whose feed shows another text for the same guid."""
    at_known_page: list[tuple[UUID, Arrival]]
    """Another guid and another text at the address of a known article: its revision, if the source is the same."""
    known: int


def sift(found: Sequence[Arrival], known: Mapping[UUID, Known]) -> Sifted:
    """Tell new arrivals from revised ones and from those seen before. `known`: what their keys lead to."""
    new: list[Arrival] = []
    revised: dict[UUID, Arrival] = {}
    at_known_page: list[tuple[UUID, Arrival]] = []
    fresh: set[UUID] = set()
    before = 0
    for arrival in found:
        if (item := known.get(arrival.guid_key)) is not None:
            if item.text_hash == arrival.text_hash:
                before += 1
            else:
                revised[item.article] = arrival
            continue
        page = known.get(arrival.url_key) if arrival.url_key else None
        words = known.get(arrival.text_key)
        mine = {arrival.guid_key}
        if arrival.url_key:
            mine.add(arrival.url_key)
        if arrival.telling_text:
            mine.add(arrival.text_key)
        if page is not None and words is None:
            at_known_page.append((page.article, arrival))
        elif page is not None or (words is not None and arrival.telling_text) or not fresh.isdisjoint(mine):
            before += 1
        else:
            new.append(arrival)
            fresh |= mine
    return Sifted(new, revised, at_known_page, before)
