"""Every format, as people write it: what Pulse keeps of each."""

from datetime import UTC, datetime, timedelta

import pytest

from pulse.news.errors import NotAFeed
from pulse.news.feeds import Enclosure, Feed, parse_feed

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
URL = "https://example.org/news/feed.xml"


def parse(text: str | bytes, content_type: str | None = None) -> Feed:
    return parse_feed(text.encode() if isinstance(text, str) else text, content_type=content_type, url=URL, now=NOW)


RSS = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE rss [<!ENTITY co "Example &amp; Co">]>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:media="http://search.yahoo.com/mrss/"
 xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">
<channel>
 <title>Caf&eacute; News</title><link>/</link><language>en_US</language><description>All of it</description>
 <atom:link rel="self" href="feed.xml"/><atom:link rel="hub" href="https://hub.example/"/>
 <image><title>Wrong</title><link>https://wrong.example/</link><url>/logo.png</url></image>
 <sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>
 <item>
  <title><![CDATA[Council <b>approves</b> the &quot;ring road&quot;]]></title>
  <link> https://example.org/a?utm_source=rss&amp;id=1 </link>
  <guid isPermaLink="false">tag:1</guid>
  <pubDate>Mon, 23 Nov 2026 10:30:00 +0100</pubDate>
  <dc:creator>Ann Author</dc:creator><dc:creator>Bo Writer</dc:creator>
  <category>Traffic</category><category><![CDATA[Town & land]]></category><category>Traffic</category>
  <description>Three lanes &lt;b&gt;more&lt;/b&gt;.</description>
  <content:encoded><![CDATA[<p>Three lanes more,<br>and a <i>tunnel</i>.</p><script>x()</script>
  <p style="display:none">buy!</p>
  <p>Work begins.</p><a href="/more" onclick="x()">more</a>]]></content:encoded>
  <media:group><media:title>Wrong too</media:title><media:thumbnail url="/thumb.jpg"/></media:group>
  <enclosure url="https://example.org/a.mp3" type="audio/mpeg" length="1234"/>
 </item>
 <item><guid>https://example.org/b</guid><description>No title, a permalink.</description>
  <source url="https://wrong.example/feed">Wrong</source></item>
</channel></rss>"""


def test_rss() -> None:
    feed = parse(RSS)
    assert (feed.title, feed.kind, feed.language) == ("Café News", "rss", "en-US")
    assert (feed.home_url, feed.self_url, feed.hub_url) == (
        "https://example.org/",
        "https://example.org/news/feed.xml",
        "https://hub.example/",
    )
    assert feed.every == timedelta(minutes=30)
    assert feed.warnings == ()
    first, second = feed.entries
    assert first.title == 'Council approves the "ring road"'
    assert first.url == "https://example.org/a?utm_source=rss&id=1"
    assert first.id == "tag:1"
    assert first.published == datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
    assert first.author == "Ann Author, Bo Writer"
    assert first.categories == ("Traffic", "Town & land")
    assert first.image_url == "https://example.org/thumb.jpg"
    assert first.enclosures == (Enclosure("https://example.org/a.mp3", "audio/mpeg", 1234),)
    assert first.text == "Three lanes more,\nand a tunnel.\nWork begins.\nmore"
    assert "buy" not in first.html
    assert "script" not in first.html
    assert '<a href="https://example.org/more" rel="noopener noreferrer nofollow">more</a>' in first.html
    assert first.language == "en-US"
    assert (second.title, second.url, second.id) == ("", "https://example.org/b", "https://example.org/b")
    assert second.text == "No title, a permalink."


ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de" xml:base="https://example.org/blog/">
 <title type="html">Blog &amp;amp; Co</title><link href="."/><link rel="self" href="feed"/>
 <author><name>Feed Author</name><email>feed@example.org</email></author>
 <entry>
  <title>1 &lt; 2</title><id>urn:1</id>
  <link rel="enclosure" href="a.mp3" type="audio/mpeg"/><link rel="replies" href="wrong"/>
  <link rel="alternate" type="text/html" href="post/1"/>
  <published>2026-11-22T08:00:00Z</published><updated>2026-11-23T08:00:00.123+01:00</updated>
  <content type="xhtml" xml:base="post/"><div xmlns="http://www.w3.org/1999/xhtml"><p>A &lt; B</p>
  <img src="x.png"/></div>
  </content>
  <source><title>Wrong</title><id>wrong</id><updated>2001-01-01T00:00:00Z</updated></source>
 </entry>
 <entry xml:lang="fr"><id>urn:2</id><title type="text">Deux</title>
  <summary type="html">&lt;p&gt;Texte&lt;/p&gt;</summary>
  <author><name>Zoé</name></author><contributor><name>Wrong</name></contributor><category term="x" label="Étiquette"/>
  <updated>2026-11-23T11:00:00Z</updated></entry>
</feed>"""


