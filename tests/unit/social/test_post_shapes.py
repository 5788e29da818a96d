"""What a post may hold: nothing unsupported, no address but http(s), no character that a page or feed cannot carry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from pydantic import ValidationError

from pulse.social.shapes import PostContent, Source, clean
from tests.doubles.stories import sentence, story


def test_an_unsupported_sentence_cannot_be_written_down() -> None:
    with pytest.raises(ValidationError, match="not supported"):
        PostContent.model_validate(
            story().model_dump() | {"sentences": [sentence("It never happened.", supported=False).model_dump()]}
        )


def test_a_story_of_no_sentences_is_none() -> None:
    with pytest.raises(ValidationError):
        PostContent.model_validate(story().model_dump() | {"sentences": []})


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "//example.com", "https://a b", 'https://a"b', "", "file:///etc"],
)
def test_only_web_addresses(address: str) -> None:
    with pytest.raises(ValidationError):
        Source(name="x", url=address)


@pytest.mark.parametrize("tag", ["#news", "a b", "123", "", "a-b"])
def test_tags_are_words(tag: str) -> None:
    with pytest.raises(ValidationError):
        story(tags=(tag,))


def test_a_title_of_white_space_is_no_title() -> None:
    with pytest.raises(ValidationError):
        story(title=" \n\u202e ")


def test_text_loses_what_could_mislead_and_keeps_what_scripts_need() -> None:
    assert clean("a\x00b\n\tc \u202emoc.live\u202c") == "a b c moc.live"
    assert clean("می\u200cخواهم \u200f👨\u200d👩") == "می\u200cخواهم \u200f👨\u200d👩"


@given(st.text(st.characters(codec=None)))
def test_clean_text_fits_into_xml_and_stays_as_it_is(text: str) -> None:
    cleaned = clean(text)
    element = etree.Element("p")
    element.text = cleaned
    assert clean(cleaned) == cleaned
    assert etree.fromstring(etree.tostring(element)).text == (cleaned or None)


@given(st.text(st.characters(codec=None), min_size=1))
def test_a_story_survives_json(text: str) -> None:
    content = story(f"x{text}", title=f"x{text}")
    assert PostContent.model_validate_json(content.model_dump_json()) == content
