from dataclasses import replace
from datetime import UTC, datetime

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from pulse.llm.extract import extract
from pulse.llm.sentences import split
from pulse.llm.shapes import Article, Citation, Limits, Proof, SourceSentence, Story, join_sentences
from pulse.llm.stages import source_sentences
from pulse.llm.verify import Evidence, verify_sentence
from pulse.llm.verify.absolute import taken_out
from pulse.llm.words import words
from tests.unit.llm.reports import REPORTS


def article(identity: str, text: str, language: str | None = "en", **more: object) -> Article:
    return replace(Article(identity, "", text, language, datetime(2027, 1, 2, tzinfo=UTC)), **more)  # type: ignore[arg-type]


def texts(story: Story, limits: Limits = Limits()) -> list[str]:
    return [chosen.text for chosen in extract(story, limits).sentences]


@pytest.mark.parametrize("language", REPORTS)
def test_two_to_four_sentences_that_the_gate_proves(language: str) -> None:
    story = Story((article("a", REPORTS[language][0], language),))
    result = extract(story)
    assert 2 <= len(result.sentences) <= 4
    assert result.language == language
    evidence = Evidence(source_sentences(story, language), language)
    for chosen in result.sentences:
        verdict = verify_sentence(chosen.text, evidence)
        assert verdict.supported, (chosen.text, verdict.reasons)
        assert chosen.citations[0] in verdict.citations


@settings(deadline=None)
@given(
    st.sampled_from(sorted(REPORTS)), st.integers(1, 700), st.integers(1, 3), st.integers(1, 5), st.sampled_from([0, 1])
)
def test_the_length_is_kept_and_no_sentence_is_cut(
    language: str, characters: int, least: int, most: int, known: int
) -> None:
    text = REPORTS[language][0]
    result = extract(Story((article("a", text, language if known else None),)), Limits(characters, least, most))
    joined = join_sentences(tuple(chosen.text for chosen in result.sentences), result.language)
    assert len(regex.findall(r"\X", joined)) <= characters
    assert len(result.sentences) <= most
    assert bool(result.sentences) == (result.reason is None)
    originals = [sentence.text for sentence in split(text, language)]
    for chosen in result.sentences:
        original = originals[chosen.citations[0].index]
        source = SourceSentence("a", 0, original, language, datetime(2027, 1, 2, tzinfo=UTC))
        proof = verify_sentence(chosen.text, Evidence([source], language))
        bare, _ = taken_out(chosen.text, words(language)) or (chosen.text, None)
        assert proof.supported
        assert original.endswith(bare[1:]) or proof.proof is Proof.COMPRESSED


@given(st.text(max_size=2_000), st.sampled_from([None, "en", "zh", "xx"]))
@settings(deadline=None)
def test_any_text_is_read(text: str, language: str | None) -> None:
    result = extract(Story((article("a", text, language),)))
    assert bool(result.sentences) == (result.reason is None)


def test_reasons_for_silence() -> None:
    assert extract(Story(())).reason == "no_text"
    assert extract(Story((article("a", ""),))).reason == "no_text"
    assert extract(Story((article("a", "Read more. Subscribe now!"),))).reason == "nothing_readable"
    long = "The council of the city approved forty new homes in the north of the town on Monday."
    assert extract(Story((article("a", long),)), Limits(20)).reason == "nothing_fits"


def test_a_shorter_sentence_is_chosen_where_the_best_does_not_fit() -> None:
    text = (
        "The city council approved forty new homes in the north of the town on Monday after a debate of nine hours. "
        "The homes will stand near the station."
    )
    assert texts(Story((article("a", text),)), Limits(60)) == ["The homes will stand near the station."]


def test_datelines_and_connecting_words_go_and_the_citation_stays() -> None:
    text = "LONDON (Reuters) - The council approved forty homes on Monday. However, residents of Camden plan an appeal."
    chosen = extract(Story((article("a", text),))).sentences
    assert [c.text for c in chosen] == [
        "The council approved forty homes on Monday.",
        "Residents of Camden plan an appeal.",
    ]
    assert [c.citations for c in chosen] == [(Citation("a", 0),), (Citation("a", 1),)]


