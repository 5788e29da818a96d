"""The public site speaks the language of what stands on it."""

from lxml import html

from pulse.social.channels.site_pages import Pages, Site, entry_of
from tests.doubles.stories import PUBLISHED, story

PAGES = Pages(Site("Pulse", "https://news.example"))


def shown(page: bytes) -> tuple[str | None, str]:
    tree = html.fromstring(page)
    return tree.get("lang"), " ".join(tree.text_content().split())


def test_a_german_post_has_a_german_receipt() -> None:
    content = story("Der Rat stimmte zu.", language="de", published_at=PUBLISHED, dropped=("Es kostete 7 Millionen.",))
    language, text = shown(PAGES.post("k1", content))
    assert language == "de"
    assert "Worauf jeder Satz beruht" in text
    assert "Nicht belegt, 10 % · Prüfer gate/1" in text
    assert "What each sentence" not in text


def test_a_list_of_several_languages_is_in_english() -> None:
    german = entry_of("k1", story("Der Rat stimmte zu.", language="de", published_at=PUBLISHED))
    polish = entry_of("k2", story("Rada się zgodziła.", language="pl", published_at=PUBLISHED))
    assert shown(dict(PAGES.niche("city", [german, polish]))["index.html"])[0] == "en"
    language, text = shown(dict(PAGES.niche("city", [polish]))["index.html"])
    assert language == "pl"
    assert "Każde zdanie pokazane jest tu" in text
    language, text = shown(PAGES.home([("city", [polish])]))
    assert language == "pl"
    assert "1 wpis, ostatni z" in text


def test_an_arabic_post_reads_from_the_right_in_a_page_that_does_not() -> None:
    tree = html.fromstring(PAGES.post("k1", story(language="ar", published_at=PUBLISHED)))
    assert (tree.get("lang"), tree.get("dir")) == ("en", "ltr")
    assert tree.xpath("//article")[0].get("dir") == "rtl"
