"""Words for everything a machine may say."""

from datetime import UTC, datetime

import pytest

from pulse.social.events import ALL
from pulse.social.posts import State
from pulse.web.languages import direction
from pulse.web.pages.niches import keywords, slug
from pulse.web.templates import moment, percent, web_address
from pulse.web.trouble import sentence
from pulse.web.views import Happening
from pulse.web.wording import STATES, TABS, happening

NOW = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)


def test_every_state_has_words_and_exactly_one_tab() -> None:
    assert set(STATES) == {state.value for state in State}
    shown = [state for _name, states in TABS.values() for state in states]
    assert sorted(shown) == sorted(STATES)


@pytest.mark.parametrize("event", [event.name for event in ALL])
def test_every_event_of_a_post_has_words(event: str) -> None:
    headline, _detail, _at = happening(Happening(event=event, at=NOW))
    assert headline
    assert "post" not in headline.lower()
    assert "None" not in headline


def test_an_event_from_the_future_still_reads_as_words() -> None:
    assert happening(Happening(event="post.boosted_twice", at=NOW))[0] == "Post boosted twice"


def test_only_web_addresses_become_links() -> None:
    assert web_address("https://example.org/a") == "https://example.org/a"
    for hostile in ("javascript:alert(1)", "data:text/html,x", "//example.org", "http://[", "", None):
        assert web_address(hostile) is None


def test_a_share_below_one_is_never_shown_as_all() -> None:
    assert [percent(value) for value in (None, 0, 0.5, 0.9999, 1)] == ["–", "0 %", "50 %", "99 %", "100 %"]


def test_a_moment_is_machine_readable_and_escaped() -> None:
    assert 'datetime="2026-11-23T09:05:00Z"' in moment(NOW)
    assert "<b>" not in moment("<b>not a time</b>")


def test_errors_become_sentences() -> None:
    assert sentence("there is no post x") == "There is no post x."
    assert sentence("Really?") == "Really?"
    assert sentence(" ") == ""


def test_languages_know_their_direction() -> None:
    assert [direction(tag) for tag in ("ar", "he-IL", "en", "und", None)] == ["rtl", "rtl", "ltr", "auto", "auto"]


def test_niches_get_names_and_keywords_from_what_people_type() -> None:
    assert slug("Science & Health!") == "science-health"
    assert keywords("a, b\n c  d;a,,") == ["a", "b", "c d"]
