"""What the child process does: one container, two cheap readings that agree, and the thorough one for the rest."""

from collections import Counter
from dataclasses import asdict
from typing import Any

from lxml.html import HtmlElement
from resiliparse.extract.html2text import extract_plain_text
from trafilatura import extract

from pulse.news.decode import decode
from pulse.news.markup import tidy
from pulse.news.pages.container import Reading, read_container
from pulse.news.pages.metadata import read_metadata
from pulse.news.pages.model import Method
from pulse.news.pages.tree import drop_hidden, parse_html

SURE_SHARE = 0.85
SURE_AGREEMENT = 0.8
LEAST_SHARE = 0.3
LEAST_TEXT = 600
"""Characters below which no cheap reading is trusted."""


def read_page(data: bytes, *, url: str, content_type: str | None) -> dict[str, Any]:
    """Return a page's fields as JSON can say them."""
    html, _ = decode(data, content_type, html=True)
    tree = parse_html(html) if "<" in html else None
    if tree is None:
        return {}
    about = asdict(read_metadata(tree, url))
    reading = read_container(tree)
    text, method = reading.text, _sureness(reading, html)
    if method is None:
        text, method = _thoroughly(html), "thorough"
        if not text:
            text, method = reading.text, "remainder" if reading.text else "none"
    return {**about, "text": text, "method": method}


def _sureness(reading: Reading, html: str) -> Method | None:
    if len(reading.text) < LEAST_TEXT or reading.share < LEAST_SHARE:
        return None
    if reading.share >= SURE_SHARE:
        return "container"
    other = extract_plain_text(
        html,
        main_content=True,
        preserve_formatting=True,
        alt_texts=False,
        links=False,
        form_fields=False,
        noscript=False,
    )
    return "agreement" if agreement(reading.text, other) >= SURE_AGREEMENT else None


def agreement(one: str, other: str) -> float:
    """Return how alike two texts are: F1 over runs of four words, 0 to 1."""
    ours, theirs = _shingles(one), _shingles(other)
    both = (ours & theirs).total()
    return 2 * both / (ours.total() + theirs.total()) if both else 0.0


def _shingles(text: str) -> Counter[tuple[str, ...]]:
    words = text.split()
    return Counter(zip(words, words[1:], words[2:], words[3:], strict=False))


def _thoroughly(html: str) -> str:
    # The cheap reading changed the tree.
    tree = parse_html(html)
    if tree is None:
        return ""
    drop_hidden(tree)
    text = extract(_any(tree), include_comments=False, favor_precision=True) or ""
    # trafilatura marks list items with "- " and cells with " | "; readers of the text want words.
    return tidy("\n".join(line.removeprefix("- ").replace(" | ", " ") for line in text.split("\n")))


def _any(tree: HtmlElement) -> Any:
    return tree
