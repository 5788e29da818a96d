"""Getting the bytes to look at: from a file, from standard input, or through the guarded door to the outside."""

import sys
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pulse.cli.errors import UnreadableFile

if TYPE_CHECKING:
    from pulse.settings import Settings


@dataclass(frozen=True, slots=True)
class Document:
    """What was read: `url` is where it came from, empty for a file; `content_type` what the server called it."""

    body: bytes
    url: str
    content_type: str | None


async def read(place: str, settings: "Settings", *, accept: str) -> Document:
    """Return the document at `place`: an http(s) address, the path of a file (gzip is unpacked), or `-`.

    Raises a `FetchError`, `HttpStatus` for an answer that is none, `UnreadableFile`.
    """
    if place.startswith(("http://", "https://")):
        return await _fetch(place, settings, accept)
    return Document(_from_file(place, settings.fetch.max_bytes), "", None)


def _from_file(place: str, limit: int) -> bytes:
    try:
        if place == "-":
            body = sys.stdin.buffer.read(limit + 1)
        else:
            with Path(place).open("rb") as file:
                body = file.read(limit + 1)
    except OSError as error:
        raise UnreadableFile(f"{place}: {error.strerror}") from None
    if body.startswith(b"\x1f\x8b"):
        body = _unpacked(place, body, limit)
    if len(body) > limit:
        raise UnreadableFile(f"{place} has more than {limit} bytes (PULSE_FETCH__MAX_BYTES)")
    return body


async def _fetch(url: str, settings: "Settings", accept: str) -> Document:
    from pulse.cli.errors import HttpStatus
    from pulse.fetch.fetcher import Fetcher

    async with Fetcher(settings.fetch) as fetcher:
        response = await fetcher.get(url, accept=accept)
    if not 200 <= response.status < 300:
        raise HttpStatus(f"{response.url_final} answers with HTTP {response.status}", status=response.status)
    return Document(response.body, response.url_final, response.headers.get("Content-Type"))


def _unpacked(place: str, body: bytes, limit: int) -> bytes:
    try:
        return zlib.decompressobj(31).decompress(body, limit + 1)
    except zlib.error as error:
        raise UnreadableFile(f"{place} begins like gzip and is none: {error}") from None
