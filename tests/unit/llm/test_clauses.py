"""Atomic claims without a model."""

from pulse.llm.clauses import split_claims
from pulse.llm.words import words


def test_clauses_stand_as_sentences() -> None:
    text = "The council approved 40 homes, and work starts in June; residents plan an appeal."
    assert split_claims(text, words("en")) == (
        "The council approved 40 homes.",
        "Work starts in June.",
        "Residents plan an appeal.",
    )


def test_one_claim_stays_as_it_is() -> None:
    for text in ("The council approved 40 homes.", "Yes, and no.", ""):
        assert split_claims(text, words("en")) == (text,)
