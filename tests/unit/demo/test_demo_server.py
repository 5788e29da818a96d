"""The demo's server behaves like the sites it imitates: well-formed feeds, real pages, good and bad manners."""

import asyncio
import calendar
import json
import re
import signal
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import aiohttp
import feedparser
import pytest
import trafilatura
from lxml import etree

from pulse.demo.corpus import Feed, load
from pulse.demo.server import DemoSite

NOW = datetime(2031, 3, 4, 12, 0, tzinfo=UTC)
FEEDS = [feed for source in load().sources for feed in source.feeds if feed.answer != "failing"]


@pytest.fixture
async def site() -> AsyncIterator[DemoSite]:
    async with DemoSite(now=NOW, slow_seconds=0.05) as running:
        yield running


@pytest.fixture
async def http(site: DemoSite) -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(base_url=site.url) as session:
        yield session


async def body(http: aiohttp.ClientSession, url: str) -> bytes:
    async with http.get(url) as answer:
        assert answer.status == 200, url
        return await answer.read()


@pytest.mark.parametrize("feed", FEEDS, ids=lambda feed: f"{feed.source}/{feed.path}")
async def test_feeds_are_well_formed_and_complete(http: aiohttp.ClientSession, feed: Feed) -> None:
    raw = await body(http, f"/{feed.source}/{feed.path}")
    wanted = load().entries(feed)
    if feed.format == "json":
        items = json.loads(raw)["items"]
        assert [item["title"] for item in items] == [one.title for one in wanted]
        assert all(datetime.fromisoformat(item["date_published"]) < NOW for item in items)
        return
    parsed = feedparser.parse(raw)
    assert parsed.version == {"rss": "rss20", "rdf": "rss10", "atom": "atom10"}[feed.format]
    assert not parsed.bozo
    assert [entry.title for entry in parsed.entries] == [one.title for one in wanted]
    for entry, one in zip(parsed.entries, wanted, strict=True):
        published = calendar.timegm(entry.get("published_parsed") or entry.updated_parsed)
        assert datetime.fromtimestamp(published, UTC) == NOW - timedelta(minutes=one.minutes)
        assert ("content" in entry) == (feed.content == "full")
        assert entry.link.endswith(f"{one.path}?{one.query}" if one.query else one.path)


async def test_latin_1_feed_carries_windows_1252_bytes(http: aiohttp.ClientSession) -> None:
    async with http.get("/pegelbote/technik.xml") as answer:
        raw, header = await answer.read(), answer.headers["Content-Type"]
    assert "charset" not in header
    assert raw.startswith(b'<?xml version="1.0" encoding="iso-8859-1"?>')
    assert b"\x84Bisher" in raw
    assert "„Bisher haben wir diese Wärme" in raw.decode("windows-1252")
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")


async def test_pages_hold_the_whole_article_in_the_middle_of_other_things(
    site: DemoSite, http: aiohttp.ClientSession
) -> None:
    for article in load().articles:
        page = (await body(http, article.path)).decode()
        labels = load().source(article.source).labels
        assert labels["offer"] in page
        assert f'rel="canonical" href="{site.url}{article.path}"' in page
        extracted = trafilatura.extract(page, include_comments=False) or ""
        assert all(paragraph in extracted for paragraph in article.paragraphs), article.slug
        assert labels["offer"] not in extracted


async def test_summary_only_feed_needs_the_page(site: DemoSite, http: aiohttp.ClientSession) -> None:
    needing = [feed for feed in site.feeds if feed.full_text]
    assert [feed.name for feed in needing] == ["The Thornmere Ledger: Technology", "The Thornmere Ledger: Science"]
    for article in load().entries(next(feed for feed in FEEDS if feed.content == "summary")):
        assert article.paragraphs[1] not in (await body(http, needing[0].url)).decode()


async def test_hostile_markup_and_hidden_text_reach_the_reader(http: aiohttp.ClientSession) -> None:
    nasty = next(one for one in load().articles if "nasty-markup" in one.traits)
    feed = feedparser.parse(await body(http, "/brackwater/rss"), sanitize_html=False)
    in_feed = next(entry.content[0].value for entry in feed.entries if entry.title == nasty.title)
    for document in ((await body(http, nasty.path)).decode(), in_feed):
        for trap in ("<script>", "onerror=", "javascript:alert", "<iframe", "onload=", "&lt; 5 centimetres", "R&amp;D"):
            assert trap in document
    hiding = next(one for one in load().articles if one.hidden)
    page = (await body(http, hiding.path)).decode()
    assert len(hiding.hidden) == 4
    assert all(text in page for text in hiding.hidden)
    assert {"display:none", "font-size:0", "aria-hidden"} < set(
        re.findall(r"display:none|font-size:0|aria-hidden|<!--", page)
    )


