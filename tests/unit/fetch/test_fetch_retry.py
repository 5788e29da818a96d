"""Retry-After, in both its forms and in none."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.fetch.retry import LONGEST, retry_after

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("120", timedelta(minutes=2)),
        ("0", timedelta()),
        ("Mon, 23 Nov 2026 12:00:30 GMT", timedelta(seconds=30)),
        ("Mon, 23 Nov 2026 13:00:30 +0100", timedelta(seconds=30)),
        ("Monday, 23-Nov-26 12:00:30 GMT", timedelta(seconds=30)),
        ("Mon, 23 Nov 2020 12:00:30 GMT", timedelta()),
        ("99999999999999999999", LONGEST),
        ("Mon, 23 Nov 9999 12:00:30 GMT", LONGEST),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("١٢", None),
    ],
)
def test_values(value: str, expected: timedelta | None) -> None:
    assert retry_after({"retry-AFTER": value}, NOW) == expected


def test_absent() -> None:
    assert retry_after({"Content-Type": "text/xml"}, NOW) is None


@given(st.text(max_size=40))
def test_any_text_is_a_wait_or_nothing(text: str) -> None:
    wait = retry_after({"Retry-After": text}, NOW)
    assert wait is None or timedelta() <= wait <= LONGEST