def test_atom() -> None:
    feed = parse(ATOM)
    assert (feed.title, feed.kind, feed.language) == ("Blog & Co", "atom", "de")
    assert feed.home_url == "https://example.org/blog/."[:-1]
    first, second = feed.entries
    assert (first.title, first.id, first.url) == ("1 < 2", "urn:1", "https://example.org/blog/post/1")
    assert first.published == datetime(2026, 11, 22, 8, tzinfo=UTC)
    assert first.updated == datetime(2026, 11, 23, 7, tzinfo=UTC)
    assert first.author == "Feed Author"
    assert first.text == "A < B"
    assert '<img src="https://example.org/blog/post/x.png">' in first.html
    assert first.enclosures[0].url == "https://example.org/blog/a.mp3"
    assert (second.author, second.language, second.categories) == ("Zoé", "fr", ("Étiquette",))
    assert second.published == second.updated == datetime(2026, 11, 23, 11, tzinfo=UTC)
    assert second.text == "Texte"


def test_rdf() -> None:
    feed = parse(
        """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"
        xmlns:dc="http://purl.org/dc/elements/1.1/"><channel rdf:about="https://example.org/"><title>Ten</title>
        <link>https://example.org/</link><items><rdf:Seq><rdf:li resource="https://example.org/1"/></rdf:Seq></items></channel>
        <image><title>Wrong</title><link>https://wrong.example/</link></image>
        <item rdf:about="https://example.org/1"><title>One</title><dc:date>2026-11-20</dc:date></item></rdf:RDF>"""
    )
    assert (feed.title, feed.kind, feed.home_url) == ("Ten", "rdf", "https://example.org/")
    (entry,) = feed.entries
    assert (entry.title, entry.url) == ("One", "https://example.org/1")
    assert entry.published == datetime(2026, 11, 20, tzinfo=UTC)


def test_json_feed() -> None:
    feed = parse(
        """{"version": "https://jsonfeed.org/version/1.1", "title": "J", "home_page_url": "/", "language": "en",
        "authors": [{"name": "Jo"}], "hubs": [{"type": "WebSub", "url": "https://hub.example/"}], "items": [
        {"id": 1, "url": "/1", "title": "A <b>", "content_text": "x < y\\nsecond", "tags": ["t"],
         "date_published": "2026-11-20T10:00:00-05:00", "image": "/i.png",
         "attachments": [{"url": "/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": 5}]},
        {"id": "2", "content_html": "<p>hi</p>", "author": {"name": "Al"}}, 7, null]}"""
    )
    assert (feed.kind, feed.title, feed.home_url, feed.hub_url) == (
        "json",
        "J",
        "https://example.org/",
        "https://hub.example/",
    )
    first, second = feed.entries
    assert (first.id, first.url, first.title, first.author) == ("1", "https://example.org/1", "A <b>", "Jo")
    assert first.text == "x < y\nsecond"
    assert first.published == datetime(2026, 11, 20, 15, tzinfo=UTC)
    assert first.enclosures == (Enclosure("https://example.org/a.mp3", "audio/mpeg", 5),)
    assert (second.id, second.url, second.author, second.text) == ("2", None, "Al", "hi")


@pytest.mark.parametrize(
    "text",
    [
        '<rss version="0.91"><channel><item><title>T</title></item></channel></rss>',
        '<rss><channel><item><title>T</title></item>',
        '<?xml version="1.0"?>\n\n<RSS><Channel><Item><Title>T</Title></Item></Channel></RSS>',
        '<feed version="0.3" xmlns="http://purl.org/atom/ns#"><entry><title mode="escaped">T</title></entry></feed>',
        "<feed><entry><title>T</title></entry></feed>",
        '<rss xmlns="http://backend.userland.com/rss2"><channel><item><title>T</title></item></channel></rss>',
        '<rss xmlns="https://nobody.example/knows/this"><channel><item><title>T</title></item></channel></rss>',
        '\n\n junk <?xml version="1.0"?><rss><channel><item><title>T</title></item></channel></rss>',
        '<rss><channel><media:x/><item><title>T</title><media:y>z</media:y></item></channel></rss>',
        "<rss><channel><item><title>T</title><link>http://x/?a&b</link></item></channel></rss>",
        "<rss><channel><item><title>\x0bT</title><description>1 < 2 \x00</description></item></channel></rss>",
        "<rss><channel><item><title>T</title><description><p>open<br></description></item></channel></rss>",
        "<rss><channel><item><title>T</title><description><![CDATA[never closed</description></item></channel></rss>",
        "<!DOCTYPE html><rss><channel><item><title>T</title></item></channel></rss>",
        '<CHANNEL HREF="http://x/"><ITEM HREF="http://x/1"><TITLE>T</TITLE></ITEM></CHANNEL>',
        "<entry xmlns='http://www.w3.org/2005/Atom'><title>T</title></entry>",
    ],
)  # fmt: skip
def test_feeds_of_other_times_and_hands(text: str) -> None:
    assert [entry.title for entry in parse(text).entries] == ["T"]


