"""Money as people write it, and when a cap is reached."""

import pytest

from pulse.web.errors import BadForm
from pulse.web.forms import Form
from pulse.web.pages.budget import amount
from pulse.web.views import Period


@pytest.mark.parametrize(
    ("written", "read"), [("", None), ("2", 2.0), ("2.50", 2.5), ("2,5", 2.5), (" $3 ", 3.0), ("0", 0.0)]
)
def test_amounts_are_read_as_people_write_them(written: str, read: float | None) -> None:
    assert amount(Form([("day", written)]), "day") == read


@pytest.mark.parametrize("written", ["a lot", "-1", "nan", "inf", "1e99", "1.000.000", "$"])
def test_what_is_no_amount_is_refused(written: str) -> None:
    if written == "$":
        assert amount(Form([("day", written)]), "day") is None
        return
    with pytest.raises(BadForm):
        amount(Form([("day", written)]), "day")


def test_what_is_set_aside_counts_as_spent_and_no_cap_is_never_used_up() -> None:
    assert Period(cap=1, spent=0.9, reserved=0.1).used_up
    assert not Period(cap=1, spent=0.9).used_up
    assert Period(cap=0).used_up
    assert not Period(cap=None, spent=1e9).used_up
