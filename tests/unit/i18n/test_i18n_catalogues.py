"""Every text of the code is in every catalogue, and says the same with the same placeholders."""

import re

import pytest
from babel.messages.catalog import Message
from scripts.messages import PLACES, SOURCES, extracted, translated

from pulse.i18n import LANGUAGES, translator
from pulse.i18n.doubts import DOUBTS, in_words, read
from pulse.llm.shapes import Doubt

OTHERS = [language for language in LANGUAGES if language != "en"]
_PLACEHOLDER = re.compile(r"%\(\w+\)s|<[^>]+>|&\w+;")
_ENGLISH_IN_TEMPLATE = re.compile(r">\s*([A-Za-z][^<>{}]*[a-z]{3}[^<>{}]*?)\s*<")


def forms(text: object) -> list[str]:
    return [text] if isinstance(text, str) else [str(form) for form in text]  # type: ignore[attr-defined]


def messages() -> list[Message]:
    return [message for message in extracted() if message.id]


def test_the_code_has_texts_with_and_without_plural() -> None:
    kinds = {isinstance(message.id, str) for message in messages()}
    assert kinds == {True, False}
    assert len(messages()) > 300


@pytest.mark.parametrize("language", OTHERS)
def test_every_text_is_translated_in_every_plural_form(language: str) -> None:
    catalogue = translated(language)
    missing = []
    for message in messages():
        found = catalogue.get(forms(message.id)[0])
        said = forms(found.string) if found else []
        wanted = 1 if isinstance(message.id, str) else catalogue.num_plurals
        if len(said) != wanted or not all(said):
            missing.append(message.id)
    assert missing == []


@pytest.mark.parametrize("language", OTHERS)
def test_no_translation_outlives_its_text(language: str) -> None:
    known = {forms(message.id)[0] for message in messages()}
    assert [message.id for message in translated(language) if message.id and forms(message.id)[0] not in known] == []


@pytest.mark.parametrize("language", OTHERS)
def test_placeholders_and_markup_agree(language: str) -> None:
    catalogue = translated(language)
    wrong = []
    for message in messages():
        one, *more = forms(message.id)
        found = catalogue.get(one)
        assert found is not None
        # A form for one thing alone need not say its number.
        allowed = [sorted(_PLACEHOLDER.findall(form)) for form in (one, *more)]
        wrong += [said for said in forms(found.string) if sorted(_PLACEHOLDER.findall(said)) not in allowed]
        wrong += [said for said in forms(found.string)[1:] if sorted(_PLACEHOLDER.findall(said)) != allowed[-1]]
    assert wrong == []


def test_no_template_holds_words_of_its_own() -> None:
    found = []
    for place in PLACES:
        for path in sorted((SOURCES / place).rglob("*.html")):
            source = re.sub(r"\{#.*?#\}|<(code|kbd|option)[^>]*>.*?</\1>", "", path.read_text(), flags=re.DOTALL)
            source = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "{}", source, flags=re.DOTALL)
            found += [f"{path.name}: {words}" for words in _ENGLISH_IN_TEMPLATE.findall(source)]
    assert [words for words in found if not words.endswith((": Pulse", ": API", ": UTC", ": Esc"))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_doubt_of_the_gate_has_words(language: str) -> None:
    assert set(DOUBTS) >= {doubt.value for doubt in Doubt}
    words = {in_words(doubt.value, "95", translator(language)) for doubt in Doubt}
    assert len(words) == len(Doubt)
    assert all(said.endswith(": 95") and "_" not in said for said in words)


def test_doubts_come_coded_or_in_a_persons_words() -> None:
    assert read("number: 95") == ("number", "95")
    assert read("late") == ("late", "")
    assert read("Written by hand: nothing was checked") == ("", "Written by hand: nothing was checked")
    assert in_words("from_the_future", "", translator("en")) == "From the future"
    assert in_words("", "as it was said", translator("de")) == "as it was said"