@pytest.mark.parametrize("path", ["/kiln/atom.xml", "/lattice/science.json", "/ventana/valdeluz-buses-ventana"])
async def test_second_request_is_answered_304_until_something_changes(http: aiohttp.ClientSession, path: str) -> None:
    async with http.get(path) as first:
        tag, modified = first.headers["ETag"], first.headers["Last-Modified"]
        await first.read()
    for condition in ({"If-None-Match": tag}, {"If-None-Match": f"W/{tag}"}, {"If-Modified-Since": modified}):
        async with http.get(path, headers=condition) as second:
            assert (second.status, await second.read()) == (304, b"")
            assert second.headers["ETag"] == tag
    async with http.get(path, headers={"If-None-Match": '"older"', "If-Modified-Since": modified}) as third:
        assert third.status == 200


async def test_correction_comes_out_in_feed_and_page_under_the_same_identity(
    site: DemoSite, http: aiohttp.ClientSession
) -> None:
    async with http.get("/aldous/feed") as answer:
        before, tag = feedparser.parse(await answer.read()), answer.headers["ETag"]
        modified = answer.headers["Last-Modified"]
    (address,) = site.publish_correction()
    for condition in ({"If-None-Match": tag}, {"If-Modified-Since": modified}):
        async with http.get("/aldous/feed", headers=condition) as answer:
            assert answer.status == 200
            raw = await answer.read()
    after = feedparser.parse(raw)
    assert [entry.id for entry in before.entries] == [entry.id for entry in after.entries]
    assert "14,200" in before.entries[0].content[0].value
    assert "recalling 1,420 batteries" in after.entries[0].content[0].value
    assert "Correction: An earlier version" in after.entries[0].content[0].value
    assert after.entries[0].updated_parsed > before.entries[0].published_parsed
    assert before.entries[0].published == after.entries[0].published
    assert "recalling 1,420 batteries" in (await body(http, address)).decode()
    site.publish_correction()
    assert await body(http, "/aldous/feed") == raw


async def test_moved_failing_and_slow_feeds(http: aiohttp.ClientSession) -> None:
    async with http.get("/aldous/feed", allow_redirects=False) as moved:
        assert (moved.status, moved.headers["Location"]) == (301, "/aldous/technology/rss.xml")
    async with http.get("/brass/feed") as failing:
        assert failing.status == 500
    async with DemoSite(slow_seconds=0.4) as slow, aiohttp.ClientSession() as session:
        with pytest.raises(TimeoutError):
            await session.get(f"{slow.url}/brackwater/rss", timeout=aiohttp.ClientTimeout(total=0.1))
        async with session.get(f"{slow.url}/lowland/feed.xml", timeout=aiohttp.ClientTimeout(total=0.3)) as other:
            assert other.status == 200


async def test_unknown_addresses_are_not_found(http: aiohttp.ClientSession) -> None:
    for path in ("/nowhere/", "/kiln/nothing", "/kiln/%00", "/a/b/c"):
        async with http.get(path) as answer:
            assert answer.status == 404


async def test_feed_can_be_discovered_from_the_home_page(site: DemoSite, http: aiohttp.ClientSession) -> None:
    page = etree.HTML(await body(http, site.discovery_url))
    (link,) = page.xpath('//link[@rel="alternate"]')
    assert link.get("type") == "application/atom+xml"
    assert site.url + link.get("href") in [feed.url for feed in site.feeds]
    assert feedparser.parse(await body(http, link.get("href"))).entries


async def test_subscription_list_names_every_feed(site: DemoSite, http: aiohttp.ClientSession) -> None:
    outlines = etree.fromstring(site.opml()).findall("body/outline/outline")
    assert sorted((one.get("text"), one.get("xmlUrl"), one.get("category")) for one in outlines) == sorted(
        (feed.name, feed.url, feed.niche) for feed in site.feeds
    )
    assert len({feed.name for feed in site.feeds}) == len(site.feeds) == len(FEEDS) + 1
    assert await body(http, "/opml.xml") == site.opml()


async def test_requests_are_counted_by_path(site: DemoSite, http: aiohttp.ClientSession) -> None:
    await body(http, "/kiln/atom.xml?again=1")
    await body(http, "/kiln/atom.xml")
    await body(http, "/aldous/feed")
    async with http.get("/brass/feed"):
        pass
    assert site.requests == {"/kiln/atom.xml": 2, "/aldous/feed": 1, "/aldous/technology/rss.xml": 1, "/brass/feed": 1}
    assert site.answers["/brass/feed", 500] == site.answers["/aldous/feed", 301] == 1


async def test_two_sites_side_by_side_and_a_taken_port(site: DemoSite) -> None:
    async with DemoSite() as other:
        assert other.url != site.url
    with pytest.raises(OSError, match="in use"):
        await DemoSite(port=int(site.url.rsplit(":", 1)[1])).__aenter__()


async def test_runs_by_hand() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "pulse.demo.server", stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    first = (await asyncio.wait_for(process.stdout.readline(), 60)).decode()
    async with aiohttp.ClientSession() as session, session.get(first.split()[0]) as answer:
        assert answer.status == 200
    process.send_signal(signal.SIGINT)
    _, errors = await asyncio.wait_for(process.communicate(), 60)
    assert (process.returncode, errors) == (0, b"")
