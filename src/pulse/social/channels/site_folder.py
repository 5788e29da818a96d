"""The folder the site channel writes: posts as JSON, which are the truth, and pages made from them.

A post's file is written once, whole and durable, and never again. Everything else is derived and only written where it
changed; `.derived` says from which posts and with which look. Writers take turns on `.lock`, also across processes.
"""

import fcntl
import json
import os
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pydantic import ValidationError

from pulse.social.channels.site_pages import Entry, Pages, entry_of, niche_path
from pulse.social.errors import KeyTaken
from pulse.social.shapes import PostContent


class SiteFolder:
    """One site's folder. It is made when it is first written to."""

    def __init__(self, root: Path, pages: Pages) -> None:
        self._root = root
        self._pages = pages
        self._entries: dict[str, Entry | None] = {}

    def holds(self, key: str, body: str) -> bool:
        """Tell whether the post is there. Raises `KeyTaken` if another is in its place, and `OSError`."""
        try:
            present = self._post(key).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return False
        if present != body.encode():
            raise KeyTaken(f"{self._post(key)} holds another post")
        return True

    def put(self, key: str, body: str) -> None:
        """Write a post that is not there yet. Raises `KeyTaken` and `OSError`; then `holds` tells the truth."""
        with self._alone():
            if not self.holds(key, body):
                _write(self._post(key), body.encode())

    def derive(self) -> None:
        """Bring pages and feeds up to date with the posts. Raises `OSError`; doing it again repairs everything."""
        with self._alone():
            keys = {path.stem for path in (self._root / "posts").glob("*.json")}
            look = self._pages.fingerprint()
            derived = self._derived(look)
            if derived - keys:
                derived = set()
            new = keys - derived
            if new:
                self._derive(keys, new)
                stamp = {"look": look, "keys": sorted(keys)}
                _write(self._root / ".derived", json.dumps(stamp).encode())

    def _derive(self, keys: set[str], new: set[str]) -> None:
        niches: dict[str, list[Entry]] = defaultdict(list)
        for key in keys:
            if key in new or key not in self._entries:
                self._entries[key] = self._read(key, with_page=key in new)
            entry = self._entries[key]
            if entry is not None:
                niches[entry.niche].append(entry)
        for niche, posts in niches.items():
            posts.sort(key=lambda post: (post.published_at, post.key))
            since = next((number for number, post in enumerate(posts) if post.key in new), None)
            if since is not None:
                for name, content in self._pages.niche(niche, posts, since):
                    write_if_changed(self._root / niche_path(niche) / name, content)
        write_if_changed(self._root / "style.css", self._pages.style())
        write_if_changed(self._root / "index.html", self._pages.home(niches.items()))

    def _read(self, key: str, *, with_page: bool) -> Entry | None:
        """Read a post, and write its page; None if the file holds none of ours."""
        try:
            story = PostContent.model_validate_json(self._post(key).read_bytes())
            entry = entry_of(key, story)
        except (ValidationError, ValueError):
            return None
        if with_page:
            write_if_changed(self._root / "posts" / f"{key}.html", self._pages.post(key, story))
        return entry

    def _derived(self, look: str) -> set[str]:
        try:
            stamp = json.loads((self._root / ".derived").read_bytes())
            return set(stamp["keys"]) if stamp["look"] == look else set()
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            return set()

    def _post(self, key: str) -> Path:
        return self._root / "posts" / f"{key}.json"

    @contextmanager
    def _alone(self) -> Iterator[None]:
        (self._root / "posts").mkdir(parents=True, exist_ok=True)
        with alone(self._root):
            yield


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Wait until no other writer, of any process, is at work in the folder. Raises `OSError`."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def write_if_changed(path: Path, content: bytes) -> None:
    """Write a file, whole and durable, unless it holds this already. Raises `OSError`."""
    try:
        if path.read_bytes() == content:
            return
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    _write(path, content)


def _write(path: Path, content: bytes) -> None:
    """Write a file so that a reader, and a machine that loses power, finds all of it or what was there before."""
    unfinished = path.with_name(f".{path.name}.new")
    with unfinished.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
