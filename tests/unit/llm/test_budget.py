"""What a call may cost, and whether there is money for it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.llm.budget import Caps, Prices, Spent, exhausted, micros, periods, shares
from pulse.llm.providers.port import Completion
from pulse.llm.shapes import Usage

_AMOUNTS = st.integers(0, 10**12)


@given(
    st.text(max_size=300),
    st.integers(1, 5_000),
    st.floats(0, 200),
    st.floats(0, 200),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_what_is_set_aside_covers_what_a_call_can_cost(
    text: str, most: int, prompt: float, completion: float, read: float, written: float
) -> None:
    prices = Prices(prompt, completion)
    usage = Usage(int(read * len(text.encode())), int(written * most))
    assert prices.cost(usage) <= prices.most(Completion("", text, max_tokens=most))


@given(_AMOUNTS, _AMOUNTS, _AMOUNTS, _AMOUNTS, st.none() | _AMOUNTS, st.none() | _AMOUNTS)
def test_a_call_that_fits_breaks_no_cap(
    spent: int, reserved: int, wanted: int, before: int, day: int | None, month: int | None
) -> None:
    total = Spent(spent, reserved, spent + before, reserved)
    if exhausted(Caps(day, month), total, wanted) is None:
        assert day is None or spent + reserved + wanted <= day
        assert month is None or spent + before + reserved + wanted <= month
    else:
        assert day is not None or month is not None


def test_no_cap_is_no_limit_and_zero_is_none_at_all() -> None:
    assert exhausted(Caps(None, None), Spent(10**12, 10**12, 10**12, 10**12), 10**12) is None
    assert exhausted(Caps(0, None), Spent(), 1) == "day"
    assert exhausted(Caps(None, 5), Spent(), 6) == "month"


def test_periods_begin_at_midnight_and_on_the_first() -> None:
    day, month = periods(datetime(2026, 3, 31, 23, 59, tzinfo=UTC))
    assert (day, month) == (datetime(2026, 3, 31, tzinfo=UTC), datetime(2026, 3, 1, tzinfo=UTC))


def test_money_is_whole_millionths() -> None:
    assert micros(2.5) == 2_500_000
    assert micros(None) is None
    assert Prices(0.15, 0.6).cost(Usage(1, 0)) == 1


def test_what_a_model_has_read_before_has_a_price_of_its_own() -> None:
    usage = Usage(1_000, 10, cached_tokens=600)
    assert Prices(1.0, 2.0).cost(usage) == 1_020
    assert Prices(1.0, 2.0, 0.1).cost(usage) == 400 + 60 + 20
    assert Prices(1.0, 2.0, 0.0).cost(usage) == 420


@given(st.floats(0, 50), st.floats(0, 50), st.none() | st.floats(0, 50), st.integers(0, 300), st.integers(0, 300))
def test_no_cache_makes_a_call_dearer_than_was_set_aside(
    prompt: float, completion: float, cached: float | None, tokens: int, known: int
) -> None:
    request = Completion("", "x" * tokens, max_tokens=50)
    usage = Usage(tokens, 50, cached_tokens=min(known, tokens))
    prices = Prices(prompt, completion, cached)
    assert prices.cost(usage) <= prices.most(request)


@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=12), st.integers(0, 100_000))
def test_what_sentences_cost_is_the_whole_bill(own: list[int], common: int) -> None:
    found = shares(sum(own) + common, own)
    assert sum(found) == sum(own) + common
    assert all(cost >= alone for cost, alone in zip(found, own, strict=True))
    rests = [cost - alone for cost, alone in zip(found, own, strict=True)]
    assert max(rests) - min(rests) <= 1


def test_a_bill_with_nobody_to_bear_it_is_refused() -> None:
    for total, own in ((5, []), (3, [2, 2])):
        with pytest.raises(ValueError, match="cannot be shared"):
            shares(total, own)
