"""What the Mastodon double keeps: statuses, and the keys they were made with. Counts and formats as documented."""

import html
import json
import re
import time
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import regex

_LINK = re.compile(r"https?://\S+")
_REMOTE_MENTION = re.compile(r"(?<![\w/])(@\w+)@[\w.-]+\w")
_TAG = re.compile(r"(?<!\w)#(\w+)")


@dataclass
class Status:
    """One status, as the account wrote it."""

    id: str
    text: str
    key: str
    visibility: str
    language: str | None
    created_at: str
    favourites: int = 0
    reblogs: int = 0


@dataclass
class Statuses:
    """All statuses of the one account, oldest first, and for each key the status and until when it is remembered."""

    path: Path | None = None
    statuses: list[Status] = field(default_factory=list)
    keys: dict[str, tuple[str, float]] = field(default_factory=dict)

    @classmethod
    def load(cls, path: Path | None) -> "Statuses":
        """Read what an earlier process left, if it left anything."""
        kept = cls(path)
        if path is not None and path.exists():
            data = json.loads(path.read_text())
            kept.statuses = [Status(**status) for status in data["statuses"]]
            kept.keys = {key: (status, until) for key, (status, until) in data["keys"].items()}
        return kept

    def save(self) -> None:
        """Write everything down, whole or not at all."""
        if self.path is not None:
            unfinished = self.path.with_suffix(".new")
            data = {"statuses": [asdict(status) for status in self.statuses], "keys": self.keys}
            unfinished.write_text(json.dumps(data))
            unfinished.rename(self.path)

    def add(self, text: str, key: str, visibility: str, language: str | None) -> Status:
        """Commit a status. Ids grow with time, as Mastodon's do."""
        last = int(self.statuses[-1].id) if self.statuses else 0
        number = max(time.time_ns() // 1_000_000 << 16, last + 1)
        created = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        status = Status(str(number), text, key, visibility, language, created)
        self.statuses.append(status)
        self.save()
        return status

    def remember(self, key: str, status: Status, seconds: float) -> None:
        """Write a key down, after the work, as Mastodon does."""
        self.keys[key] = (status.id, time.time() + seconds)
        self.save()

    def made_with(self, key: str) -> Status | None:
        """Return the status made with a key that is still remembered."""
        status_id, until = self.keys.get(key, ("", 0.0))
        return self.get(status_id) if time.time() < until else None

    def get(self, status_id: str) -> Status | None:
        """Return one status."""
        return next((status for status in self.statuses if status.id == status_id), None)


def characters(text: str) -> int:
    """Count as Mastodon's documentation says: graphemes, links as 23, remote mentions without their host."""
    return len(regex.findall(r"\X", _REMOTE_MENTION.sub(r"\1", _LINK.sub("x" * 23, text))))


def as_html(text: str, base: str) -> str:
    """Format a text as Mastodon does: paragraphs, links with hidden parts, tags as links."""
    paragraphs = (_inline(paragraph, base).replace("\n", "<br />") for paragraph in re.split(r"\n{2,}", text))
    return "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)


def _inline(text: str, base: str) -> str:
    formatted, at = "", 0
    for match in _LINK.finditer(text):
        formatted += _tags(text[at : match.start()], base) + _link(match[0])
        at = match.end()
    return formatted + _tags(text[at:], base)


def _tags(text: str, base: str) -> str:
    """Every other piece of a text split at its tags is a tag's name."""
    pieces = [html.escape(piece) for piece in _TAG.split(text)]
    for at in range(1, len(pieces), 2):
        name = pieces[at]
        pieces[at] = f'<a href="{base}/tags/{name}" class="mention hashtag" rel="tag">#<span>{name}</span></a>'
    return "".join(pieces)


def _link(address: str) -> str:
    scheme, rest = re.match(r"(https?://(?:www\.)?)(.*)", address, re.DOTALL).groups()  # type: ignore[union-attr]
    shown, hidden = html.escape(rest[:30]), html.escape(rest[30:])
    return (
        f'<a href="{html.escape(address)}" target="_blank" rel="nofollow noopener">'
        f'<span class="invisible">{scheme}</span><span class="{"ellipsis" if hidden else ""}">{shown}</span>'
        f'<span class="invisible">{hidden}</span></a>'
    )


def as_json(status: Status, base: str, account: dict[str, Any]) -> dict[str, Any]:
    """Return a status as the API shows it."""
    return {
        "id": status.id,
        "created_at": status.created_at,
        "in_reply_to_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": status.visibility,
        "language": status.language,
        "uri": f"{base}/users/newsroom/statuses/{status.id}",
        "url": f"{base}/@newsroom/{status.id}",
        "replies_count": 0,
        "reblogs_count": status.reblogs,
        "favourites_count": status.favourites,
        "content": as_html(status.text, base),
        "reblog": None,
        "account": account,
        "media_attachments": [],
        "mentions": [],
        "tags": [],
        "emojis": [],
    }
