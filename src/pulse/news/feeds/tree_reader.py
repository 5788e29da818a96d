"""RSS, RDF and Atom from the tree that libxml2 builds: no entities, no DTD, bounded depth.

Unlike its HTML parser, libxml2's XML parser takes linear time also for an element of many attributes or namespaces,
and the tree costs half of what the events of expat cost in Python.
"""

import base64
import binascii
from collections.abc import Callable
from html import escape
from typing import Final

from lxml import etree

from pulse.news.feeds.elements import ENTRY, FEED, ENTRIES, LISTS, MARKUP, ROOTS, Leaf, Names, Scope
from pulse.news.feeds.raw import MAX_ENTRIES, RawEntry, RawFeed
from pulse.news.urls import absolute_url

_XML: Final = "{http://www.w3.org/XML/1998/namespace}"
_ABOUT: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_HTML: Final = frozenset(("html", "text/html"))
Element = etree._Element


class NotWellFormed(Exception):
    """The document is not well-formed XML, or deeper than anything a feed needs."""


def read_xml(text: str, base: str) -> RawFeed:
    """Read a document without DOCTYPE. Raises `NotWellFormed`."""
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        collect_ids=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotWellFormed(str(error)[:300]) from None
    return _Reader(root, base, inherits="xml:base" in text or "xml:lang" in text).feed


class _Reader:
    """One pass over a tree."""

    def __init__(self, root: Element, base: str, *, inherits: bool) -> None:
        self.feed = RawFeed()
        self._inherits = inherits
        self._names = Names.for_root(root.tag)
        self.feed.kind = ROOTS.get(self._names[root.tag], "")
        base, language = self._inherited(root, base, None)
        head = self.feed.head
        head["language"] = language
        self._keep(head, "link", absolute_url(base, root.get("href", "")))
        self._walk(root, FEED, head, base, language)
        for channel in root:
            if self._names[channel.tag] == "channel":
                self._walk(channel, FEED, head, *self._inherited(channel, base, language))
        entries = root.iter(*ENTRIES) if self._names[root.tag] not in ENTRY_NAMES else [root]
        for number, entry in enumerate(entries):
            if number == MAX_ENTRIES:
                self.feed.warnings.append(f"has more than {MAX_ENTRIES} entries")
                break
            self.feed.entries.append(self._entry(entry, root, base, language))

    def _inherited(self, element: Element, base: str, language: str | None) -> tuple[str, str | None]:
        if not self._inherits:
            return base, language
        href = element.get(_XML + "base")
        return (absolute_url(base, href) or base) if href else base, element.get(_XML + "lang", language)
