"""Timestamp identifiers."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.social.channels.bluesky_tid import TidClock, decode, encode

MOMENTS = st.integers(0, (1 << 53) - 1)
CLOCKS = st.integers(0, 1023)
NOW = datetime(2026, 11, 23, tzinfo=UTC)


def test_the_examples_of_the_specification() -> None:
    assert encode(0, 0) == "2222222222222"
    assert decode("3jzfcijpj2z2a") == (1688137381887007, 6)
    assert decode("7777777777777") == decode("7777777777777")


@pytest.mark.parametrize(
    "tid", ["", "3jzfcijpj2z21", "0000000000000", "3jzfcijpj2z2aa", "3jzfcijpj2z2", "zzzzzzzzzzzzz", "kjzfcijpj2z2a"]
)
def test_what_the_specification_calls_invalid(tid: str) -> None:
    with pytest.raises(ValueError, match="not a TID"):
        decode(tid)


@given(MOMENTS, CLOCKS)
def test_round_trip(microseconds: int, clock: int) -> None:
    assert decode(encode(microseconds, clock)) == (microseconds, clock)


@given(MOMENTS, CLOCKS, MOMENTS, CLOCKS)
def test_sorts_as_time_does(first: int, one: int, second: int, other: int) -> None:
    assert (encode(first, one) < encode(second, other)) == ((first, one) < (second, other))


@given(st.lists(st.integers(-10_000_000, 10_000_000), max_size=50))
def test_never_repeats_and_always_grows_whatever_the_clock_does(steps: list[int]) -> None:
    clock = TidClock()
    made = [clock.next(NOW + timedelta(microseconds=step)) for step in steps]
    assert made == sorted(set(made))


def test_out_of_range() -> None:
    with pytest.raises(ValueError, match="no TID"):
        encode(1 << 53, 0)
