"""Thirteen languages end to end: one small event in each, in our own words, from two sources."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pulse.llm.extract import extract, story_language
from pulse.llm.sentences import split
from pulse.llm.shapes import Article, Doubt, Limits, SourceSentence, Story
from pulse.llm.stages import source_sentences
from pulse.llm.verify import Evidence, verify_sentence
from pulse.llm.words import LANGUAGES, words
from pulse.news.language import detect

STORM = json.loads(Path(__file__).with_name("storm.json").read_text(encoding="utf-8"))
EDITS = [(language, kind) for language in STORM for kind in STORM[language]["edits"]]
WITHOUT_CAPITALS = {"ar", "ja", "zh"}


def story(language: str, *, known: bool = True) -> Story:
    told = STORM[language]
    tag = language if known else None
    return Story(
        (Article("one", told["title"], told["text"], tag), Article("two", told["title"], told["other"], tag)),
    )


def test_every_language_with_a_table_is_told() -> None:
    assert set(STORM) == set(LANGUAGES)


@pytest.mark.parametrize("language", STORM)
def test_split_and_detected(language: str) -> None:
    told = STORM[language]
    assert len(split(told["text"], language)) == 8
    assert len(split(told["text"])) == 8
    seen = detect(told["title"], told["text"])
    assert (seen.language, seen.mixed) == (language, False)
    assert seen.confidence > 0.9
    assert story_language(story(language, known=False)) == language


@pytest.mark.parametrize("language", STORM)
@pytest.mark.parametrize("limits", [Limits(), Limits(120, 1, 1), Limits(5_000, 8, 20)])
def test_summarised_with_proof(language: str, limits: Limits) -> None:
    found = extract(story(language, known=False), limits)
    evidence = Evidence(source_sentences(story(language), language), language)
    assert limits.min_sentences <= len(found.sentences) <= limits.max_sentences
    for chosen in found.sentences:
        assert verify_sentence(chosen.text, evidence).supported, chosen.text
    told_twice = next(chosen for chosen in found.sentences if "240" in chosen.text)
    assert {citation.article for citation in told_twice.citations} == {"one", "two"}


@pytest.mark.parametrize(("language", "kind"), EDITS)
def test_a_false_edit_is_refused_and_named(language: str, kind: str) -> None:
    told = STORM[language]
    sources = [SourceSentence("one", s.index, s.text) for s in split(told["text"], language)]
    before, after = told["edits"][kind]
    true = next(sentence.text for sentence in sources if before in sentence.text)
    evidence = Evidence(sources, language)
    assert verify_sentence(true, evidence).supported
    verdict = verify_sentence(true.replace(before, after), evidence)
    assert not verdict.supported
    if not (kind == "name" and language in WITHOUT_CAPITALS):
        expected = {Doubt(kind), Doubt.NUMBER} if kind == "unit" else {Doubt(kind)}
        assert expected & {reason.doubt for reason in verdict.reasons}, verdict.reasons
    assert not verdict.needs_person or (kind == "name" and language in WITHOUT_CAPITALS)


@pytest.mark.parametrize(
    ("language", "true", "false"),
    [
        ("en", "The railway did not halt its trains on Monday.", "The railway did halt its trains on Monday."),
        ("de", "Die Bahn hat den Streik nicht abgesagt.", "Die Bahn hat den Streik abgesagt."),
        ("es", "El gobierno no canceló la reunión del lunes.", "El gobierno canceló la reunión del lunes."),
        ("ru", "Министр не отменил встречу в понедельник.", "Министр отменил встречу в понедельник."),
    ],
)
def test_a_denial_of_a_denying_verb_is_missed(language: str, true: str, false: str) -> None:
    verdict = verify_sentence(false, Evidence([SourceSentence("one", 0, true)], language))
    assert Doubt.NEGATION in {reason.doubt for reason in verdict.reasons}
    assert not verdict.needs_person


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_star_stands_for_what_follows_a_word_and_for_nothing_else(language: str) -> None:
    def entries(value: object) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            for name, inner in value.items():
                yield from (name, *entries(inner))
        elif isinstance(value, list):
            for inner in value:
                yield from entries(inner)

    assert not [entry for entry in entries(dict(words(language).raw)) if re.search(r"\*[^ ]", entry)]
