"""Marking what a sentence rests on."""

from hypothesis import given
from hypothesis import strategies as st

from pulse.web.highlight import Piece, Span, locate, paragraphs

TEXT = "First paragraph here.\n\nSecond one, longer. And more."


def test_a_quote_is_found_where_it_was_cited() -> None:
    assert locate("one two one", "one", 8, 11) == (8, 11)


def test_a_quote_that_moved_is_found_again() -> None:
    assert locate("new opening. the cable was cut", "the cable was cut", 0, 17) == (13, 30)


def test_a_quote_is_found_though_its_white_space_changed() -> None:
    assert locate("the  cable\nwas cut", "the cable was cut", 0, 17) == (0, 18)


def test_a_quote_that_is_gone_is_not_found() -> None:
    assert locate("something else", "the cable was cut", 0, 17) is None
    assert locate("anything", " ", 0, 1) is None


def test_overlapping_citations_share_a_piece() -> None:
    [pieces] = paragraphs("abcdef", [Span(0, 4, 1), Span(2, 6, 2)])
    assert pieces == [
        Piece("ab", (1,), (1,), ()),
        Piece("cd", (1, 2), (2,), (1,)),
        Piece("ef", (2,), (), (2,)),
    ]


def test_a_citation_over_two_paragraphs_marks_both() -> None:
    first, second = paragraphs(TEXT, [Span(6, 33, 1)])
    assert [(piece.text, piece.sentences) for piece in first] == [("First ", ()), ("paragraph here.", (1,))]
    assert [(piece.text, piece.sentences) for piece in second] == [("Second one", (1,)), (", longer. And more.", ())]


@given(
    st.text("ab \n", max_size=40),
    st.lists(st.tuples(st.integers(-5, 60), st.integers(-5, 60), st.integers(1, 4)), max_size=6),
)
def test_nothing_of_the_text_is_lost_or_doubled(content: str, raw: list[tuple[int, int, int]]) -> None:
    result = paragraphs(content, [Span(*values) for values in raw])
    shown = ["".join(piece.text for piece in paragraph) for paragraph in result]
    assert shown == [line for line in content.split("\n") if line.strip()]
    assert all(piece.text for paragraph in result for piece in paragraph)


@given(st.text(max_size=60), st.data())
def test_every_marked_character_is_one_that_was_cited(content: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, len(content)))
    marked = "".join(
        piece.text for paragraph in paragraphs(content, [Span(start, end, 1)]) for piece in paragraph if piece.sentences
    )
    lines, at = [], 0
    for line in content.split("\n"):
        if line.strip():
            lines.append(content[max(at, start) : max(max(at, start), min(at + len(line), end))])
        at += len(line) + 1
    assert marked == "".join(lines)
