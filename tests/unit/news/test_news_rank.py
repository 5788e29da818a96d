"""Scores."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.news import rank

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)
PARTS = st.floats(0, 1)
TEXT = "The council decided on Monday to plant four hundred trees along the northern ring road. " * 5


@given(PARTS, PARTS, PARTS, PARTS)
def test_total_is_between_nothing_and_one_and_grows_with_each_part(a: float, b: float, c: float, d: float) -> None:
    assert 0 <= rank.total(a, b, c, d) <= 1 + 1e-9
    assert rank.total(a, b, c, d) <= rank.total(max(a, 0.5), max(b, 0.5), max(c, 0.5), max(d, 0.5)) + 1e-12


def test_weights_are_the_documented_ones() -> None:
    assert rank.total(1, 0, 0, 0) == 0.4
    assert rank.total(0, 1, 0, 0) == 0.3
    assert rank.total(0, 0, 1, 0) == 0.2
    assert rank.total(0, 0, 0, 1) == 0.1


def test_freshness_halves_every_twelve_hours() -> None:
    assert rank.freshness(NOW, NOW) == 1
    assert rank.freshness(NOW - timedelta(hours=12), NOW) == pytest.approx(0.5)
    assert rank.freshness(NOW - timedelta(hours=36), NOW) == pytest.approx(0.125)
    assert rank.freshness(NOW + timedelta(hours=5), NOW) == 1


@given(st.integers(0, 50), st.text(max_size=300), st.integers(0, 10**6))
def test_prior_is_a_probability(sources: int, title: str, characters: int) -> None:
    value, reasons = rank.model_prior(sources, title, characters)
    assert 0 < value < 1
    assert all(reasons)


@given(st.integers(1, 40), st.text(max_size=100), st.integers(0, 5_000))
def test_more_independent_sources_and_more_text_never_hurt(sources: int, title: str, characters: int) -> None:
    value, _ = rank.model_prior(sources, title, characters)
    assert rank.model_prior(sources + 1, title, characters)[0] > value
    assert rank.model_prior(sources, title, characters + 500)[0] >= value


def test_prior_says_what_it_holds_against_a_title() -> None:
    plain, _ = rank.model_prior(1, "Council plants trees along the ring road", 900)
    for title, reason in (
        ("You won't believe what the council plants", "bait"),
        ("COUNCIL PLANTS TREES ALONG THE RING ROAD", "shouts"),
        ("Will the council plant trees along the road?", "question"),
        ("Trees", "too short"),
    ):
        value, reasons = rank.model_prior(1, title, 900)
        assert value < plain, title
        assert any(reason in given for given in reasons), title
    assert rank.model_prior(1, "樹木四百本を植える", 900)[0] >= plain


def test_relevance_without_keywords_is_neutral() -> None:
    assert rank.relevance([], "Anything", TEXT) == (0.5, [])
    assert rank.relevance(["  "], "Anything", TEXT) == (0.5, [])


def test_relevance_counts_words_not_parts_of_words() -> None:
    assert rank.relevance(["art"], "Startup starts cart", "artful")[0] == 0
    assert rank.relevance(["art"], "Art fair opens", TEXT)[0] > 0.4
    assert rank.relevance(["c++"], "Why C++ stays", TEXT)[0] > 0.4
    assert rank.relevance(["火山"], "北島の火山が噴火", "本文")[0] > 0.4


@given(st.lists(st.text(max_size=20), max_size=6), st.text(max_size=200), st.text(max_size=500))
def test_relevance_is_between_nothing_and_one(keywords: list[str], title: str, text: str) -> None:
    value, _ = rank.relevance(keywords, title, text)
    assert 0 <= value <= 1


def test_title_counts_more_than_text_and_two_keywords_more_than_one() -> None:
    in_text, _ = rank.relevance(["trees", "robots"], "Council decides", TEXT)
    in_title, reasons = rank.relevance(["trees", "robots"], "Council plants trees", TEXT.replace("trees", "shrubs"))
    both, _ = rank.relevance(["trees", "robots"], "Robots plant trees", TEXT)
    assert 0 < in_text < both
    assert in_title < both
    assert reasons == ["about trees"]
