"""Cursors: what goes in comes out; anything else is refused and never a crash."""

import base64
from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.http.errors import BadRequest
from pulse.http.pages import decode_cursor, encode_cursor

MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))


@given(MOMENTS, st.uuids(), st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**53), 2**53), st.text())
def test_the_parts_of_a_sort_key_come_back(moment: datetime, row: UUID, score: float, place: int, name: str) -> None:
    cursor = encode_cursor(moment, row, score, place, name)
    assert cursor.isascii()
    assert not set(cursor) & set("+/=&?# "), "it goes into an address as it is"
    parts = decode_cursor(cursor, 5)
    assert datetime.fromisoformat(parts[0]) == moment
    assert UUID(parts[1]) == row
    assert (float(parts[2]), int(parts[3]), parts[4]) == (score, place, name)


@given(st.text() | st.binary().map(lambda some: base64.urlsafe_b64encode(some).decode()), st.integers(1, 3))
def test_garbage_is_refused_or_gives_plain_parts(cursor: str, size: int) -> None:
    try:
        parts = decode_cursor(cursor, size)
    except BadRequest:
        return
    assert len(parts) == size
    assert all(isinstance(part, str) for part in parts)


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"{}", b"null", b"[1]", b"[1,2,3]", b"[null,null]", b'[{"a":1},[]]', b"[true,1]", b"[" * 100_000],
)
def test_what_no_list_gave_out_is_refused(content: bytes) -> None:
    with pytest.raises(BadRequest):
        decode_cursor(base64.urlsafe_b64encode(content).decode().rstrip("="), 2)
