"""RSS, RDF and Atom by the events of expat: one pass, no tree, no entities, no DTD."""

import base64
import binascii
from collections.abc import Callable
from html import escape
from html.entities import html5
from typing import Final
from xml.parsers import expat

from pulse.news.feeds.elements import AUTHOR, ENTRY, FEED, IMAGE, LISTS, MARKUP, OTHER, ROOTS, Scope
from pulse.news.feeds.raw import MAX_ENTRIES, RawEntry, RawFeed
from pulse.news.feeds.vocabulary import Attributes, Leaf, vocabulary_for
from pulse.news.urls import absolute_url

MAX_DEPTH = 200

_VOID_WORDS = """
area br col embed hr img input link meta param source track wbr
"""
_VOID: Final = frozenset(_VOID_WORDS.split())
_HTML: Final = frozenset(("html", "text/html"))


class NotWellFormed(Exception):
    """The document is not well-formed XML; `feed` holds what was read up to there.

    `cut` says that it broke inside an entry, `unbound_prefix` that it broke at a namespace nobody declared, `limit`
    that not the XML but its size was the reason.
    """

    def __init__(
        self, message: str, feed: RawFeed, *, cut: bool, unbound_prefix: bool = False, limit: bool = False
    ) -> None:
        super().__init__(message)
        self.feed = feed
        self.cut = cut
        self.unbound_prefix = unbound_prefix
        self.limit = limit


def read_xml(text: str, base: str, entities: dict[str, str], *, namespaces: bool = True) -> RawFeed:
    """Read a document without DOCTYPE. Raises `NotWellFormed`.

    Without `namespaces`, prefixes count for what they usually mean: many feeds use one they never declared.
    """
    reader = _Reader(base, entities, namespaces=namespaces)
    try:
        reader.parser.Parse(text, True)
    except expat.ExpatError as error:
        unbound = error.code == expat.errors.codes[expat.errors.XML_ERROR_UNBOUND_PREFIX]
        raise NotWellFormed(str(error), reader.feed, cut=reader.in_entry, unbound_prefix=unbound) from None
    except _Stop as stop:
        raise NotWellFormed(str(stop), reader.feed, cut=False, limit=True) from None
    finally:
        reader.close()
    return reader.feed


class _Stop(Exception):
    """A limit is reached."""


