"""What the judge learns from: honest rewritings stay honest, false claims are false, and nothing is told twice."""

import random
from pathlib import Path

import pytest

from pairs import ROOM, Document, false_claims, generated, read, withheld, write
from paraphrases import fused, paraphrase
from wordnet import WordNet

TEXT = (
    "On Monday, the council of Camden approved 40 homes near the harbour. Mayor Anna Lind said that the town had "
    "waited for years. Building work starts in June after a public hearing. Two residents plan to appeal quickly."
)
DATA = {
    "verb": [
        "00000001 00 v 02 approve 0 okay 0 002 @ 00000009 v 0000 ! 00000002 v 0101 | to say yes",
        "00000002 00 v 01 reject 0 001 ! 00000001 v 0101 | to say no",
        "00000003 00 v 01 postpone 0 001 @ 00000009 v 0000 | later",
        "00000009 00 v 01 decide 0 000 | to make up one's mind",
    ]
}


@pytest.fixture
def wordnet(tmp_path: Path) -> WordNet:
    """Return a dictionary of four verbs."""
    for part in ("noun", "verb", "adj", "adv"):
        lines = DATA.get(part, [])
        (tmp_path / f"data.{part}").write_text("  1 a licence\n" + "".join(line + "\n" for line in lines))
        index = [(line.split()[4], line.split()[0]) for line in lines] + [("okay", "00000001")] * (part == "verb")
        (tmp_path / f"index.{part}").write_text("".join(f"{word} v 2 0 2 1 {at} {at}  \n" for word, at in index))
        (tmp_path / f"{part}.exc").write_text("")
    return WordNet(tmp_path)


def test_words_are_replaced_in_the_form_they_stand_in(wordnet: WordNet) -> None:
    chance = random.Random(1)
    assert wordnet.same("approved", chance) == "okayed"
    assert wordnet.opposite("approves", chance) == "rejects"
    assert wordnet.opposite("Approving", chance) == "Rejecting"
    assert wordnet.sibling("approve", chance) == "postpone"
    assert wordnet.same("harbour", chance) is None


@pytest.mark.parametrize("seed", range(40))
def test_a_rewriting_adds_no_number_and_no_name(wordnet: WordNet, seed: int) -> None:
    document = Document("test", TEXT)
    for sentence in document.sentences:
        text = paraphrase(sentence, wordnet, random.Random(seed))
        allowed = {word.strip(".,").lower().removesuffix("'s") for word in sentence.split()} | {"okayed", "is", "has"}
        allowed |= {"according", "says", "2", "that", "said", "to"}
        assert {word.strip(".,").lower().removesuffix("'s") for word in text.split()} <= allowed, text


def test_two_sentences_are_told_as_one() -> None:
    assert fused("It rained.", "The road closed.", random.Random(1)).startswith("It rained")
    assert "Anna Lind" in fused("It rained.", "Anna Lind left.", random.Random(1))


def test_a_true_claim_has_its_false_ones_in_its_group_and_none_of_them_stands_in_the_text(wordnet: WordNet) -> None:
    document = Document("test", TEXT)
    found = list(generated(document, document.sentences[0], "verbatim", wordnet, 1, 5))
    true, *false = found
    assert true.true
    assert len(false) > 2
    assert {example.group for example in found} == {true.group}
    assert not any(example.true or document.says(example.claim) for example in false)
    assert all(document.sentences[0] in example.premise for example in found)
    assert found == list(generated(Document("test", TEXT), document.sentences[0], "verbatim", wordnet, 1, 5))


@pytest.mark.parametrize("seed", range(20))
def test_sentences_that_go_on_as_another_one_are_false(wordnet: WordNet, seed: int) -> None:
    document = Document("test", TEXT)
    claim = document.sentences[0]
    found = dict(false_claims(document, claim, wordnet, seed, random.Random(seed)))
    words, splice = claim.split(), found["splice"].split()
    assert splice[:3] == words[:3]
    assert any(text.split()[-3:] == splice[-3:] for text in document.sentences[1:])


def test_what_is_withheld_is_not_in_the_passage() -> None:
    document = Document("test", TEXT)
    (example,) = withheld(document, 2)
    assert example.claim == document.sentences[2]
    assert example.claim not in example.premise
    assert (example.true, len(example.premise) <= ROOM) == (False, True)


def test_examples_are_read_as_they_were_written(wordnet: WordNet, tmp_path: Path) -> None:
    document = Document("test", TEXT)
    found = list(generated(document, document.sentences[0], "verbatim", wordnet, 1, 5))
    assert write(iter(found), tmp_path / "pairs.jsonl") == len(found)
    assert read(tmp_path / "pairs.jsonl") == found
