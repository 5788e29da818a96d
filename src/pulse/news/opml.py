"""Lists of feeds in OPML (opml.org), as every reader exports them."""

from collections.abc import Iterable
from dataclasses import dataclass

from lxml import etree

from pulse.news.decode import decode
from pulse.news.errors import NotAList
from pulse.news.feeds.mend import ILLEGAL, mend
from pulse.news.feeds.prolog import read_prolog
from pulse.news.urls import absolute_url

MAX_OUTLINES = 20_000


@dataclass(frozen=True, slots=True)
class Outline:
    """One feed of a list. `category` is the path of the folders it lies in, with slashes; empty at the top."""

    url: str
    title: str = ""
    home_url: str | None = None
    category: str = ""


def parse_opml(document: bytes) -> list[Outline]:
    """Return the feeds of a list in its order, each address once; broken XML is read as far as it goes.

    Safe for any bytes: no entities, no DTD, bounded depth. Raises `NotAList` for what is no OPML.
    """
    prolog = read_prolog(decode(document)[0])
    if prolog.root != "opml":
        raise NotAList(f"the document is no OPML: its first element is {prolog.root or 'missing'}")
    root = _tree(prolog.text)
    found: dict[str, Outline] = {}
    # An explicit stack instead of recursion: nesting is up to whoever wrote the file.
    stack = [(child, "") for child in reversed(root)] if root is not None else []
    while stack and len(found) < MAX_OUTLINES:
        element, path = stack.pop()
        if not isinstance(element.tag, str):
            continue
        is_outline = etree.QName(element).localname.lower() == "outline"
        values = {name.lower(): " ".join(value.split()) for name, value in element.attrib.items()} if is_outline else {}
        title = (values.get("title") or values.get("text") or "")[:300]
        url = absolute_url("", values.get("xmlurl") or (values.get("url", "") if values.get("type") == "rss" else ""))
        if url:
            found.setdefault(url, Outline(url, title, absolute_url("", values.get("htmlurl", "")), path))
        inside = f"{path}/{title.replace('/', '-')}".strip("/")[:300] if is_outline and not url else path
        stack.extend((child, inside) for child in reversed(element))
    return list(found.values())


def _tree(text: str) -> "etree._Element | None":
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, recover=True, encoding="utf-8")
    try:
        return etree.fromstring(mend(text).encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):
        return None


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
