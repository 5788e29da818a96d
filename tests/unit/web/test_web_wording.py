"""Words for everything a machine may say."""

from datetime import UTC, datetime

import pytest

from pulse.i18n import translator
from pulse.social.events import ALL
from pulse.social.posts import State
from pulse.web.languages import direction
from pulse.web.pages.niches import keywords, slug
from pulse.web.templates import moment, web_address, whole_words
from pulse.web.trouble import sentence
from pulse.web.views import Happening, Sentence, Verdict
from pulse.web.wording import STATES, TABS, happening

NOW = datetime(2026, 11, 23, 9, 5, tzinfo=UTC)
ENGLISH = translator("en")


def test_every_state_has_words_and_exactly_one_tab() -> None:
    assert set(STATES) == {state.value for state in State}
    shown = [state for _name, states in TABS.values() for state in states]
    assert sorted(shown) == sorted(STATES)


@pytest.mark.parametrize("event", [event.name for event in ALL])
def test_every_event_of_a_post_has_words(event: str) -> None:
    headline, _detail, _at = happening(Happening(event=event, at=NOW), ENGLISH)
    assert headline
    assert "post" not in headline.lower()
    assert "None" not in headline


def test_an_event_from_the_future_still_reads_as_words() -> None:
    assert happening(Happening(event="post.boosted_twice", at=NOW), ENGLISH)[0] == "Post boosted twice"


def test_only_web_addresses_become_links() -> None:
    assert web_address("https://example.org/a") == "https://example.org/a"
    for hostile in ("javascript:alert(1)", "data:text/html,x", "//example.org", "http://[", "", None):
        assert web_address(hostile) is None


def test_a_moment_is_machine_readable_and_escaped() -> None:
    assert 'datetime="2026-11-23T09:05:00Z"' in moment(NOW, ENGLISH)
    assert "<b>" not in moment("<b>not a time</b>", ENGLISH)


def test_errors_become_sentences() -> None:
    assert sentence("there is no post x") == "There is no post x."
    assert sentence("Really?") == "Really?"
    assert sentence(" ") == ""


def test_languages_know_their_direction() -> None:
    assert [direction(tag) for tag in ("ar", "he-IL", "en", "und", None)] == ["rtl", "rtl", "ltr", "auto", "auto"]


def test_niches_get_names_and_keywords_from_what_people_type() -> None:
    assert slug("Science & Health!") == "science-health"
    assert keywords("a, b\n c  d;a,,") == ["a", "b", "c d"]


def test_reasons_come_coded_in_words_or_as_objects() -> None:
    verdict = Verdict.model_validate({"reasons": ["number: 95", "late", "said: by nobody known", {"code": "name"}]})
    assert [(reason.code, reason.detail) for reason in verdict.reasons] == [
        ("number", "95"),
        ("late", ""),
        ("said", "by nobody known"),
        ("name", ""),
    ]
    [free] = Verdict.model_validate({"reasons": ["Written by hand: nothing was checked"]}).reasons
    assert (free.code, free.detail) == ("", "Written by hand: nothing was checked")


def test_only_what_lacks_a_proof_and_nothing_else_is_for_a_person() -> None:
    def verdict(*reasons: str, supported: bool = False) -> Verdict:
        return Verdict.model_validate({"supported": supported, "reasons": list(reasons)})

    assert verdict("rewritten").needs_person
    assert not verdict("rewritten", "number: 4").needs_person
    assert not verdict().needs_person
    assert not verdict("rewritten", supported=True).needs_person
    assert [verdict("rewritten").tone, verdict("name: X").tone, verdict(supported=True).tone] == [
        "doubt",
        "bad",
        "good",
    ]


def test_copies_of_one_quotation_are_one() -> None:
    citations = [{"quote": quote, "source": source} for quote, source in (("a b", "A"), ("a\nb", "B"), ("c", "C"))]
    quotes = Sentence.model_validate({"text": "x", "citations": citations}).quotes
    assert [(quote, [citation.source for citation in who]) for quote, who in quotes] == [
        ("a b", ["A", "B"]),
        ("c", ["C"]),
    ]


def test_headlines_do_not_break_within_a_short_word_and_are_escaped() -> None:
    assert whole_words("An e-bike & <b>") == 'An <span class="whole">e-bike</span> &amp; &lt;b&gt;'
    assert whole_words("well-known") == "well-known"
