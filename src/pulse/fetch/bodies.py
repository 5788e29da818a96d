"""Bodies decompressed piece by piece, never beyond the limit: 16 KB of compressed zeros can stand for 512 MB."""

import zlib
from typing import Protocol

ACCEPT_ENCODING = "gzip, deflate"
"""What is asked for. Only codings that can stop in the middle of their output are."""

MAX_MEMBERS = 1_000
"""gzip members of one body; ten megabytes of empty ones would cost seconds."""


class BodyTooLarge(Exception):
    """More bytes came out (or in) than allowed."""


class BodyBroken(Exception):
    """The data are not what Content-Encoding says; the message says how."""


class Decoder(Protocol):
    """Takes raw pieces, returns decoded ones, and checks at the end that nothing is missing."""

    def feed(self, piece: bytes) -> bytes:
        """Decode one piece."""

    def finish(self) -> None:
        """Raise if the end is missing."""


class Plain:
    """No coding: counts bytes only."""

    def __init__(self, limit: int) -> None:
        self._left = limit

    def feed(self, piece: bytes) -> bytes:
        """Return the piece. Raises `BodyTooLarge`."""
        self._left -= len(piece)
        if self._left < 0:
            raise BodyTooLarge
        return piece

    def finish(self) -> None:
        """Nothing can be missing."""


class Inflating:
    """gzip (of one or several members), zlib, and the bare deflate stream that some servers call deflate."""

    def __init__(self, limit: int, *, gzip: bool) -> None:
        self._limit = limit
        self._raw = self._out = self._members = 0
        self._gzip = gzip
        self._stream = zlib.decompressobj(31 if gzip else 15)
        self._fresh = True
        self._kept = b""

    def feed(self, piece: bytes) -> bytes:
        """Decompress one piece. Raises `BodyTooLarge`, `BodyBroken`."""
        self._raw += len(piece)
        if self._raw > self._limit:
            raise BodyTooLarge
        piece, self._kept = self._kept + piece, b""
        if len(piece) < 2 and (self._fresh or self._stream.eof):  # a header is told by its first two bytes
            self._kept = piece
            return b""
        parts: list[bytes] = []
        while piece:
            if self._stream.eof:
                if piece == b"\x1f":
                    self._kept = piece
                    break
                if not self._gzip or not piece.startswith(b"\x1f\x8b"):
                    break  # padding after the end is common and means nothing
                self._members += 1
                if self._members > MAX_MEMBERS:
                    raise BodyBroken(f"more than {MAX_MEMBERS} gzip members")
                self._stream = zlib.decompressobj(31)
            part = self._inflate(piece)
            self._out += len(part)
            if self._out > self._limit:
                raise BodyTooLarge
            parts.append(part)
            piece = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
        return b"".join(parts)

    def _inflate(self, piece: bytes) -> bytes:
        room = self._limit - self._out + 1
        try:
            part = self._stream.decompress(piece, room)
        except zlib.error as error:
            if self._gzip or not self._fresh:
                raise BodyBroken(str(error)) from None
            self._stream = zlib.decompressobj(-15)
            try:
                part = self._stream.decompress(piece, room)
            except zlib.error as second:
                raise BodyBroken(str(second)) from None
        self._fresh = False
        return part

    def finish(self) -> None:
        """Raise `BodyBroken` if the stream ended before its end: half a feed must not pass for a whole one."""
        if self._raw and not self._stream.eof:
            raise BodyBroken("the compressed data end too early")


def decoder(content_encoding: str, limit: int) -> Decoder:
    """Return the decoder for a Content-Encoding header. Raises `BodyBroken` for a coding we did not ask for."""
    codings = [name for name in (part.strip().lower() for part in content_encoding.split(",")) if name != "identity"]
    match codings:
        case [] | [""]:
            return Plain(limit)
        case ["gzip" | "x-gzip"]:
            return Inflating(limit, gzip=True)
        case ["deflate"]:
            return Inflating(limit, gzip=False)
    raise BodyBroken(f"Content-Encoding is {content_encoding[:80]!r}, we asked for {ACCEPT_ENCODING}")
