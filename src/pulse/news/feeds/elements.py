"""Which XML elements mean what, by the usual prefix of their namespace."""

from typing import Final, NamedTuple

NAMESPACES: Final = {
    "http://www.w3.org/2005/atom": "atom",
    "http://purl.org/atom/ns#": "atom",
    "http://purl.org/pie/": "atom",
    "http://purl.org/echo/": "atom",
    "http://example.com/necho": "atom",
    "http://example.com/newformat#": "atom",
    "uri/of/echo/namespace#": "atom",
    "http://backend.userland.com/rss": "",
    "http://backend.userland.com/rss2": "",
    "http://blogs.law.harvard.edu/tech/rss": "",
    "http://purl.org/rss/1.0/": "",
    "http://purl.org/net/rss1.1#": "",
    "http://my.netscape.com/rdf/simple/0.9/": "",
    "http://channel.netscape.com/rdf/simple/0.9/": "",
    "http://purl.org/rss/1.0/modules/rss091#": "",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#": "rdf",
    "http://purl.org/dc/elements/1.1/": "dc",
    "http://purl.org/dc/terms/": "dcterms",
    "http://purl.org/rss/1.0/modules/content/": "content",
    "http://purl.org/rss/1.0/modules/syndication/": "sy",
    "http://search.yahoo.com/mrss/": "media",
    "http://search.yahoo.com/mrss": "media",
    "http://www.itunes.com/dtds/podcast-1.0.dtd": "itunes",
    "http://example.com/dtds/podcast-1.0.dtd": "itunes",
    "http://www.google.com/schemas/play-podcasts/1.0": "itunes",
    "http://www.w3.org/1999/xhtml": "xhtml",
    "http://rssnamespace.org/feedburner/ext/1.0": "feedburner",
    "http://www.w3.org/xml/1998/namespace": "xml",
}
"""Namespace, in lower case, to prefix. Atom elements keep theirs; those of all RSS versions have none."""

MARKUP: Final = frozenset(("title", "summary", "content", "more", "subtitle"))
"""Names whose value is HTML, or text that becomes HTML; others are plain."""

LISTS: Final = frozenset(("authors", "categories"))

ROOTS: Final = {"rss": "rss", "channel": "rss", "rdf:rdf": "rdf", "rdf": "rdf", "feed": "atom", "atom:feed": "atom"}


class Scope(NamedTuple):
    """What elements mean inside one kind of element."""

    leaves: dict[str, str]
    """Element to the name its text is kept under."""


FEED: Final = Scope(
    {
        "title": "title", "atom:title": "title", "dc:title": "title",
        "link": "link", "language": "language", "dc:language": "language",
        "description": "subtitle", "atom:subtitle": "subtitle", "atom:tagline": "subtitle",
        "atom:logo": "image", "atom:icon": "image",
        "managingeditor": "authors", "dc:creator": "authors", "itunes:author": "authors",
        "ttl": "ttl", "sy:updateperiod": "period", "sy:updatefrequency": "frequency",
    }
)  # fmt: skip

ENTRY: Final = Scope(
    {
        "title": "title", "atom:title": "title", "dc:title": "more_title", "media:title": "more_title",
        "link": "link", "guid": "id", "atom:id": "id", "id": "id", "feedburner:origlink": "original",
        "description": "summary", "atom:summary": "summary", "dc:description": "more", "itunes:summary": "more",
        "media:description": "more", "abstract": "summary",
        "content:encoded": "content", "atom:content": "content", "content": "content", "fullitem": "content",
        "xhtml:body": "content", "xhtml:div": "content", "body": "content",
        "author": "authors", "dc:creator": "authors", "dc:author": "authors", "itunes:author": "more_author",
        "pubdate": "published", "atom:published": "published", "atom:issued": "issued", "atom:created": "issued",
        "dcterms:created": "issued", "dcterms:issued": "issued", "dc:date": "date",
        "atom:updated": "updated", "atom:modified": "updated", "dcterms:modified": "updated",
        "category": "categories", "dc:subject": "categories",
        "language": "language", "dc:language": "language",
        # Atom's words in RSS without Atom's namespace
        "summary": "more", "published": "published", "issued": "issued", "created": "issued", "updated": "updated",
        "modified": "updated",
    }
)  # fmt: skip

AUTHOR: Final = Scope({"atom:name": "name", "name": "name", "atom:email": "email", "email": "email"})
IMAGE: Final = Scope({"url": "image"})
OTHER: Final = Scope({})
"""Inside a text input, another feed's name, a contributor: nothing there belongs to the entry."""
