"""Days told with their date: only where the day is plain, and only the right date is proven."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.i18n.translator import day_and_month
from pulse.llm.extract import extract
from pulse.llm.sentences import split
from pulse.llm.shapes import SOFT, Article, Doubt, Limits, Proof, SourceSentence, Story
from pulse.llm.stages import source_sentences
from pulse.llm.verify import Evidence, verify_sentence
from pulse.llm.verify.absolute import absolute, dates, taken_out
from pulse.llm.words import words
from tests.unit.llm.reports import REPORTS

WEDNESDAY = datetime(2026, 11, 25, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("language", "dated"),
    [
        ("en", "Police said on Monday (23 November) that two men were held yesterday (24 November)."),
        ("en", "The council voted Tuesday (24 November), after nine hours."),
        ("de", "Die Polizei teilte am Montag (23. November) mit, dass gestern (24. November) zwei Männer starben."),
        ("fr", "Le ministre a annoncé lundi (23 novembre) que la loi sera votée demain (26 novembre)."),
        ("es", "El Gobierno anunció el lunes (23 de noviembre) que ayer (24 de noviembre) murieron dos personas."),
        ("it", "Il governo ha annunciato lunedì (23 novembre) la riforma."),
        (
            "pt",
            "O governo anunciou na segunda-feira (23 de novembro) que ontem (24 de novembro) morreram duas pessoas.",
        ),
        ("nl", "De politie meldde maandag (23 november) dat gisteren (24 november) twee mannen zijn opgepakt."),
        ("pl", "Minister poinformował w poniedziałek (23 listopada), że wczoraj (24 listopada) zginęły dwie osoby."),
        ("ru", "Министр заявил в понедельник (23 ноября), что вчера (24 ноября) погибли двое."),
        ("uk", "Міністр заявив у понеділок (23 листопада), що вчора (24 листопада) загинули двоє."),
        ("zh", "外交部发言人昨天（11月24日）表示，会谈将继续。"),
        ("ja", "政府は一昨日（11月23日）、新しい計画を発表した。"),
        ("ar", "قال الوزير أمس (24 نوفمبر) إن المحادثات مستمرة."),
    ],
)
def test_a_day_gets_its_date_and_gives_it_back(language: str, dated: str) -> None:
    taken = taken_out(dated, words(language))
    assert taken is not None
    bare, told = taken
    assert "(" not in bare
    assert "（" not in bare
    assert absolute(bare, WEDNESDAY, words(language)) == dated
    assert told == set(dates(bare, bare, WEDNESDAY, words(language)))


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The day before yesterday it rained."),
        ("en", 'She said: "We met yesterday."'),
        ("en", "The minister told Sunday newspapers that it was over."),
        ("en", "The deal will be signed on Monday."),
        ("en", "The shops are closed on Monday and Tuesday."),
        ("en", "He will be told on Monday to Friday."),
        ("en", "USA Today has the story."),
        ("en", "A year ago today the bridge fell."),
        ("en", "They are the leaders of tomorrow."),
        ("en", "In 1963 the president was killed on Friday."),
        ("en", "The court said on Monday, Nov. 23, that it was over."),
        ("en", "Police said on Monday night that it was over."),
        ("en", "Today's vote is the third."),
        ("en", "The council meets on Monday."),
        ("fr", "Il y a un an aujourd'hui, la ville brûlait."),
        ("fr", "La loi sera annoncée lundi, elle est adoptée lundi."),
        ("es", "Antes de ayer llovió."),
        ("de", "Das Geschäft ist am Morgen zu."),
        ("ja", "政府は新しい計画を発表した。"),
        ("ar", "وصل الوفد أول أمس إلى القاهرة."),
        ("xx", "Police said on Monday that it was over."),
    ],
)
def test_a_day_that_is_not_plain_gets_none(language: str, text: str) -> None:
    assert absolute(text, WEDNESDAY, words(language)) == text


def test_nor_does_one_that_is_another_day_elsewhere() -> None:
    text = "Police said on Monday that two men were held yesterday."
    both = "Police said on Monday (23 November) that two men were held yesterday (24 November)."
    # On the morning of a Monday in London it is Sunday in Seattle, where the Monday that has passed is another one.
    assert absolute(text, datetime(2026, 11, 23, 5, tzinfo=UTC), words("en")) == text
    # On a Wednesday evening it is Thursday in Auckland: yesterday differs, the last Monday does not.
    late = absolute(text, datetime(2026, 11, 25, 20, tzinfo=UTC), words("en"))
    assert late == "Police said on Monday (23 November) that two men were held yesterday."
    assert absolute(text, WEDNESDAY, words("en")) == both
    assert absolute(text, None, words("en")) == text


SOURCE = "The council approved the plan yesterday. Police said on Monday that two men were held."


def evidence(published: datetime | None = WEDNESDAY) -> Evidence:
    return Evidence([SourceSentence("a", s.index, s.text, "en", published) for s in split(SOURCE, "en")], "en")


def test_the_gate_proves_the_right_date() -> None:
    verdict = verify_sentence("The council approved the plan yesterday (24 November).", evidence())
    assert (verdict.supported, verdict.proof) == (True, Proof.NOTATION)
    assert verdict.citations[0].index == 0
    assert not verify_sentence("The council approved the plan yesterday (24 November).", evidence(None)).supported


@given(st.integers(-400, 400), st.sampled_from(["yesterday", "Monday"]))
def test_and_no_other(off: int, day: str) -> None:
    right = {"yesterday": 24, "Monday": 23}[day]
    other = day_and_month((datetime(2026, 11, right, tzinfo=UTC) + timedelta(days=off)).date(), "en")
    text = {
        "yesterday": f"The council approved the plan yesterday ({other}).",
        "Monday": f"Police said on Monday ({other}) that two men were held.",
    }[day]
    verdict = verify_sentence(text, evidence())
    assert verdict.supported is (other == f"{right} November")
    if not verdict.supported:
        assert any(reason.doubt not in SOFT for reason in verdict.reasons)


def test_a_date_behind_another_day_is_a_hard_doubt() -> None:
    sources = [SourceSentence("a", 0, "Police said on Monday that the man was held yesterday.", "en", WEDNESDAY)]
    false = "Police said on Monday (24 November) that the man was held yesterday."
    assert Doubt.DATE in {reason.doubt for reason in verify_sentence(false, sources).reasons}


def test_a_rewritten_date_is_known_by_the_day_it_is() -> None:
    def hard(text: str) -> set[Doubt]:
        return {reason.doubt for reason in verify_sentence(text, evidence()).reasons} - SOFT

    assert not hard("The council approved the plan on 24 November.")
    assert hard("The council approved the plan on 25 November.") == {Doubt.NUMBER}
    assert hard("The council approved the plan on 24 October.") == {Doubt.DATE}


@pytest.mark.parametrize("language", sorted(REPORTS))
def test_every_report_with_its_dates_is_proven(language: str) -> None:
    story = Story((Article("a", "", REPORTS[language][0], language, WEDNESDAY),))
    known = Evidence(source_sentences(story, language), language)
    for sentence in known.sentences:
        assert verify_sentence(absolute(sentence.text, WEDNESDAY, known.words), known).supported


def test_a_summary_tells_a_date_once_and_where_there_is_room() -> None:
    text = (
        "Police in Camden said on Monday that two men were held after the fire at the harbour. "
        "The mayor of Camden, Anna Lind, announced on Monday that the harbour stays closed for repairs."
    )
    story = Story((Article("a", "", text, "en", WEDNESDAY),))
    shown = " ".join(sentence.text for sentence in extract(story, Limits(600, 2, 2)).sentences)
    assert shown == text.replace("said on Monday", "said on Monday (23 November)")
    tight = " ".join(sentence.text for sentence in extract(story, Limits(len(text) + 13, 2, 2)).sentences)
    assert tight == text


def test_a_source_that_tells_its_own_date_gives_none_also_where_that_is_left_out() -> None:
    text = "LONDON, Oct. 5 (Reuters) - Police in Camden said on Monday that two men were held after the fire."
    story = Story((Article("a", "", text, "en", WEDNESDAY),))
    [chosen] = extract(story, Limits(600, 1, 1)).sentences
    assert chosen.text == "Police in Camden said on Monday that two men were held after the fire."
    dated = chosen.text.replace("Monday", "Monday (23 November)")
    known = Evidence(source_sentences(story, "en"), "en")
    assert verify_sentence(chosen.text, known).supported
    assert not verify_sentence(dated, known).supported


def test_a_feed_may_give_the_time_of_its_own_clock_as_utc() -> None:
    text = "外交部发言人昨天表示，会谈将继续。"
    evening = datetime(2026, 11, 24, 23, tzinfo=UTC)
    assert absolute(text, evening, words("zh")) == text
    assert "（11月23日）" in absolute(text, datetime(2026, 11, 24, 9, tzinfo=UTC), words("zh"))
