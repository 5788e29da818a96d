"""The public page of every published post, whatever its channel: what each sentence rests on.

Pages are files, one folder for each post: whoever serves them needs no token, no tenant and no database.
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from uuid import UUID

from pulse.social.channels.site_folder import alone, write_if_changed
from pulse.social.channels.site_pages import STYLE, Site, templates
from pulse.social.shapes import PostContent


@dataclass(frozen=True, slots=True)
class Receipt:
    """A published post, as its page shows it."""

    post: UUID
    story: PostContent
    text: str
    """As the channel showed it."""
    channel: str
    """The platform's name."""
    url: str
    """Where the post is."""
    published_at: datetime


class Receipts:
    """The folder of the pages. It is made when it is first written to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._page = templates(Site("Pulse", "")).get_template("receipt.html")

    def write(self, receipt: Receipt) -> None:
        """Write a post's page; written before, it stays. Raises `OSError`."""
        page = self._page.render(
            root="../",
            story=receipt.story,
            text=receipt.text,
            channel=receipt.channel,
            url=receipt.url,
            published_at=receipt.published_at,
        )
        with alone(self._folder):
            write_if_changed(self._folder / "style.css", STYLE.read_bytes())
            write_if_changed(self._folder / str(receipt.post) / "index.html", page.encode())
