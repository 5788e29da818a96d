"""What a reader of one format hands over: the words of the feed, named alike, not yet understood."""

from dataclasses import dataclass, field
from typing import Any

MAX_ENTRIES = 20_000
"""Entries that are read of one feed; the longest archives have some thousands."""

RawEntry = dict[str, Any]
"""Values by name. Text: `id`, `link`, `permalink`, `title`, `summary`, `content`, `base`, `language`, `image`, and the
dates `published`, `issued`, `date`, `updated` (markup where it is markup). Lists: `authors`, `categories`, and
`enclosures` of `[url, type, length]`."""


@dataclass(slots=True)
class RawFeed:
    """A feed's words."""

    kind: str = ""
    head: RawEntry = field(default_factory=dict)
    entries: list[RawEntry] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
