"""A page as a tree, by libxml2. Only in the child process: it takes quadratic time for some documents."""

from collections.abc import Iterator

from lxml.etree import LxmlError
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from pulse.news.hidden import is_hidden
from pulse.news.markup import tidy
from pulse.news.tokens import BLOCKS, CELLS


def parse_html(markup: str) -> HtmlElement | None:
    """Parse a page, however broken; None if there is nothing in it."""
    # libxml2 reads bytes with a known encoding most reliably; a NUL would end the document.
    data = markup.replace("\0", "").encode("utf-8", "replace")
    try:
        return document_fromstring(data, parser=HTMLParser(encoding="utf-8", remove_pis=True, remove_comments=True))
    except (LxmlError, ValueError):
        return None


def is_hidden_element(element: HtmlElement) -> bool:
    """Tell whether an element is not shown, for itself."""
    return not isinstance(element.tag, str) or is_hidden(element.tag, dict(element.attrib))


def drop_hidden(tree: HtmlElement) -> None:
    """Remove every hidden element from a tree, in place; the text that follows each stays."""
    elements = tree.iter()
    next(elements, None)
    for element in [element for element in elements if is_hidden_element(element)]:
        if element.getparent() is not None:
            element.drop_tree()


def tree_text(tree: HtmlElement) -> str:
    """Return the text of a tree that `drop_hidden` went over, a line for each paragraph."""
    return tidy("".join(_pieces(tree)))


def _pieces(root: HtmlElement) -> Iterator[str]:
    # An explicit stack: documents nest deeper than Python recurses.
    stack: list[tuple[HtmlElement, bool]] = [(root, False)]
    while stack:
        element, done = stack.pop()
        yield "\n" if element.tag in BLOCKS else " " if element.tag in CELLS else ""
        text = element.tail if done and element is not root else "" if done else element.text
        if text:
            yield text if element.tag == "pre" and not done else text.replace("\n", " ").replace("\r", " ")
        if not done:
            stack.append((element, True))
            stack.extend((child, False) for child in reversed(element))
