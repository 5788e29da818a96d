"""Seeded false edits of true sentences in thirteen languages: none may pass, and the true sentences must."""

import json
import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulse.llm.edits import EditKind, false_edits
from pulse.llm.sentences import split
from pulse.llm.shapes import SourceSentence
from pulse.llm.verify import Evidence, verify_sentence
from tests.unit.llm.reports import REPORTS

DEVELOPMENT = Path(os.environ.get("PULSE_TRUTH_SETS", ""), "bump_task1_dev.json")
SENTENCES = [(language, s.text) for language, (report, _) in REPORTS.items() for s in split(report, language)]
EVIDENCE = {
    language: Evidence([SourceSentence("a", s.index, s.text) for s in split(report, language)], language)
    for language, (report, _) in REPORTS.items()
}


@pytest.mark.parametrize(("language", "sentence"), SENTENCES)
def test_true_sentences_pass(language: str, sentence: str) -> None:
    assert verify_sentence(sentence, EVIDENCE[language]).supported


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(SENTENCES), st.integers(0, 10_000))
def test_no_edit_passes(pair: tuple[str, str], seed: int) -> None:
    language, sentence = pair
    for edit in false_edits(sentence, language, seed, REPORTS[language][1]):
        assert not verify_sentence(edit.text, EVIDENCE[language]).supported, edit


@pytest.mark.parametrize("language", REPORTS)
def test_every_kind_of_edit_is_made_in_every_language(language: str) -> None:
    made = {
        edit.kind
        for seed in range(5)
        for other, sentence in SENTENCES
        if other == language
        for edit in false_edits(sentence, language, seed, REPORTS[language][1])
    }
    assert made == set(EditKind)


def test_the_same_seed_makes_the_same_edits() -> None:
    for language, sentence in SENTENCES:
        assert false_edits(sentence, language, 7) == false_edits(sentence, language, 7)


@pytest.mark.skipif(not DEVELOPMENT.exists(), reason="PULSE_TRUTH_SETS names no folder with BUMP")
def test_edits_of_real_news() -> None:
    articles = sorted({item["article"] for item in json.loads(DEVELOPMENT.read_text())})[:25]
    chance = random.Random(1)
    for article in articles:
        sentences = split(article, "en")
        evidence = Evidence([SourceSentence("a", s.index, s.text) for s in sentences], "en")
        for sentence in chance.sample(sentences, min(6, len(sentences))):
            for edit in false_edits(sentence.text, "en", 1):
                assert not verify_sentence(edit.text, evidence).supported, edit
