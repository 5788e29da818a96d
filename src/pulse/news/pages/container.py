"""The cheap reading: most articles are the paragraphs of one element.

The element whose own paragraphs have the most text is taken. How sure that is shows in its share of all paragraph
text of the page. Measured on 181 news pages with known text, against 4-gram F1 .964 of the thorough reading: where
the share is .85 or more (half of the pages) this reading has .981.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from lxml.html import HtmlElement

from pulse.news.pages.tree import drop_hidden, is_hidden_element, tree_text

MIN_PARAGRAPH = 40
"""Characters of the shortest paragraph that counts; what is shorter is a caption or a button."""
MAX_PARAGRAPHS = 5_000
MAX_LINK_SHARE = 0.6
"""A block most of whose text is links leads elsewhere."""

_PARTS: Final = frozenset(("p", "h2", "h3", "h4", "blockquote", "ul", "ol", "pre"))


@dataclass(frozen=True, slots=True)
class Reading:
    """A text, and the share of the page's paragraph text that is in it (0 to 1)."""

    text: str
    share: float


def read_container(tree: HtmlElement) -> Reading:
    """Read the one element that holds the article. Changes the tree: what is hidden in that element is removed."""
    sizes: dict[HtmlElement, int] = {}
    for number, paragraph in enumerate(tree.iter("p")):
        if number == MAX_PARAGRAPHS:
            break
        size = _size(paragraph)
        parent = paragraph.getparent()
        if size >= MIN_PARAGRAPH and parent is not None:
            sizes[parent] = sizes.get(parent, 0) + size
    for container in sorted(sizes, key=lambda element: sizes[element], reverse=True)[:5]:
        if _is_shown(container):
            drop_hidden(container)
            text = "\n".join(filter(None, map(tree_text, _parts(container))))
            return Reading(text, sizes[container] / sum(sizes.values()))
    return Reading("", 0.0)


def _size(element: HtmlElement) -> int:
    return len("".join(element.itertext()).strip())


def _is_shown(element: HtmlElement) -> bool:
    return not is_hidden_element(element) and not any(map(is_hidden_element, element.iterancestors()))


def _parts(container: HtmlElement) -> Iterable[HtmlElement]:
    for part in container:
        if part.tag in _PARTS and sum(map(_size, part.iter("a"))) <= MAX_LINK_SHARE * _size(part):
            yield part
