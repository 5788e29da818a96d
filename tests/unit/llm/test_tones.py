"""Tones without a model: an order, a template, or an honest no."""

import pytest

from pulse.llm import tones
from pulse.llm.shapes import Citation, Proof, SummarySentence, Verdict
from pulse.llm.words import words

EN = words("en")


def verified(*texts: str) -> tuple[SummarySentence, ...]:
    return tuple(
        SummarySentence(text, (Citation("a", index),), Verdict(True, 0.99, (), (Citation("a", index),), Proof.VERBATIM))
        for index, text in enumerate(texts)
    )


def test_a_statistic_lead_begins_with_the_verified_number_that_tells() -> None:
    sentences = verified("The council met in 2024.", "Prices rose by 12 % in May.", "Forty people came to the meeting.")
    toned = tones.offline(tones.STATISTIC, sentences, EN)
    assert [sentence.text for sentence in toned.sentences] == [
        "Prices rose by 12 % in May.",
        "The council met in 2024.",
        "Forty people came to the meeting.",
    ]
    assert toned.unavailable is None
    assert set(toned.sentences) == set(sentences)


def test_a_statistic_lead_leaves_no_sentence_leaning_on_another_one() -> None:
    toned = tones.offline(tones.STATISTIC, verified("Anna Clarke leads it.", "Costs rose 12 %.", "She resigned."), EN)
    assert [sentence.text for sentence in toned.sentences] == ["Costs rose 12 %.", "Anna Clarke leads it."]


@pytest.mark.parametrize("texts", [("The council met.",), ("The council met in 2024.",), ("It rose by 12 %.",)])
def test_without_a_telling_number_it_says_so(texts: tuple[str, ...]) -> None:
    toned = tones.offline(tones.STATISTIC, verified(*texts), EN)
    assert toned.sentences == verified(*texts)
    assert toned.unavailable


def test_a_question_is_asked_about_the_name_the_first_sentence_begins_with() -> None:
    toned = tones.offline(tones.QUESTION, verified("Anna Clarke resigned on Monday.", "The vote is in June."), EN)
    question = toned.sentences[0]
    assert question.text == "What is known about Anna Clarke?"
    assert question.citations == (Citation("a", 0),)
    assert question.verdict is not None
    assert (question.verdict.supported, question.verdict.proof) == (True, Proof.COMPOSED)
    assert [sentence.text for sentence in toned.sentences[1:]] == [
        "Anna Clarke resigned on Monday.",
        "The vote is in June.",
    ]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("The council approved it.", "en"),
        ("Monday was warm.", "en"),
        ("Der Rat tagt.", "de"),
        ("議会は承認した。", "ja"),
    ],
)
def test_no_question_where_none_could_be_proven(text: str, language: str) -> None:
    toned = tones.offline(tones.QUESTION, verified(text), words(language))
    assert [sentence.text for sentence in toned.sentences] == [text]
    assert toned.unavailable


@pytest.mark.parametrize("name", [tones.CASUAL, tones.FORMAL, "ours"])
def test_what_needs_a_model_is_said_to_need_one(name: str) -> None:
    toned = tones.offline(name, verified("The council met."), EN)
    assert toned.sentences == verified("The council met.")
    assert "needs a model" in (toned.unavailable or "")


def test_a_question_is_proven_by_the_proven_sentence_after_it_and_by_nothing_else() -> None:
    following = "Anna Clarke resigned on Monday."
    proven = Verdict(True, 0.99, (), (Citation("a", 0),), Proof.VERBATIM)
    verdict = tones.prove_question("What is known about Anna Clarke?", following, proven, EN)
    assert verdict is not None
    assert (verdict.supported, verdict.proof, verdict.citations) == (True, Proof.COMPOSED, (Citation("a", 0),))
    for question, after, its in (
        ("What is known about Ben Smith?", following, proven),
        ("What is known about Anna Clarke?", "Ben Smith resigned on Monday.", proven),
        ("Why did Anna Clarke resign?", following, proven),
        ("What is known about Anna Clarke?", following, Verdict(False, 0.4)),
    ):
        assert tones.prove_question(question, after, its, EN) is None
