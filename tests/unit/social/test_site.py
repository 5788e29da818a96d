"""The site: what is on its pages, and that its folder is whole whatever happens."""

import asyncio
import json
import multiprocessing
import os
import re
import shutil
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import feedparser
import pytest
from lxml import etree, html

from pulse.social.channels import site_folder
from pulse.social.channels.outcomes import Published, Unknown
from pulse.social.channels.port import Frozen, Rendered
from pulse.social.channels.site import SiteChannel
from pulse.social.channels.site_pages import direction, niche_path
from pulse.social.shapes import Correction, PostContent
from tests.doubles.stories import TEXTS, story, story_of

BASE = "https://news.example.org/site"
BEGIN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NOWHERE = SiteChannel(Path("/nonexistent"), BASE)
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture(autouse=True)
def _without_fsync(monkeypatch: pytest.MonkeyPatch) -> None:
    """Durability costs milliseconds a file and nothing here pulls the plug."""
    monkeypatch.setattr(os, "fsync", lambda _: None)


def frozen(number: int, content: PostContent | None = None) -> Frozen:
    """The `number`th post, published that many minutes after the beginning."""
    rendered = NOWHERE.render(content or story(f"Sentence {number}.", title=f"Title {number}"))
    assert isinstance(rendered, Rendered)
    return NOWHERE.freeze(rendered, UUID(int=number).hex, BEGIN + timedelta(minutes=number))


async def publish(folder: Path, *posts: Frozen, base: str = BASE) -> SiteChannel:
    channel = SiteChannel(folder, base)
    for post in posts:
        assert isinstance(await channel.deliver(post), Published)
    return channel


def fill(folder: Path, *posts: Frozen) -> SiteChannel:
    """Publish many posts with their pages made once, at the end."""
    channel = SiteChannel(folder, BASE)
    for post in posts:
        channel._folder.put(post.key, post.body)
    channel._folder.derive()
    return channel


