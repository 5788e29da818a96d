"""No document makes the reader crash, hang, fetch, or fill the memory."""

import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pulse.news.errors import NotAFeed, UnreadableFeed
from pulse.news.feeds import Feed, parse_feed, parse_feed_async
from pulse.news.feeds.fallback import patient_reader

HEAD = "<rss version='2.0'><channel>"


def item(description: str) -> str:
    return f"{HEAD}<item><title>t</title><description>{description}</description></item></channel></rss>"


LAUGHS = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 12))
HOSTILE = {
    "a billion laughs": f'<!DOCTYPE x [<!ENTITY a0 "ha">{LAUGHS}]>{item("&a11;")}',
    "one entity many times": f'<!DOCTYPE x [<!ENTITY a "{"x" * 199}">]>{item("&a;" * 100_000)}',
    "entity in an attribute": f'<!DOCTYPE x [<!ENTITY a "{"x" * 199}">]>{HEAD}<item><link href="{"&a;" * 50_000}"/>',
    "parameter entities": f"<!DOCTYPE x [<!ENTITY % a \"<!ENTITY b 'x'>\">%a;]>{item('&b;')}",
    "many DOCTYPEs": "<!DOCTYPE x>" * 50_000 + HEAD,
    "many comments first": "<!---->" * 100_000 + HEAD,
    "deep": HEAD + "<a>" * 200_000,
    "deep markup": item("<a>" * 200_000),
    "deep escaped markup": item("&lt;div&gt;" * 50_000),
    "comments never closed": HEAD + "<!--" * 100_000,
    "CDATA never closed": HEAD + "<![CDATA[" * 100_000,
    "only <": HEAD + "<" * 100_000,
    "tags never closed": HEAD + "<item " * 10_000,
    "only &": item("&" * 100_000),
    "many attributes": HEAD + "<item " + "".join(f'a{n}="" ' for n in range(50_000)) + "/></channel></rss>",
    "many attributes in markup": item("&lt;p " + "".join(f"a{n}=1 " for n in range(50_000)) + "hidden&gt;x"),
    "quotes never closed": item("&lt;a href=&quot;" * 50_000),
    "styles": item('&lt;p style="' + "/* display:" * 50_000 + '"&gt;x'),
    "open comments in markup": item("&lt;!-- --!&gt;" * 50_000),
    "namespaces": HEAD + "".join(f'<a xmlns:b{n}="u{n}"/>' for n in range(30_000)),
    "new names": HEAD + "".join(f"<a{n}/>" for n in range(30_000)),
    "empty items": HEAD + "<item/>" * 50_000,
    "nested items": HEAD + "<item>" * 2_000,
    "deep JSON": '{"items":' + "[" * 200_000,
    "JSON items": '{"version":"https://jsonfeed.org/version/1","items":[' + "{}," * 50_000 + "{}]}",
    "a number as date": f"{HEAD}<item><pubDate>{'9' * 100_000}</pubDate></item></channel></rss>",
    "a number as length": f'{HEAD}<item><enclosure url="http://x/" length="{"9" * 9_000}"/></item></channel></rss>',
    "a number as ttl": f"{HEAD}<ttl>{'9' * 9_000}</ttl></channel></rss>",
    "NUL": "\0" * 300_000,
    "surrogates": item("&#xD800;&#xFFFF;&#0;"),
    "HTML that counts entries": "<html>" + "<item>" * 100_000,
}


def read(body: bytes) -> Feed | None:
    try:
        feed = parse_feed(body, url="http://example.org/")
    except (NotAFeed, UnreadableFeed):
        return None
    for entry in feed.entries[:50]:
        assert len(entry.text) <= 1_000_000
        assert isinstance(entry.html, str)
    return feed


@pytest.mark.parametrize("name", HOSTILE)
def test_bounded(name: str) -> None:
    begin = time.process_time()
    read(HOSTILE[name].encode())
    assert time.process_time() - begin < 2.5


def test_entities_never_grow() -> None:
    feed = read(HOSTILE["a billion laughs"].encode())
    assert feed is not None
    assert len(feed.entries[0].text) < 100


def test_no_file_and_no_address_is_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    for declaration in (f'<!ENTITY a SYSTEM "file://{secret}">', f'<!ENTITY % a SYSTEM "file://{secret}"> %a;'):
        feed = read(f"<!DOCTYPE x [{declaration}]>{item('before &a; after')}".encode())
        assert feed is not None
        assert "the secret" not in str(feed) + feed.entries[0].text
        assert "before" in feed.entries[0].text


@given(st.binary(max_size=400))
def test_any_bytes(data: bytes) -> None:
    read(data)


PIECE_WORDS = """
<rss> <channel> <item> </item> <title> </title> <entry> <feed> </feed> <link/> <description> <![CDATA[ ]]> & &amp;
<!-- --> <!DOCTYPE <?xml ?> &lt;p&gt; <p> </p> xmlns=" "> \x00 é http://x/ {"items":[ ]} <media:x> <b
"""
PIECES = st.sampled_from(PIECE_WORDS.split())


@settings(deadline=None)
@given(st.lists(PIECES, max_size=25))
def test_any_mixture_of_what_feeds_are_made_of(pieces: list[str]) -> None:
    read("".join(pieces).encode())


async def test_the_event_loop_goes_on_while_a_broken_feed_is_read() -> None:
    feed = await parse_feed_async(
        b"<rss><channel><item><title>a<b></title></item><item><title>c</title></item></channel>"
    )
    assert len(feed.entries) == 2


def test_a_reader_that_hangs_is_killed_and_what_is_known_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    from pulse.news.killable import WorkKilled

    def hang(*_: object, **__: object) -> None:
        raise WorkKilled("not done within 6 seconds")

    monkeypatch.setattr(patient_reader, "call", hang)
    feed = parse_feed(b"<rss><channel><item><title>whole</title></item><item><title>cut")
    assert [entry.title for entry in feed.entries] == ["whole"]
    assert "some entries may be missing" in feed.warnings[-1]
    with pytest.raises(UnreadableFeed, match="not done within"):
        parse_feed(b"<rss><channel><x><y></x><item>", url="http://x/")
