"""A translation beside its original: never proven by itself, and stopped where numbers, names or negations differ."""

import pytest

from pulse.llm.shapes import Citation, Doubt, SummarySentence
from pulse.llm.translation import compare

ORIGINAL = SummarySentence("The council in Camden did not approve 1,500 homes on Monday.", (Citation("a", 0),))


def test_a_faithful_one_waits_for_a_person() -> None:
    verdict = compare(ORIGINAL, "Der Rat in Camden hat am Montag 1.500 Wohnungen nicht genehmigt.", "en", "de")
    assert not verdict.supported
    assert verdict.needs_person
    assert verdict.citations == (Citation("a", 0),)


@pytest.mark.parametrize(
    ("text", "doubt"),
    [
        ("Der Rat in Camden hat am Montag 1.600 Wohnungen nicht genehmigt.", Doubt.NUMBER),
        ("Der Rat in Camden hat am Montag Wohnungen nicht genehmigt.", Doubt.NUMBER),
        ("Der Rat in Camden hat am Montag 1.500 Wohnungen genehmigt.", Doubt.NEGATION),
        ("Der Rat in Hackney hat am Montag 1.500 Wohnungen nicht genehmigt.", Doubt.NAME),
    ],
)
def test_a_changed_one_is_stopped(text: str, doubt: Doubt) -> None:
    verdict = compare(ORIGINAL, text, "en", "de")
    assert not verdict.supported
    assert not verdict.needs_person
    assert doubt in {reason.doubt for reason in verdict.reasons}


def test_where_negation_cannot_be_read_it_stays_a_doubt() -> None:
    verdict = compare(ORIGINAL, "Camdens råd godkände inte 1 500 bostäder i måndags.", "en", "sv")
    assert Doubt.NEGATION in {reason.doubt for reason in verdict.reasons}


def test_another_script_is_compared_by_numbers_and_negation() -> None:
    original = SummarySentence("Camden did not buy 40 homes.", (Citation("a", 0),))
    assert compare(original, "カムデンは40戸の住宅を購入しなかった。", "en", "ja").needs_person
    assert not compare(original, "カムデンは41戸の住宅を購入しなかった。", "en", "ja").needs_person
