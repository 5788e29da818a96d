"""Articles whose own page is read."""

from datetime import timedelta

import orjson

from pulse.bus.bus import Bus
from pulse.kernel.tenant import DEFAULT_TENANT
from pulse.news.handlers import page_reading
from pulse.news.poll import poll_due
from pulse.news.room import NewsRoom
from pulse.storage.engine import Database
from tests.integration.news.conftest import TEXT, Site, Time, events, item, rss
from tests.integration.news.sources import niche, rows, source, unlike

TEASER = "The council of Varnhem decided on Monday to plant trees."


def page(text: str, title: str = "Trees") -> str:
    paragraphs = "".join(f"<p>{sentence}.</p>" for sentence in text.split(". "))
    return (
        f"<html lang='en'><head><title>{title}</title></head><body><nav><a href='/'>Home</a></nav>"
        f"<article><h1>{title}</h1>{paragraphs}</article><footer>Imprint</footer></body></html>"
    )


async def work(bus: Bus) -> None:
    await bus.start(schedules=False)
    assert await bus.drain(timeout=20)
    await bus.stop()


async def test_a_teaser_is_stored_at_once_and_folded_with_its_page(
    room: NewsRoom, bus: Bus, site: Site, database: Database
) -> None:
    await niche(room)
    site.documents["/feed"] = rss(item("Trees for Varnhem", link=site.url("/page"), text=TEASER))
    site.documents["/page"] = page(TEXT * 2)
    await source(room, site.url("/feed"), full_text="auto")
    report = await poll_due(room, DEFAULT_TENANT)
    assert (report.discovered, report.stored, report.stories) == (1, 1, 0)
    [waiting] = await rows(database, "SELECT * FROM news.articles")
    assert waiting["story_id"] is None
    await work(bus)
    [article] = await rows(database, "SELECT * FROM news.articles")
    assert article["story_id"] is not None
    assert "measured at fifty degrees" in article["content"]
    assert "Imprint" not in article["content"]
    first, second = await events(database)
    assert list(first["articles"].values()) == [[str(article["id"])]]
    assert first["stories"] == []
    assert second["articles"] == {}
    assert second["stories"] == [str(article["story_id"])]
    [counts] = await rows(database, "SELECT articles, stories FROM news.niches")
    assert (counts["articles"], counts["stories"]) == (1, 1)


async def test_what_need_not_wait_is_folded_at_once(room: NewsRoom, bus: Bus, site: Site, database: Database) -> None:
    await niche(room)
    for mode, text in (("never", TEASER), ("auto", TEXT)):
        site.documents[f"/{mode}"] = rss(item(f"Trees, {mode}", link=site.url(f"/page-{mode}"), text=text))
        await source(room, site.url(f"/{mode}"), full_text=mode, title=mode)  # type: ignore[arg-type]
    await poll_due(room, DEFAULT_TENANT)
    assert all(row["story_id"] for row in await rows(database, "SELECT story_id FROM news.articles"))
    await work(bus)
    assert not [path for path, _ in site.requests if path.startswith("/page")]


async def test_always_reads_the_page_of_a_long_text_too(
    room: NewsRoom, bus: Bus, site: Site, database: Database
) -> None:
    await niche(room)
    site.documents["/feed"] = rss(item("Trees", link=site.url("/page"), text=TEXT))
    site.documents["/page"] = page(TEXT + "The last tree is a lime. " + unlike(1))
    await source(room, site.url("/feed"), full_text="always")
    await poll_due(room, DEFAULT_TENANT)
    await work(bus)
    [article] = await rows(database, "SELECT content FROM news.articles")
    assert "The last tree is a lime" in article["content"]


async def test_a_page_that_cannot_be_read_leaves_the_feeds_text(
    room: NewsRoom, bus: Bus, site: Site, database: Database
) -> None:
    await niche(room)
    site.documents["/picture"] = b"\x89PNG"
    site.documents["/short"] = page("Subscribe")
    site.documents["/feed"] = rss(
        *(item(f"Number {n}", link=link, text=f"{unlike(n)[:200]}") for n, link in enumerate(
            (site.url("/missing"), site.url("/picture"), site.url("/short"), "http://127.0.0.1:9/refused", "http://10.0.0.1/private")
        ))
    )  # fmt: skip
    await source(room, site.url("/feed"), full_text="auto")
    await poll_due(room, DEFAULT_TENANT)
    await work(bus)
    articles = await rows(database, "SELECT title, content, story_id FROM news.articles")
    assert len(articles) == 5
    for article in articles:
        assert article["story_id"] is not None
        assert article["content"] == unlike(int(article["title"][-1]))[:200].strip()


