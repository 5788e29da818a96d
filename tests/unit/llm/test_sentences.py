import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulse.llm.sentences import split
from tests.unit.llm.reports import REPORTS


def texts(text: str, language: str | None = None) -> list[str]:
    return [sentence.text for sentence in split(text, language)]


@settings(deadline=None)
@given(st.text(), st.sampled_from([None, "en", "de", "ja", "zh", "ar", "xx", "pt-BR"]))
def test_every_visible_character_is_in_exactly_one_span(text: str, language: str | None) -> None:
    sentences = split(text, language)
    end = 0
    for number, sentence in enumerate(sentences):
        assert sentence.index == number
        assert sentence.text == text[sentence.start : sentence.end]
        assert sentence.text.strip() == sentence.text != ""
        assert not text[end : sentence.start].strip()
        end = sentence.end
    assert not text[end:].strip()


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ['"Yes. ', "he ", "said", "' ", "U.S. ", "3. ", "…", "\n", "\r\n• ", "»", "。", "Dr. A. ", "?!"]
        )
    )
)
def test_awkward_pieces_lose_nothing(pieces: list[str]) -> None:
    text = "".join(pieces)
    assert "".join("".join(texts(text)).split()) == "".join(text.split())


@pytest.mark.parametrize("language", REPORTS)
def test_reports_split_where_their_sentences_end(language: str) -> None:
    report, _ = REPORTS[language]
    found = texts(report, language)
    assert len(found) == (7 if language == "en" else 5)
    assert texts(report) == found


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Mr. Smith met Dr. Jones at 3.5 p.m. today. It ended.", 2),
        ("en", '"It was great. We loved it," she added. Then he left.', 2),
        ("en", "Headline without stop\n\nFirst sentence. Second one\n• bullet one\n• bullet two", 5),
        ("en", "This line is wrapped by hand after forty letters and\nit goes on here. Next.", 2),
        ("en", "The iPhone sales rose. eBay fell. Then what?", 3),
        ("en", "It was 'good. Really.' Then he went.", 3),
        ("en", "He played at Augusta . McIlroy won .", 2),
        ("de", "Am 3. Mai kam Dr. Müller z. B. nach Berlin. Die 2. Bundesliga beginnt.", 2),
        ("fr", "M. Dupont est parti. Qui ? Lui !", 3),
        ("pl", "Prof. Kowalski był tu w r. 2020. Potem wyjechał.", 2),
        ("ja", "彼は「勝った。うれしい。」と言った。次の文です。", 2),
        ("zh", "他说：“我们赢了。很高兴。”然后他走了。真的吗？", 3),
        ("ar", "قال الرئيس إن الأمر انتهى. هل هذا صحيح؟ نعم.", 3),
        ("hi", "यह एक वाक्य है। यह दूसरा है।", 2),
    ],
)
def test_hard_cases(language: str, text: str, expected: int) -> None:
    assert len(texts(text, language)) == expected, texts(text, language)


def test_an_unclosed_quotation_does_not_swallow_the_article() -> None:
    text = "He said 'we won. " + "The next sentence is here and quite long. " * 30
    assert len(split(text, "en")) > 25