@pytest.mark.parametrize(
    "unwanted",
    [
        "Read more about the council and its plans in our special report.",
        "Subscribe to our newsletter to get the council's news every day.",
        "Will the council approve the forty homes in Camden next year?",
        "By Jane Roe, political reporter",
        "He said that the council would build forty homes in Camden.",
        "This means that the council will build forty homes in Camden.",
        "The council's plan for forty homes is at https://example.org/plan today.",
        "THE COUNCIL HAS APPROVED FORTY HOMES IN CAMDEN THIS WEEK.",
        "The mayor said of the forty homes in Camden: “This is great for us all.",
        "Photo: the council's forty homes in Camden, seen from the north.",
        "The council of Camden and its forty homes:",
        "1 2 3 - 4 5 6 | 7 8 9 council homes 40",
    ],
)
def test_what_no_reader_wants_alone_is_not_chosen_first(unwanted: str) -> None:
    text = unwanted + "\nThe council approved forty homes in Camden on Monday. Work on the forty homes starts in June."
    chosen = texts(Story((article("a", text),)))
    assert chosen
    assert unwanted not in chosen


def test_a_pronoun_may_follow_the_sentence_it_leans_on() -> None:
    text = "Anna Clarke approved forty homes in Camden on Monday. She promised a new school and two parks by June."
    assert texts(Story((article("a", text),))) == split_texts(text)


def split_texts(text: str) -> list[str]:
    return [sentence.text for sentence in split(text, "en")]


def test_the_middle_of_a_quotation_is_not_stated_as_a_fact() -> None:
    stolen = "The council of Camden stole the vote of Camden from the people of Camden."
    rest = (
        "It did so in the night and in the rain, while all of us were asleep in our beds and thought of nothing bad. "
    )
    text = (
        f'The mayor spoke at noon: "Nobody expected this at all. {stolen} {rest * 3}Back soon." '
        "The mayor of Camden spoke for an hour about the vote of the council."
    )
    assert stolen in [sentence.text for sentence in split(text, "en")]
    assert stolen not in texts(Story((article("a", text),)))
    assert stolen in texts(Story((article("a", text.replace('"', "")),)))


def test_one_fact_told_twice_is_one_sentence_with_both_cited() -> None:
    told = "The council approved 40 homes in Camden on Monday."
    story = Story(
        (
            article("a", f"{told} Residents plan an appeal to the high court in London."),
            article("b", f"A debate lasted nine hours without a break. {told}"),
        )
    )
    chosen = extract(story).sentences
    assert [c.text for c in chosen].count(told) == 1
    assert next(c for c in chosen if c.text == told).citations == (Citation("a", 0), Citation("b", 1))


def test_a_fact_told_in_two_ways_gives_way_to_what_is_agreed() -> None:
    story = Story(
        (
            article(
                "a", "The fire in Camden killed 12 people on Monday night. The fire started in a kitchen in Camden."
            ),
            article("b", "The fire in Camden killed 15 people on Monday night. Police closed two roads in Camden."),
        )
    )
    chosen = extract(story).sentences
    assert not any("killed" in c.text for c in chosen)
    alone = extract(Story((article("a", "The fire in Camden killed 12 people on Monday night."), story.articles[1])))
    assert alone.sentences
    only = Story(tuple(replace(a, text=a.text.split(". ")[0] + ".") for a in story.articles))
    assert extract(only).sentences[0].disputed_by == (Citation("b", 0),)


def test_other_languages_of_a_story_are_left_out() -> None:
    story = Story((article("a", REPORTS["en"][0], "en"), article("b", REPORTS["de"][0], "de")), "en")
    assert {c.citations[0].article for c in extract(story).sentences} == {"a"}


def test_a_headline_repeated_in_the_text_is_not_chosen() -> None:
    title = "The council approves forty homes in Camden"
    text = f"{title}\nThe council of Camden voted for forty homes after nine hours. Work on them starts in June."
    assert title not in texts(Story((replace(article("a", text), title=title),)))


def test_citations_count_as_the_splitter_counts() -> None:
    long = "The council approved forty homes in Camden. " * 1000
    for chosen in extract(Story((article("a", long, None),))).sentences:
        citation = chosen.citations[0]
        assert split(long, None)[citation.index].text == chosen.text
