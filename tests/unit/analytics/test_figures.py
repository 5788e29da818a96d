"""How the live figures are made of the facts."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.analytics.figures import MINUTE, RATE_WINDOW, per_minute, success_rate

NOON = datetime(2026, 11, 3, 12, tzinfo=UTC)
seconds = st.integers(0, 3600)
counts = st.dictionaries(st.integers(0, 30), st.integers(0, 1000), max_size=12)


def buckets(found: dict[int, int]) -> list[tuple[datetime, int]]:
    return [(NOON + minute * MINUTE, count) for minute, count in found.items()]


def test_what_came_just_now_counts_in_full() -> None:
    assert per_minute([(NOON, 50)], NOON + timedelta(seconds=30)) == 10


def test_the_minute_that_the_window_cuts_counts_by_its_share() -> None:
    assert per_minute([(NOON, 60)], NOON + RATE_WINDOW + timedelta(seconds=15)) == pytest.approx(60 * 0.75 / 5)


def test_what_is_older_than_the_window_does_not_count() -> None:
    assert per_minute([(NOON, 50)], NOON + RATE_WINDOW + MINUTE) == 0


@given(counts, seconds)
def test_never_more_than_all_and_never_less_than_nothing(found: dict[int, int], after: int) -> None:
    rate = per_minute(buckets(found), NOON + timedelta(seconds=after))
    assert 0 <= rate <= sum(found.values()) / 5 + 1e-9


@given(counts, seconds, seconds)
def test_without_new_articles_the_rate_only_falls(found: dict[int, int], first: int, second: int) -> None:
    earlier, later = sorted((first, second))
    before = per_minute(buckets(found), NOON + timedelta(seconds=earlier))
    assert per_minute(buckets(found), NOON + timedelta(seconds=later)) <= before + 1e-9


@given(st.integers(1, 1000), seconds)
def test_a_steady_flow_is_its_own_rate(each: int, after: int) -> None:
    # A day of minutes around the moment, each with the same count: also the part of the current minute counts in full.
    flow = dict.fromkeys(range(-10, 61), each)
    now = NOON + timedelta(seconds=after)
    seen = {minute: count for minute, count in flow.items() if NOON + minute * MINUTE < now - timedelta(seconds=60)}
    assert per_minute(buckets(seen), now) <= each
    assert per_minute(buckets({m: c for m, c in flow.items() if NOON + m * MINUTE <= now}), now) >= each


def test_no_deliveries_is_not_a_rate() -> None:
    assert success_rate(0, 0) is None


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_success_rate(published: int, failed: int) -> None:
    rate = success_rate(published, failed)
    if rate is not None:
        assert 0 <= rate <= 1
        assert rate * (published + failed) == pytest.approx(published)