async def test_the_job_done_twice_folds_once(room: NewsRoom, bus: Bus, site: Site, database: Database) -> None:
    await niche(room)
    site.documents["/feed"] = rss(item("Trees", link=site.url("/page"), text=TEASER))
    site.documents["/page"] = page(TEXT)
    await source(room, site.url("/feed"), full_text="auto")
    await poll_due(room, DEFAULT_TENANT)
    [article] = await rows(database, "SELECT id FROM news.articles")
    payload = {"niche": "technology", "articles": [str(article["id"])]}
    for _ in range(2):
        await page_reading.read_pages(room, DEFAULT_TENANT, payload)
    await work(bus)
    assert len(await rows(database, "SELECT id FROM news.stories")) == 1
    assert len(await events(database)) == 2


async def test_a_lost_job_is_made_up_for(room: NewsRoom, site: Site, database: Database, clock: Time) -> None:
    await niche(room)
    site.documents["/feed"] = rss(item("Trees", link=site.url("/page"), text=TEASER))
    await source(room, site.url("/feed"), full_text="auto")
    await poll_due(room, DEFAULT_TENANT)
    await rows(database, "DELETE FROM bus.work RETURNING id")
    await page_reading.read_overdue(room, DEFAULT_TENANT)
    assert not await rows(database, "SELECT id FROM news.stories")
    clock.advance(seconds=page_reading.OVERDUE.total_seconds() + 1)
    await page_reading.read_overdue(room, DEFAULT_TENANT)
    [article] = await rows(database, "SELECT story_id, content FROM news.articles")
    assert article["story_id"] is not None
    assert article["content"] == TEASER


async def test_a_revised_teaser_reads_its_page_again(
    room: NewsRoom, bus: Bus, site: Site, database: Database, clock: Time
) -> None:
    await niche(room)
    site.documents["/feed"] = rss(item("Mayor resigns", link=site.url("/page"), guid="1", text=TEASER))
    site.documents["/page"] = page(TEXT)
    await source(room, site.url("/feed"), full_text="auto")
    await poll_due(room, DEFAULT_TENANT)
    await work(bus)
    clock.advance(days=1)
    site.documents["/feed"] = rss(item("Mayor stays", link=site.url("/page"), guid="1", text=TEASER))
    site.documents["/page"] = page(TEXT + "The mayor stays after all, she said. ")
    assert (await poll_due(room, DEFAULT_TENANT)).revised == 1
    [waiting] = await rows(database, "SELECT payload FROM bus.work")
    await page_reading.read_pages(room, DEFAULT_TENANT, orjson.loads(waiting["payload"]))
    [article] = await rows(database, "SELECT * FROM news.articles")
    assert (article["title"], article["revision"]) == ("Mayor stays", 2)
    assert "stays after all" in article["content"]
    [old] = await rows(database, "SELECT title, content FROM news.revisions")
    assert old["title"] == "Mayor resigns"
    assert "measured at fifty degrees" in old["content"]
    last = (await events(database))[-1]
    assert last["revised"] == [str(article["id"])]
    assert last["stories"] == [str(article["story_id"])]


async def test_backlog_pages_are_not_read(room: NewsRoom, bus: Bus, site: Site, clock: Time) -> None:
    await niche(room)
    site.documents["/feed"] = rss(
        *(
            item(
                f"Number {n}", link=site.url(f"/page{n}"), text=unlike(n)[:150], published=clock.now - timedelta(days=n)
            )
            for n in range(15)
        )
    )
    await source(room, site.url("/feed"), full_text="auto")
    await poll_due(room, DEFAULT_TENANT)
    await work(bus)
    assert len({path for path, _ in site.requests if path.startswith("/page")}) == 10