class _Reader:
    """The handlers and what they remember."""

    def __init__(self, base: str, entities: dict[str, str], *, namespaces: bool) -> None:
        self.feed = RawFeed()
        self._entities = entities
        self._words = vocabulary_for(namespaces=namespaces)
        self._depth = 0
        # Where we are: what elements mean here, what their values are kept in, and what to return to at which depth.
        self._scope: Scope = FEED
        self._actions = self._words.actions(FEED, _HANDLERS)
        self._target: RawEntry = self.feed.head
        self._scope_depth = 0
        self._outer: list[tuple[int, Scope, RawEntry]] = []
        # xml:base and xml:lang, each with the depth it was set at.
        self._bases: list[tuple[int, str, str | None]] = [(0, base, None)]
        self._base_depth = 0
        # The leaf being read, and the depth it is at; 0 between leaves.
        self._leaf_depth = 0
        self._leaf = Leaf("", False, False)
        self._leaf_attributes: Attributes = {}
        self._nested = self._escaping = False
        self._pieces: list[str] = []
        self.parser = parser = expat.ParserCreate("utf-8", " " if namespaces else None)
        # With an imaginary DTD, an entity nobody declared (&nbsp;) is reported instead of being an error.
        parser.UseForeignDTD(True)
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._pieces.append
        parser.SkippedEntityHandler = self._entity
        parser.StartDoctypeDeclHandler = _refuse_doctype

    @property
    def in_entry(self) -> bool:
        """Tell whether an entry is open."""
        return self._scope is ENTRY or any(scope is ENTRY for _, scope, _ in self._outer)

    def close(self) -> None:
        """Break the circle of references between parser and handlers."""
        self.parser.StartElementHandler = self.parser.EndElementHandler = None
        self.parser.SkippedEntityHandler = self.parser.CharacterDataHandler = None

    def _start(self, name: str, attributes: Attributes) -> None:
        self._depth = depth = self._depth + 1
        if self._leaf_depth:
            self._start_nested(name, attributes)
            return
        if attributes and (self._words.base in attributes or self._words.language in attributes):
            self._inherit(attributes)
        action = self._actions[name]
        if action is None:
            if depth == 1:
                self._start_root(name, attributes)
            elif depth > MAX_DEPTH:
                raise _Stop("nested too deeply")
        elif isinstance(action, Leaf):
            # Deeper in an entry, a title is the title of something else, except in media:group.
            if action.anywhere or depth == self._scope_depth + 1 or self._scope is not ENTRY:
                self._leaf, self._leaf_depth, self._leaf_attributes = action, depth, attributes
                self._pieces.clear()
        else:
            action(self, name, attributes)

    def _end(self, name: str) -> None:
        depth = self._depth
        self._depth = depth - 1
        if self._leaf_depth:
            if depth != self._leaf_depth:
                if self._nested:
                    tag = _local(name)
                    if tag not in _VOID:
                        self._pieces.append(f"</{tag}>")
                return
            self._leaf_depth = 0
            text = "".join(self._pieces).strip()
            slot = self._leaf.slot
            ending = _ENDINGS.get(slot)
            if ending is not None:
                text = ending(self, text)
            if text:
                if slot in LISTS:
                    self._target.setdefault(slot, []).append(text)
                elif not self._target.get(slot):
                    self._target[slot] = text
        elif depth == self._scope_depth:
            self._leave()
        if self._base_depth == depth:
            self._bases.pop()
            self._base_depth = self._bases[-1][0]

    def _entity(self, name: str, is_parameter: bool) -> None:
        if not is_parameter:
            text = self._entities.get(name) or html5.get(name + ";") or f"&{name};"
            self._pieces.append(escape(text) if self._escaping else text)

    def _inherit(self, attributes: Attributes) -> None:
        _, base, language = self._bases[-1]
        href = attributes.get(self._words.base, "").strip()
        base = absolute_url(base, href) or base if href else base
        self._base_depth = self._depth
        self._bases.append((self._depth, base, attributes.get(self._words.language, language)))

    def _absolute(self, href: str | None) -> str | None:
        return absolute_url(self._bases[-1][1], href) if href else None

    def _keep(self, name: str, value: str | None) -> None:
        if value and not self._target.get(name):
            self._target[name] = value

    # Scopes

    def _enter(self, scope: Scope, target: RawEntry) -> None:
        self._outer.append((self._scope_depth, self._scope, self._target))
        self._scope_depth, self._scope, self._target = self._depth, scope, target
        self._actions = self._words.actions(scope, _HANDLERS)

    def _leave(self) -> None:
        scope, target = self._scope, self._target
        self._scope_depth, self._scope, self._target = self._outer.pop()
        self._actions = self._words.actions(self._scope, _HANDLERS)
        if scope is AUTHOR:
            name = target.get("name") or target.get("email")
            if name:
                self._target.setdefault("authors", []).append(name)

    def _start_root(self, name: str, attributes: Attributes) -> None:
        element = self._words[name]
        kind = ROOTS.get(element)
        if kind is None:
            # A root that is known by its own name brings its unknown namespace with it.
            space, _, local = name.rpartition(" ")
            kind = ROOTS.get(local.lower())
            if kind is None:
                return
            self._words = self._words.with_namespace(space, "atom" if kind == "atom" else "")
        elif element == "feed":
            self._words = self._words.with_namespace("", "atom")
        self._actions = self._words.actions(FEED, _HANDLERS)
        self.feed.kind = kind
        written = {key.lower(): value for key, value in attributes.items()}
        self._keep("link", self._absolute(written.get("href")))  # Channel Definition Format
        self.feed.head["language"] = self._bases[-1][2]

    def _start_entry(self, name: str, attributes: Attributes) -> None:
        if len(self.feed.entries) >= MAX_ENTRIES:
            raise _Stop(f"more than {MAX_ENTRIES} entries")
        _, base, language = self._bases[-1]
        entry: RawEntry = {"base": base, "language": language}
        if attributes:
            entry["about"] = attributes.get(self._words.about)
            # Channel Definition Format, the oldest of all, has these as attributes.
            written = {key.lower(): value for key, value in attributes.items()}
            entry["link"] = self._absolute(written.get("href"))
            entry["updated"] = written.get("lastmod")
        self.feed.entries.append(entry)
        self._enter(ENTRY, entry)

    def _start_author(self, name: str, attributes: Attributes) -> None:
        self._enter(AUTHOR, {})

    def _start_image(self, name: str, attributes: Attributes) -> None:
        self._keep("image", self._absolute(attributes.get("href") or attributes.get("url")))
        self._enter(IMAGE, self._target)

    def _start_other(self, name: str, attributes: Attributes) -> None:
        self._enter(OTHER, {})

    # Elements whose attributes say all

    def _link(self, name: str, attributes: Attributes) -> None:
        relation = attributes.get("rel", "alternate").strip().lower().rpartition("/")[2]
        if "href" not in attributes:
            if relation == "alternate":
                self._leaf, self._leaf_depth, self._leaf_attributes = Leaf("link", True, False), self._depth, {}
                self._pieces.clear()
            return
        href = self._absolute(attributes["href"])
        if relation == "alternate" and "html" not in attributes.get("type", "html"):
            relation = "alternate-other"
        if relation == "enclosure":
            self._add_enclosure(href, attributes)
        else:
            self._keep("link" if relation == "alternate" else f"link-{relation}", href)

    def _enclosure(self, name: str, attributes: Attributes) -> None:
        self._add_enclosure(self._absolute(attributes.get("url") or attributes.get("href")), attributes)

    def _add_enclosure(self, href: str | None, attributes: Attributes) -> None:
        if href:
            length = attributes.get("length", attributes.get("fileSize", ""))
            self._target.setdefault("enclosures", []).append([href, attributes.get("type", ""), length])

    def _thumbnail(self, name: str, attributes: Attributes) -> None:
        self._keep("image", self._absolute(attributes.get("url")))

    def _media(self, name: str, attributes: Attributes) -> None:
        href = self._absolute(attributes.get("url"))
        if href and _is_image(attributes, href):
            self._keep("image", href)

    def _category(self, name: str, attributes: Attributes) -> None:
        term = attributes.get("label") or attributes.get("term") or attributes.get("text")
        if term:
            self._target.setdefault("categories", []).append(term)

    # Markup written into the XML itself, and what the ends of some leaves do

    def _start_nested(self, name: str, attributes: Attributes) -> None:
        if self._leaf.slot not in MARKUP:
            return
        if self._depth > MAX_DEPTH:
            raise _Stop("nested too deeply")
        if not self._nested:
            self._nested = True
            if self._leaf.is_text and self._leaf_attributes.get("type") not in _HTML:
                self._escaping = True
                self._pieces[:] = map(escape, self._pieces)
                append = self._pieces.append
                self.parser.CharacterDataHandler = lambda text: append(escape(text))
        written = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items() if " " not in key)
        self._pieces.append(f"<{_local(name)}{written}>")

    def _end_markup(self, text: str) -> str:
        if self._nested:
            self._nested = False
            if self._escaping:
                self._escaping = False
                self.parser.CharacterDataHandler = self._pieces.append
        elif self._leaf_attributes or self._leaf.is_text:
            text = self._as_markup(text)
        return text

    def _end_text(self, text: str) -> str:
        text = self._end_markup(text)
        _, base, language = self._bases[-1]
        if text:
            self._keep("base_of_" + self._leaf.slot, base)
            self._keep("language", language)
        return text

    def _as_markup(self, text: str) -> str:
        kind = self._leaf_attributes.get("type", "").strip().lower()
        mode = self._leaf_attributes.get("mode", "")
        is_text = self._leaf.is_text
        if mode == "base64" or (
            is_text and "/" in kind and not kind.startswith(("text/", "multipart/")) and not kind.endswith("xml")
        ):
            try:
                return base64.b64decode("".join(text.split()), validate=True).decode("utf-8", "replace")
            except (binascii.Error, ValueError):
                return "" if kind and not kind.startswith("text/") else text
        if is_text and "html" not in kind and mode != "escaped":
            # What Atom calls text may show "<". Whoever writes "&nbsp;" there means the space, whatever Atom says.
            return text.replace("<", "&lt;")
        return text

    def _end_link(self, text: str) -> str:
        if not text and "href" in self._leaf_attributes:
            self._link("", self._leaf_attributes)
        return self._absolute(text) or ""

    def _end_image(self, text: str) -> str:
        return self._absolute(text) or ""

    def _end_id(self, text: str) -> str:
        if self._leaf_attributes:
            self._target["permalink"] = self._leaf_attributes.get("isPermaLink", "true").strip().lower()
        return text


