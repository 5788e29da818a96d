"""Which reports make a story, and what follows from them."""

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.news.candidates import ENTRY, Candidates, keys_of
from pulse.news.stories import (
    Likeness,
    Match,
    Member,
    Report,
    choose,
    facts,
    independent_sources,
    likeness,
)
from tests.unit.news.reports import REPORTS

NOW = datetime(2026, 3, 3, 12, tzinfo=UTC)


def report(title: str, text: str, *, source: UUID | None = None, language: str | None = None) -> Report:
    return Report(uuid4(), source or uuid4(), title, text, NOW, language)


def unknown(words: Sequence[str]) -> dict[str, int]:
    """No word is known from elsewhere."""
    return dict.fromkeys(words, 1)


@pytest.fixture(scope="module")
def search() -> Candidates:
    """Give a search that knows all the reports, for the frequencies of their words."""
    search = Candidates()
    entries = np.zeros(len(REPORTS), dtype=ENTRY)
    entries["keys"] = keys_of([(title, text) for _, _, title, text in REPORTS])
    search.extend(entries)
    return search


def alike(search: Candidates, *, one_source_each: bool) -> dict[tuple[int, int], bool]:
    """Return for each pair of reports whether they are taken for one event."""
    desks = {name: uuid4() for name in "abc"}
    made = [report(title, text, source=None if one_source_each else desks[desk]) for _, desk, title, text in REPORTS]
    return {
        (one, other): likeness(made[one], made[other], search.frequencies, len(search)) is not None
        for one, other in itertools.combinations(range(len(made)), 2)
    }


@pytest.mark.parametrize("one_source_each", [True, False])
def test_two_events_are_never_taken_for_one(search: Candidates, one_source_each: bool) -> None:
    wrong = [
        (REPORTS[one][2], REPORTS[other][2])
        for (one, other), same in alike(search, one_source_each=one_source_each).items()
        if same and REPORTS[one][0] != REPORTS[other][0]
    ]
    assert not wrong


def test_most_reports_of_one_event_are_taken_for_one(search: Candidates) -> None:
    pairs = alike(search, one_source_each=True)
    same = [found for (one, other), found in pairs.items() if REPORTS[one][0] == REPORTS[other][0]]
    assert len(same) == 18
    assert sum(same) >= 14


def test_a_printed_agency_text_is_a_copy_and_another_language_is_not() -> None:
    text = REPORTS[0][3]
    copy = likeness(report("Bridge closed", text), report("Varnhem in trouble", text[:150]), unknown, 10)
    assert copy is not None
    assert copy[0] is Likeness.COPY
    assert likeness(report("A", text, language="en"), report("A", text, language="de"), unknown, 10) is None


def test_one_source_reports_twice_only_with_the_same_text() -> None:
    source = uuid4()
    _, _, title, text = REPORTS[0]
    _, _, other_title, other_text = REPORTS[1]
    assert likeness(report(title, text), report(other_title, other_text), unknown, 100) is not None
    first = report(title, text, source=source)
    assert likeness(first, report(other_title, other_text, source=source), unknown, 100) is None
    assert likeness(first, report(title, text, source=source), unknown, 100) is not None


def test_a_pattern_filled_with_another_name_is_another_event() -> None:
    # The texts are the same but for the name and some numbers: nearly a copy.
    rain = "Rain falls over {} until the evening, with wind from the west. The night stays cloudy. Tomorrow brings sun."
    one = report("Weather for Leyford: rain until the evening", rain.format("Leyford"))
    other = report("Weather for Varnhem: rain until the evening", rain.format("Varnhem"))
    assert likeness(one, other, unknown, 10) is None


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=400), st.text(max_size=400))
def test_likeness_is_symmetric_and_takes_anything(title: str, other_title: str, text: str, other: str) -> None:
    one, two = report(title, text), report(other_title, other)
    there, back = likeness(one, two, unknown, 5), likeness(two, one, unknown, 5)
    assert (there is None) == (back is None)
    if there is not None and back is not None:
        assert there[0] is back[0]
        assert there[1] == pytest.approx(back[1])


def match(story: UUID, kind: Likeness, strength: float, *, first: bool = False) -> Match:
    return Match(story, uuid4(), first, NOW, kind, strength)


def test_a_copy_joins_before_anything_else() -> None:
    story, other = uuid4(), uuid4()
    copy = match(story, Likeness.COPY, 0.7)
    assert choose([match(other, Likeness.EVENT, 0.99, first=True), copy]) is copy


def test_an_event_joins_by_the_first_report_or_by_two() -> None:
    story = uuid4()
    assert choose([]) is None
    assert choose([match(story, Likeness.EVENT, 0.9)]) is None
    assert choose([match(story, Likeness.EVENT, 0.6, first=True)]) is not None
    assert choose([match(story, Likeness.EVENT, 0.6), match(story, Likeness.EVENT, 0.7)]) is not None
    assert choose([match(uuid4(), Likeness.EVENT, 0.6), match(uuid4(), Likeness.EVENT, 0.7)]) is None


def test_wire_copies_are_one_voice() -> None:
    agency, own = uuid4(), uuid4()
    papers = [uuid4() for _ in range(4)]
    assert independent_sources([(paper, agency) for paper in papers]) == 1
    assert independent_sources([*((paper, agency) for paper in papers), (uuid4(), own)]) == 2
    # A paper that printed the agency and then wrote itself is still one voice.
    assert independent_sources([*((paper, agency) for paper in papers), (papers[0], own)]) == 1


@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=20))
def test_voices_are_at_most_sources_and_texts_and_do_not_depend_on_order(pairs: list[tuple[int, int]]) -> None:
    sources, texts = [uuid4() for _ in range(7)], [uuid4() for _ in range(7)]
    reports = [(sources[one], texts[other]) for one, other in pairs]
    count = independent_sources(reports)
    assert 1 <= count <= min(len({one for one, _ in pairs}), len({other for _, other in pairs}))
    assert count == independent_sources(reports[::-1])


def test_facts_of_a_story() -> None:
    agency, own = uuid4(), uuid4()
    members = [
        Member(uuid4(), agency, NOW - timedelta(hours=5), "en", 0.5),
        Member(uuid4(), agency, NOW - timedelta(hours=1), "en", 0.9),
        Member(uuid4(), own, NOW - timedelta(hours=3), None, 0.2),
    ]
    found = facts(members, NOW)
    assert (found.articles, found.independent_sources, found.language, found.authority) == (3, 2, "en", 0.9)
    # The copy printed last is no news.
    assert found.reported == NOW - timedelta(hours=3)
    ahead = facts([Member(uuid4(), own, NOW + timedelta(hours=3), "de", 0.5)], NOW)
    assert ahead.reported == NOW
    assert (ahead.articles, ahead.independent_sources) == (1, 1)
