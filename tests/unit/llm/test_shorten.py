"""Compression leaves out only what cannot change the claim, and every shorter sentence is proven."""

import random

import pytest

from pulse.llm.extract import extract
from pulse.llm.extract.readable import clean
from pulse.llm.extract.shorten import shorten
from pulse.llm.shapes import Article, Limits, SourceSentence, Story
from pulse.llm.verify import Evidence, verify_sentence
from pulse.llm.words import words

SENTENCE = "The mayor, a former teacher from the north, opened the bridge (the longest in the county) on Monday."


@pytest.mark.parametrize(
    ("room", "text"),
    [
        (99, "The mayor, a former teacher from the north, opened the bridge on Monday."),
        (70, "The mayor opened the bridge (the longest in the county) on Monday."),
        (40, "The mayor opened the bridge on Monday."),
        (37, None),
    ],
)
def test_as_little_goes_as_makes_it_fit(room: int, text: str | None) -> None:
    assert shorten(SENTENCE, SENTENCE, room, words("en")) == text


@pytest.mark.parametrize(
    ("language", "sentence", "shorter"),
    [
        ("de", "Der Rat (Gremium der Stadt) hat am Montag die Brücke an der Elbe eröffnet.",
         "Der Rat hat am Montag die Brücke an der Elbe eröffnet."),
        ("ru", "Совет (городской орган) открыл в понедельник новый мост через реку.",
         "Совет открыл в понедельник новый мост через реку."),
        ("zh", "市议会（由市民选出）星期一批准了新的大桥和车站。", "市议会星期一批准了新的大桥和车站。"),
        ("ja", "市議会（市民が選ぶ）は月曜日に新しい橋と駅を承認した。", "市議会は月曜日に新しい橋と駅を承認した。"),
    ],
)  # fmt: skip
def test_brackets_go_in_every_language(language: str, sentence: str, shorter: str) -> None:
    found = shorten(sentence, sentence, len(shorter), words(language))
    assert found == shorter
    assert verify_sentence(shorter, Evidence([SourceSentence("a", 0, sentence)], language)).supported


@pytest.mark.parametrize(
    "sentence",
    [
        "The mayor, who did not win the vote, opened the bridge on Monday.",
        "The mayor opened the bridge (at least 40 metres of it) on Monday.",
        "The mayor, who allegedly lied to the council, opened the bridge on Monday.",
        "The mayor opened the bridge, the council said on Monday.",
        "The mayor opened half of the bridge across the river on Monday.",
    ],
)
def test_nothing_that_a_claim_rests_on_goes(sentence: str) -> None:
    assert shorten(sentence, sentence, len(sentence) - 1, words("en")) is None


def test_a_summary_of_eighty_characters() -> None:
    text = (
        "LONDON (Reuters) - The mayor of Camden, a former teacher from the north of the county, opened the bridge "
        "on Monday. The bridge of Camden has been waited for by the people of the county and its mayor for years now."
    )
    found = extract(Story((Article("a", "", text, "en"),)), Limits(80, 1, 1)).sentences
    assert [chosen.text for chosen in found] == ["The mayor of Camden opened the bridge on Monday."]
    assert clean(text.split(" The bridge")[0], words("en"))[0] != found[0].text


def test_twenty_sentences_in_reading_order() -> None:
    syllables = [first + second for first in "bdfgklmnprst" for second in "aeiou"]
    chance = random.Random(3)

    def word() -> str:
        return "".join(chance.choices(syllables, k=3))

    told = [
        f"The {word()} of {word().title()} {word()} the {word()} {word()} near {word().title()}." for _ in range(30)
    ]
    found = extract(Story((Article("a", "", " ".join(told), "en"),)), Limits(5_000, 20, 20)).sentences
    indexes = [chosen.citations[0].index for chosen in found]
    assert len(indexes) == 20
    assert indexes == sorted(indexes)


def test_what_the_niche_is_about_comes_first() -> None:
    text = (
        "The minister spoke about roads and about schools in the town hall of Leeds on Monday. "
        "New roads around Leeds will cost the county forty million pounds. "
        "Solar panels on schools around Leeds will cost the county forty million pounds."
    )

    def first(*keywords: str) -> str:
        return extract(Story((Article("a", "", text, "en"),), keywords=keywords), Limits(90, 1, 1)).sentences[0].text

    assert "Solar" not in first()
    assert "Solar" in first("solar energy", "schools")


def test_what_need_not_go_stays() -> None:
    sentence = (
        "The mayor (a teacher) opened the bridge (the longest in the county) and the road (the widest) on Monday."
    )
    shorter = "The mayor (a teacher) opened the bridge and the road on Monday."
    assert shorten(sentence, sentence, len(shorter), words("en")) == shorter
