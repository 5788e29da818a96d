"""Where sources tell different numbers, the text may say so: with both names, both numbers, both quotes."""

import pytest

from pulse.llm import disagreement
from pulse.llm.shapes import Article, Citation, Proof, Story
from pulse.llm.stages import source_sentences
from pulse.llm.verify import Evidence

ONE = Article("a", "", "The council approved 40 homes in Camden. Work starts in June.", "en", source="Reuters")
TWO = Article("b", "", "Residents will appeal. The council approved 42 homes in Camden.", "en", source="AFP")


def found(*articles: Article) -> tuple[disagreement.Disagreement, ...]:
    return disagreement.find(articles, evidence(*articles))


def evidence(*articles: Article) -> Evidence:
    return Evidence(source_sentences(Story(articles), "en"), "en")


def test_both_numbers_are_told_with_their_sources() -> None:
    (item,) = found(ONE, TWO)
    assert item.text("en") == "Reuters says 40 homes, AFP says 42 homes."
    assert item.citations == (Citation("a", 0), Citation("b", 1))
    assert item.text("xx") == "Reuters: 40 homes; AFP: 42 homes."


@pytest.mark.parametrize(
    "text",
    [
        "The council approved 40 homes in Camden.",
        "The council approved 42 homes in Hackney.",
        "The mayor opened 42 schools.",
        "The council did not approve 42 homes in Camden.",
    ],
)
def test_other_things_are_no_disagreement(text: str) -> None:
    assert found(ONE, Article("b", "", text, "en", source="AFP")) == ()


def test_a_copy_and_a_source_of_the_same_name_disagree_with_nobody() -> None:
    assert found(ONE, Article("b", "", TWO.text, "en", source="AFP", independent=False)) == ()
    assert found(ONE, Article("b", "", TWO.text, "en", source="Reuters")) == ()


def test_a_stated_disagreement_is_proven_with_both_quotes() -> None:
    sources = (ONE, TWO)
    for text in ("Reuters says 40 homes, AFP says 42 homes.", "AFP says 42 homes, Reuters says 40 homes."):
        verdict = disagreement.prove(text, sources, evidence(*sources), "en")
        assert verdict is not None
        assert (verdict.supported, verdict.proof) == (True, Proof.COMPOSED)
        assert set(verdict.citations) == {Citation("a", 0), Citation("b", 1)}


@pytest.mark.parametrize(
    "text",
    [
        "Reuters says 42 homes, AFP says 40 homes.",
        "Reuters says 40 homes, AFP says 43 homes.",
        "Reuters says 40 homes, BBC says 42 homes.",
        "Reuters says 40 schools, AFP says 42 schools.",
    ],
)
def test_a_false_one_is_not(text: str) -> None:
    assert disagreement.prove(text, (ONE, TWO), evidence(ONE, TWO), "en") is None
