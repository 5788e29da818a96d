"""Languages."""

from pathlib import Path

import pytest

from pulse.news import language
from pulse.news.language import Detected, classify, detect, languages, plainly, plausible, primary

ENGLISH = ("Council plants trees", "The council decided on Monday to plant four hundred trees along the northern road.")
GERMAN = (
    "Stadtrat pflanzt Bäume",
    "Der Stadtrat hat am Montag beschlossen, vierhundert Bäume an der Ringstraße zu pflanzen.",
)
FRENCH = (
    "Le conseil plante des arbres",
    "Le conseil a décidé lundi de planter quatre cents arbres le long de la route du nord.",
)
JAPANESE = ("北島の火山が噴火", "北島の霧山が7日未明に噴火し、周辺の住民およそ2000人が避難した。けが人の報告はない。")


@pytest.mark.parametrize(
    ("tag", "language"),
    [("en-GB", "en"), ("DE", "de"), ("pt_BR", "pt"), ("", None), ("x", None), ("1", None), (None, None)],
)
def test_primary(tag: str | None, language: str | None) -> None:
    assert primary(tag) == language


def test_a_plausible_declaration_holds_for_all() -> None:
    assert languages("de-AT", [GERMAN, GERMAN, ("OK", "")]) == ["de", "de", "de"]
    assert plausible("no", "nb", 0.99)


def test_a_wrong_declaration_is_found_out() -> None:
    assert languages("en", [GERMAN, GERMAN, GERMAN]) == ["de", "de", "de"]


def test_without_a_declaration_each_text_is_looked_at() -> None:
    assert languages(None, [ENGLISH, GERMAN, FRENCH, JAPANESE]) == ["en", "de", "fr", "ja"]
    assert languages(None, []) == []


# Much of the first article and the preamble of the Universal Declaration of Human Rights.
DECLARATION = dict(
    line.split(" ", 1) for line in (Path(__file__).parent / "declaration.txt").read_text("utf-8").splitlines()
)


@pytest.mark.parametrize("spoken", DECLARATION)
def test_own_words_are_no_other_language_s(spoken: str) -> None:
    claimed = {name for name in DECLARATION if plainly(name, DECLARATION[spoken])}
    assert claimed == ({spoken} if spoken in ("en", "de", "fr", "es", "it", "pt", "nl") else set())


def test_the_model_is_not_asked_about_what_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "classify", lambda text: pytest.fail("asked"))
    story = "A bridge was closed", "Engineers, who have found a crack, closed the bridge from which they were to jump."
    assert languages("en-GB", [story, ("OK", "")]) == ["en", "en"]


def test_an_article_is_detected_with_confidence() -> None:
    seen = detect(*GERMAN)
    assert (seen.language, seen.mixed) == ("de", False)
    assert seen.confidence > 0.9
    assert detect("", "12 — 34 …") == Detected(None, 0.0)


def test_what_is_expected_decides_where_a_short_text_leaves_doubt() -> None:
    doubtful = "Bern: Parade"
    assert classify(doubtful)[1] < language.SURE
    for expected in ("de", "fr"):
        assert detect(doubtful, "", (expected,)).language == expected
    assert detect(*GERMAN, expected=("en",)).language == "de"


def test_an_article_in_two_languages_is_mixed() -> None:
    both = f"{ENGLISH[1]} {ENGLISH[1]} {ENGLISH[1]}\n{FRENCH[1]} {FRENCH[1]} {FRENCH[1]}"
    assert detect(ENGLISH[0], both).mixed
    assert not detect(ENGLISH[0], ENGLISH[1] * 6).mixed
    assert not any(detect("", text).mixed for text in DECLARATION.values())