CYRILLIC = "<rss><channel><item><title>Новости дня: ёж</title></item></channel></rss>"
LATIN = "<rss><channel><item><title>Café für “alle”</title></item></channel></rss>"


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (CYRILLIC.encode(), None),
        (CYRILLIC.encode(), "text/xml; charset=iso-8859-1"),
        (CYRILLIC.encode(), "text/xml; charset=us-ascii"),
        (b"\xef\xbb\xbf" + CYRILLIC.encode(), "text/xml; charset=koi8-r"),
        (CYRILLIC.encode("koi8-r"), "application/rss+xml; charset=KOI8-R"),
        (b'<?xml version="1.0" encoding="windows-1251"?>' + CYRILLIC.encode("cp1251"), None),
        (b'<?xml version="1.0" encoding="windows-1251"?>' + CYRILLIC.encode("cp1251"), "text/xml; charset=utf-8"),
        (b'<?xml version="1.0" encoding="windows-1251"?>' + CYRILLIC.encode(), "text/xml"),
        (CYRILLIC.encode("utf-16"), None),
        (CYRILLIC.encode("utf-16-be"), "text/xml; charset=utf-8"),
        (('<?xml version="1.0" encoding="utf-16"?>' + CYRILLIC).encode(), None),
        (CYRILLIC.encode("utf-32"), None),
    ],
)
def test_encodings(body: bytes, content_type: str | None) -> None:
    assert parse(body, content_type).entries[0].title == "Новости дня: ёж"


@pytest.mark.parametrize(
    "stated", [None, "text/xml; charset=iso-8859-1", "text/xml; charset=bogus", "text/xml; charset=hex"]
)
def test_windows_1252_is_what_nobody_says_and_everybody_means(stated: str | None) -> None:
    assert parse(LATIN.encode("cp1252"), stated).entries[0].title == "Café für “alle”"


def test_mistakes_of_characters_are_undone() -> None:
    wrong = "Caf\xc3\xa9".encode()
    body = (
        b"<rss><channel><item><title>" + wrong + b"</title><description>it&#146;s</description></item></channel></rss>"
    )
    entry = parse(body).entries[0]
    assert (entry.title, entry.text) == ("Café", "it’s")


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<!doctype html><html><body><p>Hello", "a web page"),
        (b"<html><head></head></html>", "a web page"),
        (b"", "empty"),
        (b"  \n ", "empty"),
        (b"Not found", "plain text"),
        (b"\x89PNG\r\n\x1a\n\0\0", "binary data"),
        (b"\x1f\x8b\x08\0\0", "binary data"),
        (b'<?xml version="1.0"?><opml version="2.0"><body/></opml>', "an OPML list"),
        (b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"><url/></urlset>', "a sitemap"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a picture"),
        (b"<note><to>x</to></note>", "an XML document <note>"),
        (b'{"error": "gone"}', "no JSON Feed"),
        (b"[1, 2]", "no JSON Feed"),
        (b"{broken", "begins like JSON"),
        (b"<note><items/><channel/></note>", "XML, but no feed"),
    ],
)
def test_what_is_not_a_feed_is_said(body: bytes, words: str) -> None:
    with pytest.raises(NotAFeed) as caught:
        parse(body)
    assert words in caught.value.message
    assert URL in caught.value.message


def test_dates_from_the_future_are_not_believed() -> None:
    def dated(when: str) -> datetime | None:
        return parse(f"<rss><channel><item><pubDate>{when}</pubDate></item></channel></rss>").entries[0].published

    assert dated("Tue, 24 Nov 2026 11:00:00 GMT") == datetime(2026, 11, 24, 11, tzinfo=UTC)
    assert dated("Wed, 25 Nov 2026 12:00:00 GMT") is None
    assert dated("Thu, 01 Jan 1970 00:00:00 GMT") is None
    assert dated("") is None


def test_an_entry_without_id_or_link_is_told_by_its_words() -> None:
    text = "<rss><channel><item><title>A</title></item><item><title>B</title></item></channel></rss>"
    first, second = (entry.id for entry in parse(text).entries)
    assert first != second
    assert first == parse(text).entries[0].id


def test_repaired_feeds_say_what_was_wrong() -> None:
    feed = parse("<rss><channel><item><title>A & B</title></item></channel></rss>")
    assert feed.entries[0].title == "A & B"
    assert "not well-formed" in feed.warnings[0]


def test_what_only_patience_can_read() -> None:
    feed = parse("<rss><channel><item><title>a<b></title></item><item><title>c</title></item></channel>")
    assert len(feed.entries) == 2
    assert feed.entries[1].title == "c"
