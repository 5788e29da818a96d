"""Lists of feeds in OPML (opml.org), as every reader exports them."""

from collections.abc import Iterable
from dataclasses import dataclass
from xml.parsers import expat

from lxml import etree  # to write only: what strangers wrote is read by expat

from pulse.news.decode import decode
from pulse.news.errors import NotAList
from pulse.news.feeds.mend import ILLEGAL
from pulse.news.feeds.prolog import read_prolog
from pulse.news.tokens import EndTag, Tag, tokens
from pulse.news.urls import absolute_url

MAX_BYTES = 5_000_000
MAX_OUTLINES = 20_000
MAX_DEPTH = 20
MAX_ADDRESS = 4_000


@dataclass(frozen=True, slots=True)
class Outline:
    """One feed of a list.

    `url` is as the list has it where it is no web address. `category` is the path of the folders it lies in, with
    slashes; empty at the top.
    """

    url: str
    title: str = ""
    home_url: str | None = None
    category: str = ""


def parse_opml(document: bytes) -> list[Outline]:
    """Return the feeds of a list in its order, each address once; broken XML is read as far as it goes.

    Safe for any bytes: no entities, no DTD, bounded sizes. Raises `NotAList` for what is no OPML.
    """
    if len(document) > MAX_BYTES:
        raise NotAList(f"the document has {len(document)} bytes, {MAX_BYTES} are allowed")
    prolog = read_prolog(decode(document)[0])
    if prolog.root != "opml":
        raise NotAList(f"the document is no OPML: its first element is {prolog.root or 'missing'}")
    listing = _Listing()
    try:
        _read_xml(prolog.text, listing)
    except expat.ExpatError:
        # Readers export descriptions with all their markup unescaped; read tags as browsers do.
        listing = _Listing()
        for token in tokens(prolog.text):
            if isinstance(token, Tag):
                listing.start(token.name, token.attributes)
                if token.closed:
                    listing.end(token.name)
            elif isinstance(token, EndTag):
                listing.end(token.name)
    return list(listing.found.values())


def _read_xml(text: str, listing: "_Listing") -> None:
    parser = expat.ParserCreate("utf-8")
    parser.UseForeignDTD(True)  # an entity nobody declared is left out instead of being an error
    parser.StartElementHandler = listing.start
    parser.EndElementHandler = listing.end
    parser.Parse(text, True)


class _Listing:
    """The feeds found so far, and the folders that are open."""

    def __init__(self) -> None:
        self.found: dict[str, Outline] = {}
        self._path: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """Take in the start of an element."""
        if tag.lower() != "outline":
            return
        values = {name.lower(): " ".join(value.split()) for name, value in attributes.items()}
        title = (values.get("title") or values.get("text") or "")[:300]
        feed = values.get("xmlurl") or (values.get("url", "") if values.get("type") == "rss" else "")
        url = absolute_url("", feed) or feed[:MAX_ADDRESS]  # what is no address is for the caller to refuse, in words
        if url and len(self.found) < MAX_OUTLINES:
            category = "/".join(filter(None, self._path[:MAX_DEPTH]))[:300]
            self.found.setdefault(url, Outline(url, title, absolute_url("", values.get("htmlurl", "")), category))
        self._path.append("" if url else title.replace("/", "-"))

    def end(self, tag: str) -> None:
        """Take in the end of an element."""
        if tag.lower() == "outline" and self._path:
            self._path.pop()


def write_opml(outlines: Iterable[Outline], *, title: str) -> bytes:
    """Return an OPML 2.0 document. Each category becomes a folder, a slash in it a folder in a folder."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = _legal(title)
    folders = {"": etree.SubElement(root, "body")}
    for outline in outlines:
        folder = _folder(folders, outline.category)
        name = _legal(outline.title or outline.url)
        written = etree.SubElement(folder, "outline", type="rss", text=name, title=name, xmlUrl=outline.url)
        if outline.home_url:
            written.set("htmlUrl", outline.home_url)
    etree.indent(root)
    return etree.tostring(root, xml_declaration=True, encoding="utf-8")


def _folder(folders: "dict[str, etree._Element]", path: str) -> "etree._Element":
    folder = folders.get(path)
    if folder is None:
        above, _, name = path.rpartition("/")
        folder = etree.SubElement(_folder(folders, above), "outline", text=_legal(name), title=_legal(name))
        folders[path] = folder
    return folder


def _legal(text: str) -> str:
    return ILLEGAL.sub("", text)
