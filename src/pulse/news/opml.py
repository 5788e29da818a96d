"""Lists of feeds in OPML (opml.org), as every reader exports them."""

from collections.abc import Iterable
from dataclasses import dataclass
from xml.parsers import expat

from lxml import etree  # to write only: what strangers wrote is read by expat

from pulse.news.decode import decode
from pulse.news.errors import NotAList
from pulse.news.feeds.mend import ILLEGAL, mend
from pulse.news.feeds.prolog import read_prolog
from pulse.news.urls import absolute_url

MAX_BYTES = 5_000_000
MAX_OUTLINES = 20_000
MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Outline:
    """One feed of a list. `category` is the path of the folders it lies in, with slashes; empty at the top."""

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
    found, whole = _read(prolog.text)
    if not whole:
        mended, _ = _read(mend(prolog.text))
        found = max(found, mended, key=len)
    return list(found.values())


def _read(text: str) -> tuple[dict[str, Outline], bool]:
    """Return the outlines by address, and whether the XML was well-formed to its end."""
    found: dict[str, Outline] = {}
    path: list[str] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        outline = tag.lower() == "outline"
        values = {name.lower(): " ".join(value.split()) for name, value in attributes.items()} if outline else {}
        title = (values.get("title") or values.get("text") or "")[:300]
        feed = values.get("xmlurl") or (values.get("url", "") if values.get("type") == "rss" else "")
        url = absolute_url("", feed) if feed else None
        if url and len(found) < MAX_OUTLINES:
            category = "/".join(filter(None, path[:MAX_DEPTH]))[:300]
            found.setdefault(url, Outline(url, title, absolute_url("", values.get("htmlurl", "")), category))
        path.append("" if url else title.replace("/", "-"))

    parser = expat.ParserCreate("utf-8")
    parser.UseForeignDTD(True)  # an entity nobody declared is left out instead of being an error
    parser.StartElementHandler = start
    parser.EndElementHandler = lambda tag: path.pop()
    try:
        parser.Parse(text, True)
    except expat.ExpatError:
        return found, False
    return found, True


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
