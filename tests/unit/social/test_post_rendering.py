"""Fitting a story into a limit: whole sentences from the beginning, and the link."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.social.counting import Use
from pulse.social.errors import TextTooLong
from pulse.social.render import Fitted, facets, fit, joined, without_mentions
from tests.doubles.stories import LINK, story


def fitted(characters: int, *texts: str, tags: tuple[str, ...] = (), title: str = "Title") -> Fitted | TextTooLong:
    return fit(
        story(*texts, tags=tags, title=title),
        lambda text: Use(len(text), characters, "characters", len(text) <= characters),
    )


def test_everything_with_tags_when_there_is_room() -> None:
    result = fitted(500, "One.", "Two.", tags=("news", "été"))
    assert isinstance(result, Fitted)
    assert result.text == f"One. Two.\n\n{LINK}\n\n#news #été"
    assert (result.sentences, result.left_out) == (2, 0)


def test_tags_go_first_then_whole_sentences_from_the_end_then_the_title() -> None:
    room = len(f"One. Two.\n\n{LINK}")
    without_tags = fitted(room, "One.", "Two.", tags=("news",))
    shorter = fitted(room - 1, "One.", "Two.", tags=("news",))
    title = fitted(len(f"T\n\n{LINK}"), "One.", "Two.", title="T")
    nothing = fitted(len(f"T\n\n{LINK}") - 1, "One.", "Two.", title="T")

    assert isinstance(without_tags, Fitted)
    assert without_tags.text == f"One. Two.\n\n{LINK}"
    assert isinstance(shorter, Fitted)
    assert (shorter.text, shorter.left_out) == (f"One.\n\n{LINK}", 1)
    assert isinstance(title, Fitted)
    assert (title.text, title.sentences, title.left_out) == (f"T\n\n{LINK}", 0, 2)
    assert isinstance(nothing, TextTooLong)
    assert nothing.details["limit"] == len(f"T\n\n{LINK}") - 1


SENTENCES = st.lists(
    st.text(alphabet="aé👍🏽 .https://b.de@#", min_size=1).map(lambda text: f"x{text}"), min_size=1, max_size=6
)


@given(SENTENCES, st.integers(1, 400))
def test_a_fitted_text_fits_keeps_the_link_and_cuts_nothing(texts: list[str], characters: int) -> None:
    result = fitted(characters, *texts, tags=("a", "b"))
    if isinstance(result, TextTooLong):
        return
    kept = [one.text for one in story(*texts).sentences][: result.sentences]
    assert len(result.text) <= characters
    assert result.text.startswith(f"{joined(kept) or 'Title'}\n\n{LINK}")
    assert result.sentences + result.left_out == len(texts)
    assert "".join(part.text for part in result.parts) == result.text


@given(SENTENCES)
def test_facets_are_the_bytes_of_their_parts(texts: list[str]) -> None:
    result = fitted(10_000, *texts, tags=("a", "été"))
    assert isinstance(result, Fitted)
    raw = result.text.encode()
    shown = [raw[facet.start : facet.end].decode() for facet in facets(result.parts)]
    assert shown == [part.text for part in result.parts if part.kind != "text"]
    assert shown[-3:] == [LINK, "#a", "#été"]


@pytest.mark.parametrize(
    ("sentences", "text"),
    [
        (["A.", "B."], "A. B."),
        (["橋だ。", "三月。"], "橋だ。三月。"),
        (["He said …", "Then."], "He said … Then."),
        ([], ""),
    ],
)
def test_sentences_are_joined_as_their_script_does(sentences: list[str], text: str) -> None:
    assert joined(sentences) == text


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("@editor@example.social wrote", "@\u200beditor@\u200bexample.social wrote"),
        ("(@someone)", "(@\u200bsomeone)"),
        ("a@example.com", "a@example.com"),
        ("https://example.social/@someone", "https://example.social/@someone"),
        ("5 @ 3", "5 @ 3"),
    ],
)
def test_nobody_is_notified_because_an_article_named_an_account(text: str, safe: str) -> None:
    assert without_mentions(text) in (safe, safe.replace("r@\u200bexample", "r@example"))
