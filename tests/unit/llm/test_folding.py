import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from pulse.llm.folding import find_hidden, find_mixed_script, fold, strip_hidden
from pulse.llm.tokens import tokenize


@given(st.text())
def test_tokens_hold_every_visible_character_in_order(text: str) -> None:
    tokens = tokenize(text)
    assert "".join(tokens.texts) == "".join(tokens.folded.split())
    assert all(tokens.folded.startswith(t, start) for t, start in zip(tokens.texts, tokens.starts, strict=True))


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    once = fold(text)
    assert fold(once) == once


@given(st.text())
def test_what_is_stripped_is_no_longer_hidden(text: str) -> None:
    assert strip_hidden(strip_hidden(text)) == strip_hidden(text)
    assert find_hidden(strip_hidden("abc " + text)) in {None, "U+200E", "U+200F", "U+061C"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("“a”", '"a"'),
        ("don’t", "don't"),
        ("５％", "5%"),
        ("٤٠", "40"),
        ("a\u00a0b", "a b"),
        ("5–6", "5-6"),
        ("ﬁ", "fi"),
    ],
)
def test_spellings_that_read_alike_are_one(one: str, other: str) -> None:
    assert tokenize(one).texts == tokenize(other).texts


@pytest.mark.parametrize(
    ("one", "other"), [("10²", "102"), ("1½", "11/2"), ("①", "1"), ("5%", "5‰"), ("US", "us"), ("ё", "е")]
)
def test_spellings_that_differ_stay_apart(one: str, other: str) -> None:
    assert tokenize(one).texts != tokenize(other).texts


@pytest.mark.parametrize(
    "text", ["a\u200bb", "a\u202eb", "a\u00adb", "a\U000e0041b", "a\x00b", "a\u2066b", "a\ufeffb", "a\u200db"]
)
def test_hidden_characters_are_found_and_stripped(text: str) -> None:
    assert find_hidden(text) is not None
    assert strip_hidden(text) == "ab"


@pytest.mark.parametrize("text", ["👨‍👩‍👧 ok", "می‌خواهم", "❤️", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "plain\nlines\t", "क्‍ष"])
def test_joiners_that_spell_are_not_hidden(text: str) -> None:
    assert find_hidden(text) is None
    assert strip_hidden(text) == text


def test_words_of_two_alphabets_are_found() -> None:
    assert find_mixed_script("in P\u0430ris today") == "P\u0430ris"
    assert find_mixed_script("Paris, Москва, Αθήνα, β-carotene, COVID-19") is None


def test_every_invisible_character_of_unicode_is_found() -> None:
    invisible = regex.compile(r"[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Co}\p{Cs}]")
    for code in range(0x110000):
        character = chr(code)
        if invisible.match(character):
            assert find_hidden(f"a{character}b"), hex(code)
            assert character not in fold(f"a{character}b")
