"""The thorough reading, by trafilatura, for pages that the cheap one is not sure about. Runs in a child process."""

from typing import Any

from lxml.html import HtmlElement

from pulse.news.hidden import drop_hidden
from pulse.news.killable import Killable
from pulse.news.markup import parse_html, tidy

SECONDS = 6.0
"""CPU time for one page; the slowest of 181 news pages takes a tenth of a second."""

thorough_reader = Killable("pulse.news.pages.thorough:read_thoroughly", seconds=SECONDS)
"""The process's one thorough reader; pages wait for each other."""


def read_thoroughly(data: bytes) -> dict[str, Any]:
    """Return `{"text"}` of the article in a page. `data` is UTF-8."""
    from trafilatura import extract  # slow to load, and wanted in the child only

    tree = parse_html(data.decode("utf-8", "replace"))
    if tree is None:
        return {"text": ""}
    drop_hidden(tree)
    return {"text": _tidy(extract(_element(tree), include_comments=False, favor_precision=True) or "")}


def _element(tree: HtmlElement) -> Any:
    return tree


def _tidy(text: str) -> str:
    # trafilatura marks list items with "- " and cells with " | "; readers of the text want words.
    return tidy("\n".join(line.removeprefix("- ").replace(" | ", " ") for line in text.split("\n")))
