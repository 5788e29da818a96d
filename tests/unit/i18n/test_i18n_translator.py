"""Plural rules, dates, numbers, and who is spoken to in which language."""

from datetime import UTC, datetime

import pytest

from pulse.i18n import choose, shared, translator

ONE, MANY = "%(number)s source", "%(number)s sources"


@pytest.mark.parametrize(
    ("language", "number", "said"),
    [
        ("en", 0, "0 sources"),
        ("en", 1, "1 source"),
        ("en", 1200, "1,200 sources"),
        ("de", 1, "1 Quelle"),
        ("de", 1200, "1.200 Quellen"),
        ("pl", 1, "1 źródło"),
        ("pl", 2, "2 źródła"),
        ("pl", 4, "4 źródła"),
        ("pl", 5, "5 źródeł"),
        ("pl", 12, "12 źródeł"),
        ("pl", 22, "22 źródła"),
        ("pl", 112, "112 źródeł"),
    ],
)
def test_plural_rules(language: str, number: int, said: str) -> None:
    assert translator(language).count(ONE, MANY, number) == said


def test_a_form_for_one_need_not_say_the_number() -> None:
    assert translator("pl").count("The one source is healthy.", "All %(number)s sources are healthy.", 1) == (
        "Jedyne źródło działa."
    )


def test_a_text_that_no_catalogue_has_stays_as_it_is() -> None:
    assert translator("de").text("Kein Text von uns") == "Kein Text von uns"
    assert translator("de").text("") == ""


def test_numbers_dates_and_money_are_written_as_people_there_write_them() -> None:
    at = datetime(2026, 3, 9, 16, 5, tzinfo=UTC)
    assert [translator(language).date_time(at) for language in ("en", "de", "pl")] == [
        "9 Mar 2026, 16:05",
        "9 März 2026, 16:05",
        "9 mar 2026, 16:05",
    ]
    assert [translator(language).number(12345.67) for language in ("en", "de", "pl")] == [
        "12,345.7",
        "12.345,7",
        "12\xa0345,7",
    ]
    assert translator("en").money(12.5) == "$12.50"
    assert translator("en").money(0.0041) == "$0.0041"
    assert translator("de").money(12.5) == "12,50\xa0$"
    assert translator("en").duration(7200) == "2 hours"
    assert translator("pl").duration(300) == "5 minut"
    assert translator("de").fixed(0.5, 2) == "0,50"


def test_a_share_below_one_is_never_shown_as_all() -> None:
    english = translator("en")
    assert [english.percent(value) for value in (None, 0, 0.5, 0.9999, 1)] == ["–", "0%", "50%", "99%", "100%"]


@pytest.mark.parametrize(
    ("header", "chosen", "language"),
    [
        ("", None, "en"),
        ("de-AT,de;q=0.9,en;q=0.8", None, "de"),
        ("fr-FR, pl;q=0.7, de;q=0.8", None, "de"),
        ("en;q=0.5, pl", None, "pl"),
        ("de;q=0, pl;q=0.1", None, "pl"),
        ("de;q=nonsense, pl", None, "pl"),
        ("de;q=7", None, "en"),
        ("ja", None, "en"),
        ("*", None, "en"),
        ("de", "pl", "pl"),
        ("de", "tlh", "de"),
        (",;=q;,,", None, "en"),
    ],
)
def test_the_reader_chooses_then_the_browser(header: str, chosen: str | None, language: str) -> None:
    assert choose(header, chosen) == language


def test_a_page_of_one_language_is_spoken_in_it() -> None:
    assert shared(["de", "de-CH"]) == "de"
    assert shared(["de", "pl"]) == "en"
    assert shared(["es"]) == "en"
    assert shared([]) == "en"
    assert shared([None, "und"]) == "en"


def test_only_languages_that_pulse_speaks_have_a_translator() -> None:
    with pytest.raises(KeyError):
        translator("../de")