def _local(name: str) -> str:
    return name.rpartition(" ")[2].rpartition(":")[2]


def _is_image(attributes: Attributes, href: str) -> bool:
    stated = attributes.get("medium") or attributes.get("type")
    if stated:
        return stated.startswith("image")
    return href.lower().partition("?")[0].endswith((".jpg", ".jpeg", ".png", ".webp", ".gif"))


def _refuse_doctype(*_: object) -> None:
    raise _Stop("a document type declaration where none may be")


_ENDINGS: Final[dict[str, Callable[[_Reader, str], str]]] = {
    **dict.fromkeys(MARKUP, _Reader._end_markup),
    "content": _Reader._end_text,
    "summary": _Reader._end_text,
    "link": _Reader._end_link,
    "id": _Reader._end_id,
    "image": _Reader._end_image,
}

_HANDLERS: Final[dict[str, Callable[[_Reader, str, Attributes], None]]] = {
    **dict.fromkeys(("item", "entry", "atom:entry", "atom:item"), _Reader._start_entry),
    "atom:author": _Reader._start_author,
    "atom:link": _Reader._link,
    "xhtml:link": _Reader._link,
    "enclosure": _Reader._enclosure,
    "media:thumbnail": _Reader._thumbnail,
    "media:content": _Reader._media,
    "itunes:image": _Reader._start_image,
    "image": _Reader._start_image,
    "atom:category": _Reader._category,
    "itunes:category": _Reader._category,
    **dict.fromkeys(("textinput", "source", "atom:source", "atom:contributor"), _Reader._start_other),
}
"""What an element does wherever it is, except inside what belongs to something else."""
