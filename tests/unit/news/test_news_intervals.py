"""When a source is asked again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.news import intervals
from pulse.settings import NewsSettings

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
SETTINGS = NewsSettings()
MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0


def every(gap: timedelta, count: int = 20) -> list[datetime]:
    return [NOW - gap * number for number in range(1, count + 1)]


def test_a_busy_feed_is_asked_often_and_a_slow_one_seldom() -> None:
    assert intervals.interval_after_news(every(timedelta(minutes=1)), NOW, HOUR, SETTINGS) == 5 * MINUTE
    assert intervals.interval_after_news(every(timedelta(hours=4)), NOW, HOUR, SETTINGS) == pytest.approx(2 * HOUR)
    assert intervals.interval_after_news(every(timedelta(days=30)), NOW, HOUR, SETTINGS) == DAY


def test_a_feed_that_fell_silent_is_asked_less() -> None:
    silent = [moment - timedelta(days=3) for moment in every(timedelta(minutes=10))]
    busy = intervals.interval_after_news(every(timedelta(minutes=10)), NOW, HOUR, SETTINGS)
    assert intervals.interval_after_news(silent, NOW, HOUR, SETTINGS) > 20 * busy


def test_without_dates_the_interval_stays() -> None:
    assert intervals.interval_after_news([], NOW, 1234.0, SETTINGS) == 1234.0


def test_pauses_grow_without_news_and_double_with_failures() -> None:
    assert intervals.interval_without_news(1_000, SETTINGS) == pytest.approx(1_300)
    assert [intervals.interval_after_failure(count, SETTINGS) / MINUTE for count in (1, 2, 3)] == [5, 10, 20]
    assert intervals.interval_after_failure(500, SETTINGS) == DAY


@given(st.lists(st.datetimes(datetime(1980, 1, 1), datetime(2030, 1, 1)), max_size=30), st.floats(0, 1e9))
def test_intervals_stay_in_their_bounds(moments: list[datetime], previous: float) -> None:
    published = [moment.replace(tzinfo=UTC) for moment in moments]
    for interval in (
        intervals.interval_after_news(published, NOW, previous, SETTINGS),
        intervals.interval_without_news(previous, SETTINGS),
    ):
        assert 5 * MINUTE <= interval <= DAY


def test_a_server_is_left_alone_as_long_as_it_asks() -> None:
    def asked(headers: dict[str, str], ttl: float | None = None, *, succeeded: bool = True) -> float:
        return intervals.asked_for(headers, ttl, NOW, SETTINGS, succeeded=succeeded)

    assert asked({"Retry-After": "7200"}, succeeded=False) == 2 * HOUR
    assert asked({"Retry-After": str(3 * 86_400)}, succeeded=False) == 3 * DAY
    assert asked({"Cache-Control": "public, max-age=1800"}) == 30 * MINUTE
    assert asked({"Cache-Control": "s-maxage=9, max-age=999999999"}) == DAY
    assert asked({"Cache-Control": "s-max-age=100"}) == 0
    assert asked({"Cache-Control": "max-age=1800"}, succeeded=False) == 0
    assert asked({}, ttl=HOUR) == HOUR
    assert asked({}) == 0


@given(st.floats(300, 86_400), st.floats(0, 7 * 86_400), st.floats(0, 1))
def test_next_poll_is_never_before_the_server_allows(interval: float, wanted: float, spread: float) -> None:
    moment = intervals.next_poll(NOW, interval, wanted, spread)
    assert moment >= NOW + timedelta(seconds=wanted) - timedelta(microseconds=1)
    assert moment >= NOW + timedelta(seconds=interval * 0.95) - timedelta(microseconds=1)
    assert moment <= NOW + timedelta(seconds=max(interval * 1.05, wanted)) + timedelta(microseconds=1)
