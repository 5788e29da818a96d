"""Finding a post of ours among an account's statuses. Pure.

Servers rewrite a text on the way to HTML: links become anchors with hidden parts, `@` and `#` become links, white space
moves. What survives is the sequence of letters and digits, so that is what is compared.
"""

import html
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from difflib import SequenceMatcher
from typing import Any

from pulse.social.channels.answers import text_at

CLOCK_MARGIN = timedelta(seconds=5)
UNKNOWN_CLOCK_MARGIN = timedelta(minutes=5)

LETTERS = 500
"""Letters of a text that are looked for."""

_TAG = re.compile(r"<[^<>]*>")
_HREF = re.compile(r"""href=["']?([^"'\s<>]+)""")
_MARKUP = re.compile(r"<[^<>]*>|\]\([^()]*\)")
_MOST = 0.8
_RUN = 3
"""Letters that match by chance, in shorter runs, do not count."""


@dataclass(frozen=True, slots=True)
class Found:
    """A status that is our post."""

    remote_id: str
    url: str


def find(statuses: Iterable[Mapping[str, Any]], text: str, link: str, not_before: datetime) -> Found | None:
    """Return the status that says `text` and was made at `not_before` or later (the server's clock).

    A status counts if it says exactly that, or if it leads to `link` and says most of what stands before it: some
    servers take the text for Markdown or HTML, or show an address in a shortened form. A post taken for ours by
    mistake would have to lead to the same page, in much the same words, from after the moment ours was frozen.
    """
    whole = _letters(text)
    openings = _readings(text[: text.index(link)] if link and link in text else text)
    for status in statuses:
        made = moment(text_at(status, "created_at"))
        remote_id = text_at(status, "id")
        if not remote_id or made is None or made < not_before or status.get("reblog"):
            continue
        content = text_at(status, "content")
        said, links = _read(content)
        leads_there = link in links or _names(html.unescape(content), link)
        if said == whole or (leads_there and (not openings or any(_mostly_in(opening, said) for opening in openings))):
            return Found(remote_id, text_at(status, "url") or text_at(status, "uri"))
    return None


def oldest(statuses: Iterable[Mapping[str, Any]]) -> datetime | None:
    """Return when the oldest of the statuses was made, None if none says."""
    return min((made for status in statuses if (made := moment(text_at(status, "created_at")))), default=None)


def moment(text: str) -> datetime | None:
    """Read an ISO 8601 moment, None if it is none."""
    try:
        made = datetime.fromisoformat(text)
    except ValueError:
        return None
    return made.replace(tzinfo=UTC) if made.tzinfo is None else made


def _names(content: str, link: str) -> bool:
    """Tell whether the whole address stands in the text: the beginning of a longer one is another page."""
    return bool(link) and re.search(re.escape(link) + r"""(?=[\s<>"')\]]|$)""", content) is not None


def _readings(text: str) -> list[str]:
    """Return the letters of a text as plain text, and as what Markdown and HTML leave of it."""
    return [letters[:LETTERS] for letters in (_letters(text), _letters(_MARKUP.sub("", text))) if letters]


def _mostly_in(opening: str, said: str) -> bool:
    """Tell whether most letters of `opening` are in `said`, in their order, near its beginning."""
    beginning = said[: 2 * len(opening) + 100]
    blocks = SequenceMatcher(None, opening, beginning, autojunk=False).get_matching_blocks()
    return sum(block.size for block in blocks if block.size >= _RUN) >= _MOST * len(opening)


def _read(content: str) -> tuple[str, set[str]]:
    """Return the letters and the links of a status, whose HTML may be as broken as it likes."""
    return _letters(html.unescape(_TAG.sub("", content))), {html.unescape(link) for link in _HREF.findall(content)}


def _letters(text: str) -> str:
    normal = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in normal if letter.isalnum() or unicodedata.category(letter).startswith("M"))
