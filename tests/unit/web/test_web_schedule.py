"""The time on a person's clock, as a moment."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.web.errors import BadForm
from pulse.web.schedule import is_past, moment

ZONES = st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"])


def test_the_clock_of_the_viewer_counts() -> None:
    assert moment("2026-11-24T09:00", "Europe/Berlin") == datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert moment("2026-07-24T09:00", "Europe/Berlin") == datetime(2026, 7, 24, 7, tzinfo=UTC)


def test_an_hour_that_happens_twice_is_taken_the_first_time() -> None:
    assert moment("2026-10-25T02:30", "Europe/Berlin") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_an_hour_that_never_comes_is_refused_in_words() -> None:
    with pytest.raises(BadForm, match=r"never show 02:30"):
        moment("2026-03-29T02:30", "Europe/Berlin")


@pytest.mark.parametrize(
    ("local", "zone"),
    [
        ("tomorrow", "UTC"),
        ("2026-11-24T09:00+01:00", "UTC"),
        ("2026-11-24T09:00", "Mars/Olympus"),
        ("2026-11-24T09:00", "../../etc/passwd"),
        ("2026-11-24T09:00", ""),
        ("0001-01-01T00:00", "Asia/Kolkata"),
    ],
)
def test_what_is_no_time_and_no_zone_is_refused(local: str, zone: str) -> None:
    with pytest.raises(BadForm):
        moment(local, zone)


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)), ZONES)
def test_clocks_there_show_what_was_asked_for(wanted: datetime, zone: str) -> None:
    local = wanted.replace(second=0, microsecond=0)
    try:
        found = moment(local.isoformat(timespec="minutes"), zone)
    except BadForm:
        return
    assert found.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == local


def test_the_minute_a_form_takes_is_not_the_past() -> None:
    now = datetime(2026, 11, 24, 9, tzinfo=UTC)
    assert not is_past(now - timedelta(seconds=30), now)
    assert is_past(now - timedelta(minutes=2), now)
