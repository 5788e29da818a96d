"""Words, copies, keys."""

from uuid import uuid4

from hypothesis import given
from hypothesis import strategies as st

from pulse.news.dedupe import Keys, compared_runs, copied_share, shingles, text_hash, words

TEXT = (
    "Engineers closed the harbour bridge on Tuesday after inspectors discovered a crack in one of its two main cables. "
    "Some forty thousand vehicles cross the bridge each day, and the city expects repairs to take six weeks."
)


def share(one: str, other: str) -> float:
    return copied_share(compared_runs(one), compared_runs(other))


def test_words_are_lower_case_and_without_punctuation() -> None:
    assert words("“Rovers” beat Albion 3-1, don't they?") == ["rovers", "beat", "albion", "3-1", "don't", "they"]


def test_words_of_scripts_without_spaces_are_pairs_of_characters() -> None:
    assert words("北島の火山 erupts") == ["北島", "島の", "の火", "火山", "erupts"]


@given(st.text(max_size=300))
def test_words_of_anything_hold_no_space_and_are_not_empty(text: str) -> None:
    assert all(word and not any(character.isspace() for character in word) for word in words(text))


def test_shingles_are_runs_of_three() -> None:
    assert shingles(["a", "b", "c", "d"]) == {"a b c", "b c d"}
    assert shingles(["a"]) == {"a"}
    assert shingles([]) == set()


def test_a_copy_that_was_cut_is_a_copy() -> None:
    assert share(TEXT, TEXT[:120]) > 0.9
    assert share("(Agency) " + TEXT, TEXT + " More to follow later this evening from our desk.") > 0.9


def test_texts_on_one_subject_are_no_copies() -> None:
    other = (
        "One of the main cables of the harbour bridge is cracked, officials said; no traffic will be allowed across."
    )
    assert share(TEXT, other) < 0.2


def test_a_few_words_prove_nothing() -> None:
    assert share("Read the full story here.", "Read the full story here.") == 0.0


@given(st.text(max_size=400), st.text(max_size=400))
def test_share_is_symmetric_and_bounded(one: str, other: str) -> None:
    assert share(one, other) == share(other, one)
    assert 0.0 <= share(one, other) <= 1.0


def test_keys_tell_kinds_sources_and_niches_apart() -> None:
    source, other = uuid4(), uuid4()
    keys = Keys("technology")
    text = text_hash("a", "b")
    made = {
        keys.of_guid(source, "1"),
        keys.of_guid(other, "1"),
        keys.of_url("1"),
        keys.of_text(source, text),
        Keys("science").of_guid(source, "1"),
        Keys("science").of_url("1"),
    }
    assert len(made) == 6
    assert keys.of_guid(source, "1") == Keys("technology").of_guid(source, "1")


def test_text_hash_knows_where_the_title_ends() -> None:
    assert text_hash("a", "b") != text_hash("a b", "")