def tree(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def page(folder: Path, name: str) -> html.HtmlElement:
    return html.document_fromstring((folder / name).read_bytes())


async def test_a_post_has_a_permanent_page_with_its_receipt(tmp_path: Path) -> None:
    content = story("The council approved it.", dropped=("It cost 7 million.",)).model_copy(
        update={"corrections": (Correction(at=BEGIN + timedelta(days=1), text="The day was Monday."),)}
    )
    post = frozen(1, content)
    channel = await publish(tmp_path, post)

    shown = page(tmp_path, f"posts/{post.key}.html")
    text = shown.text_content()

    assert channel.address(post.key) == f"{BASE}/posts/{post.key}.html"
    assert shown.xpath("//ol[@class='receipt']//blockquote")[0].text == "The council approved it."
    assert shown.xpath("//ol[@class='receipt']//a/@href") == ["https://example.com/bridge?a=1&b=2"]
    assert "Supported, 97% · verifier gate/1" in text
    assert shown.xpath("//del/text()") == ["It cost 7 million."]
    assert "Not supported, 10% · verifier gate/1 · number 7" in re.sub(r"\s+", " ", text)
    assert "The day was Monday." in text
    assert shown.xpath("//link[@rel='canonical']/@href") == [channel.address(post.key)]


async def test_pages_are_safe_whatever_the_text(tmp_path: Path) -> None:
    evil = '"><script>alert(1)</script><img src=x onerror=alert(1)>'
    content = story(evil, title=evil, niche=evil, dropped=(evil,))
    await publish(tmp_path, frozen(1, content))

    pages = list(tmp_path.rglob("*.html"))
    assert len(pages) == 3
    for path in pages:
        shown = html.document_fromstring(path.read_bytes())
        assert shown.xpath("//script | //img | //*[@onerror] | //iframe") == []
        [policy] = shown.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
        assert policy.startswith("default-src 'none'; style-src 'self'")
        assert all(re.match(r"https?://|(\.\./)*[\w./-]+$", link) for link in shown.xpath("//@href"))
        assert html.fromstring(shown.xpath("//h1")[0].text_content() or "x") is not None
        assert shown.get("lang") == "en"
    assert niche_path(evil).startswith("niches/")
    assert "/" not in niche_path(evil).removeprefix("niches/")


async def test_language_and_direction_are_marked(tmp_path: Path) -> None:
    await publish(tmp_path, frozen(1, story_of("rtl")), frozen(2, story_of("cjk")))
    [arabic] = page(tmp_path, f"posts/{UUID(int=1).hex}.html").xpath("//article")
    assert (arabic.get("lang"), arabic.get("dir")) == ("ar", "rtl")
    listed = page(tmp_path, "niches/technology/index.html").xpath("//article")
    assert [(one.get("lang"), one.get("dir")) for one in listed] == [("ja", "ltr"), ("ar", "rtl")]


@pytest.mark.parametrize(
    ("language", "expected"),
    [("ar", "rtl"), ("fa-AF", "rtl"), ("en", "ltr"), ("uz-Arab-AF", "rtl"), ("ar-Latn", "ltr"), ("und", "auto")],
)
def test_direction(language: str, expected: str) -> None:
    assert direction(language) == expected


async def test_every_internal_link_leads_to_a_file(tmp_path: Path) -> None:
    fill(tmp_path, *(frozen(number) for number in range(65)), frozen(90, story(niche="Weltpolitik & Märkte")))
    for path in tmp_path.rglob("*.html"):
        for link in html.document_fromstring(path.read_bytes()).xpath("//@href"):
            if not link.startswith("http"):
                assert (path.parent / link).resolve().is_file(), (path, link)
            elif link.startswith(BASE):
                assert (tmp_path / link.removeprefix(f"{BASE}/")).is_file()


async def test_paging_shows_every_post_once_newest_first(tmp_path: Path) -> None:
    await publish(tmp_path, *(frozen(number) for number in range(65)))
    name, titles = "index.html", []
    while name:
        shown = page(tmp_path, f"niches/technology/{name}")
        titles += [heading.text_content() for heading in shown.xpath("//article/h2")]
        name = next(iter(shown.xpath("//a[@rel='prev']/@href")), "")
    assert titles == [f"Title {number}" for number in reversed(range(65))]
    oldest = page(tmp_path, "niches/technology/page-1.html")
    assert oldest.xpath("//a[@rel='next']/@href") == ["page-2.html"]
    assert page(tmp_path, "niches/technology/page-2.html").xpath("//a[@rel='next']/@href") == ["index.html"]


@pytest.mark.parametrize("name", TEXTS)
async def test_feeds_are_valid_and_say_what_the_post_says(tmp_path: Path, name: str) -> None:
    content = story_of(name)
    channel = await publish(tmp_path, frozen(1, content), frozen(2))
    niche = tmp_path / "niches" / "technology"
    rendered = channel.render(content)
    assert isinstance(rendered, Rendered)

    atom = etree.fromstring((niche / "atom.xml").read_bytes())
    entries = atom.findall(f"{ATOM}entry")
    for element in (atom, *entries):
        assert all(element.find(f"{ATOM}{required}") is not None for required in ("id", "title", "updated"))
    assert atom.find(f"{ATOM}author/{ATOM}name") is not None
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    assert ids == [channel.address(UUID(int=number).hex) for number in (2, 1)]

    read = feedparser.parse((niche / "atom.xml").read_bytes(), sanitize_html=False)
    assert not read.bozo
    assert read.version == "atom10"
    assert html.fromstring(f"<div>{read.entries[1].content[0].value}</div>").xpath("//p")[0].text == rendered.text

    feed = json.loads((niche / "feed.json").read_bytes())
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == f"{BASE}/niches/technology/feed.json"
    assert [item["id"] for item in feed["items"]] == ids
    assert feed["items"][1]["content_text"] == rendered.text
    assert feed["items"][1]["date_published"] == "2026-11-23T09:01:00Z"


async def test_the_same_posts_give_the_same_bytes_in_any_order(tmp_path: Path) -> None:
    posts = [frozen(number, story(f"S {number}.", niche=f"niche-{number % 9 // 8}")) for number in range(75)]
    await publish(tmp_path / "one", *posts)
    fill(tmp_path / "two", *reversed(posts))
    fill(tmp_path / "three", *posts[::2])
    for post in posts[1::8]:  # older than most that are there, and in a new process
        await publish(tmp_path / "three", post)
    fill(tmp_path / "three", *posts[1::2])
    assert tree(tmp_path / "one") == tree(tmp_path / "two") == tree(tmp_path / "three")


async def test_delivering_again_changes_nothing(tmp_path: Path) -> None:
    channel = await publish(tmp_path, frozen(1))
    before = {name: (tmp_path / name).stat().st_mtime_ns for name in tree(tmp_path) if name != ".lock"}
    await channel.deliver(frozen(1))
    await publish(tmp_path, frozen(1))
    assert before == {name: (tmp_path / name).stat().st_mtime_ns for name in tree(tmp_path) if name != ".lock"}


async def test_a_kill_between_any_two_writes_is_repaired(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    posts = [frozen(number) for number in range(21)]
    fill(tmp_path / "whole", *posts)
    fill(tmp_path / "before", *posts[:-1])
    real = site_folder._write
    for survives in range(8):
        folder = tmp_path / str(survives)
        shutil.copytree(tmp_path / "before", folder)
        written = 0

        def killed(path: Path, content: bytes, limit: int = survives) -> None:
            nonlocal written
            if written == limit:
                path.with_name(f".{path.name}.new").write_bytes(content[:10])
                raise OSError("killed on purpose")
            written += 1
            real(path, content)

        monkeypatch.setattr(site_folder, "_write", killed)
        outcome = await SiteChannel(folder, BASE).deliver(posts[-1])
        monkeypatch.setattr(site_folder, "_write", real)

        restarted = SiteChannel(folder, BASE)
        reading = await restarted.check(posts[-1], BEGIN)
        if not isinstance(reading, Published):
            assert not isinstance(outcome, Unknown)
            await restarted.deliver(posts[-1])
        whole = tree(tmp_path / "whole")
        assert {name: content for name, content in tree(folder).items() if not name.endswith(".new")} == whole


def _publish_some(folder: str, numbers: range) -> None:
    asyncio.run(publish(Path(folder), *(frozen(number) for number in numbers)))


async def test_processes_that_write_at_once_lose_nothing(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [
        context.Process(target=_publish_some, args=(str(tmp_path / "many"), range(first, 30, 3))) for first in range(3)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        await asyncio.to_thread(worker.join, 60)
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    fill(tmp_path / "one", *(frozen(number) for number in range(30)))
    assert tree(tmp_path / "many") == tree(tmp_path / "one")


async def test_a_delivery_writes_the_same_few_files_however_many_posts_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = fill(tmp_path, *(frozen(number) for number in range(399)))
    written: list[str] = []
    real = site_folder._write

    def counted(path: Path, content: bytes) -> None:
        written.append(path.name)
        real(path, content)

    monkeypatch.setattr(site_folder, "_write", counted)
    began = time.monotonic()
    await channel.deliver(frozen(399))

    assert len(written) <= 9
    assert f"{UUID(int=399).hex}.json" in written
    assert time.monotonic() - began < 5.0


async def test_a_new_address_or_look_renews_every_page(tmp_path: Path) -> None:
    await publish(tmp_path, frozen(1), frozen(2))
    await publish(tmp_path, frozen(3), base="https://elsewhere.example")
    for path in tmp_path.rglob("*"):
        if path.suffix in (".html", ".xml") or path.name == "feed.json":
            assert BASE not in path.read_text(), path


async def test_a_file_that_is_no_post_of_ours_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "other.json").write_text('{"a": 1}')
    (tmp_path / ".derived").write_text("[7]")
    await publish(tmp_path, frozen(1))
    assert len(page(tmp_path, "niches/technology/index.html").xpath("//article")) == 1


@pytest.mark.parametrize("key", ["../escape", "a/b", "", ".hidden", "x" * 200])
async def test_a_key_that_is_no_file_name_is_refused(tmp_path: Path, key: str) -> None:
    channel = SiteChannel(tmp_path / "site", BASE)
    rendered = channel.render(story())
    assert isinstance(rendered, Rendered)
    with pytest.raises(ValueError, match="letters"):
        channel.freeze(rendered, key, BEGIN)
    outcome = await channel.deliver(frozen(1).model_copy(update={"key": key}))
    assert outcome.code == "social.content_refused"  # type: ignore[union-attr]
    assert not (tmp_path / "site").exists()


def test_niches_never_share_a_folder() -> None:
    names = [
        "technology",
        "Technology",
        "tech nology",
        "tech-nology",
        "科技",
        "科學",
        "",
        "../x",
        "-",
        "a" * 100,
        "a" * 99,
    ]
    assert len({niche_path(name) for name in names}) == len(names)
    assert niche_path("technology") == "niches/technology"
    assert all(re.fullmatch(r"niches/[a-z0-9_-]+", niche_path(name)) for name in names if name)
