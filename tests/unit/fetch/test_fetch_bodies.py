"""Decompression stops at its limit, wherever the pieces are cut."""

import gzip
import zlib
from collections.abc import Iterable
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.fetch.bodies import BodyBroken, BodyTooLarge, decoder

TEXT = b"news " * 400


def decode(encoding: str, pieces: Iterable[bytes], limit: int = 10_000) -> bytes:
    decoding = decoder(encoding, limit)
    body = b"".join([decoding.feed(piece) for piece in pieces])
    decoding.finish()
    return body


def raw_deflate(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush()


CODED = {
    "": TEXT,
    "identity": TEXT,
    "gzip": gzip.compress(TEXT),
    "x-gzip": gzip.compress(TEXT[:700]) + gzip.compress(TEXT[700:]) + b"\0\0padding",
    "deflate": zlib.compress(TEXT),
    "Deflate": raw_deflate(TEXT),
}


@pytest.mark.parametrize("encoding", CODED)
@given(st.lists(st.integers(1, 60), max_size=5), st.booleans())
def test_any_cut_gives_the_whole(encoding: str, cuts: list[int], fine: bool) -> None:
    data, pieces = CODED[encoding], []
    for cut in cuts:
        pieces.append(data[:cut])
        data = data[cut:]
    pieces += [data[i : i + 1] for i in range(len(data))] if fine else [data]
    assert decode(encoding, pieces) == TEXT


@pytest.mark.parametrize("encoding", CODED)
def test_limit_is_exact(encoding: str) -> None:
    assert len(decode(encoding, [CODED[encoding]], limit=len(TEXT))) == len(TEXT)
    with pytest.raises(BodyTooLarge):
        decode(encoding, [CODED[encoding]], limit=len(TEXT) - 1)


def test_a_bomb_costs_no_more_than_the_limit() -> None:
    bomb = gzip.compress(bytes(200_000_000), 9)
    decoding = decoder("gzip", 1_000_000)
    with pytest.raises(BodyTooLarge):
        decoding.feed(bomb)


def test_empty_members_without_end_are_stopped() -> None:
    with pytest.raises(BodyTooLarge):
        decode("gzip", [gzip.compress(b"") * 100] * 100)
    with pytest.raises(BodyBroken, match="members"):
        decode("gzip", [gzip.compress(b"") * 100] * 100, limit=10_000_000)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])
def test_half_a_body_is_no_body(encoding: str) -> None:
    with pytest.raises(BodyBroken):
        decode(encoding, [CODED[encoding][:-9]])


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress", "x" * 500])
def test_codings_nobody_asked_for(encoding: str) -> None:
    with pytest.raises(BodyBroken):
        decoder(encoding, 10)


def test_an_empty_body_is_whole_in_any_coding() -> None:
    assert decode("gzip", []) == b""


@given(st.sampled_from(["gzip", "deflate"]), st.binary(max_size=300))
def test_any_bytes_decode_or_break(encoding: str, data: bytes) -> None:
    with suppress(BodyBroken, BodyTooLarge):
        decode(encoding, [data])
