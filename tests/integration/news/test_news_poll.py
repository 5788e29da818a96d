"""The poll cycle on the real database, against a real web server."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from aiohttp import web

from pulse.kernel.tenant import DEFAULT_TENANT
from pulse.news import fold, store
from pulse.news.handlers import list_sources, source_ids
from pulse.news.poll import LEASE, poll_due
from pulse.news.room import NewsRoom
from pulse.news.store.articles import Known
from pulse.storage.engine import Database, Transaction
from tests.integration.news.conftest import TEXT, Site, Time, events, item, rss
from tests.integration.news.sources import niche, only, rows, source, unlike


async def test_new_articles_are_stored_with_story_key_state_and_event(
    room: NewsRoom, site: Site, database: Database
) -> None:
    await niche(room)
    site.documents["/feed"] = rss(
        *(item(f"Title {n}", link=f"https://a.example/{n}", text=unlike(n)) for n in range(3))
    )
    added = await source(room, site.url("/feed"))
    report = await poll_due(room, DEFAULT_TENANT)
    assert (report.sources, report.changed, report.discovered, report.stored, report.stories) == (1, 1, 3, 3, 3)
    articles = await rows(database, "SELECT * FROM news.articles")
    assert {row["title"] for row in articles} == {"Title 0", "Title 1", "Title 2"}
    assert all(row["story_id"] and row["status"] == "new" and row["language"] for row in articles)
    [event] = await events(database)
    assert event["niche"] == "technology"
    assert {UUID(one) for one in event["articles"][str(added.id)]} == {row["id"] for row in articles}
    assert {UUID(one) for one in event["stories"]} == {row["story_id"] for row in articles}
    now = await only(room)
    assert (now.state, now.articles, now.last_error, now.failures) == ("ok", 3, None, 0)
    assert now.next_poll_at > room.clock()


async def test_an_article_says_whether_its_source_dates_it(
    room: NewsRoom, site: Site, database: Database, clock: Time
) -> None:
    await niche(room)
    site.documents["/feed"] = rss(
        item("Dated", link="https://a.example/1", text=unlike(1), published=clock.now - timedelta(hours=5)),
        item("Undated", link="https://a.example/2", text=unlike(2)),
    )
    await source(room, site.url("/feed"))
    await poll_due(room, DEFAULT_TENANT)
    articles = await rows(database, "SELECT title, dated FROM news.articles")
    assert {row["title"]: row["dated"] for row in articles} == {"Dated": True, "Undated": False}


async def test_what_was_seen_is_not_new_again(room: NewsRoom, site: Site, database: Database, clock: Time) -> None:
    await niche(room)
    site.documents["/feed"] = rss(item("One", link="https://a.example/1"))
    await source(room, site.url("/feed"))
    await poll_due(room, DEFAULT_TENANT)
    clock.advance(days=2)
    # Another body, so that it is read, with the same item.
    site.documents["/feed"] = rss(item("One", link="https://a.example/1"), title="Renamed")
    report = await poll_due(room, DEFAULT_TENANT)
    assert (report.changed, report.known, report.discovered, report.stored) == (1, 1, 0, 0)
    assert len(await events(database)) == 1


async def test_unchanged_feeds_are_asked_with_conditions_and_not_read(room: NewsRoom, site: Site, clock: Time) -> None:
    await niche(room)
    document = rss(item("One", link="https://a.example/1"))

    def answer(request: web.Request) -> web.Response:
        if request.headers.get("If-None-Match") == '"v1"':
            return web.Response(status=304)
        return web.Response(text=document, headers={"ETag": '"v1"', "Last-Modified": "Mon, 02 Mar 2026 10:00:00 GMT"})

    site.documents["/feed"] = answer
    await source(room, site.url("/feed"))
    await poll_due(room, DEFAULT_TENANT)
    before = (await only(room)).interval_seconds
    clock.advance(days=2)
    report = await poll_due(room, DEFAULT_TENANT)
    assert (report.unchanged, report.changed) == (1, 0)
    assert site.requests[-1][1]["If-None-Match"] == '"v1"'
    assert site.requests[-1][1]["If-Modified-Since"] == "Mon, 02 Mar 2026 10:00:00 GMT"
    assert (await only(room)).interval_seconds >= before
    clock.advance(days=2)
    assert (await poll_due(room, DEFAULT_TENANT)).unchanged == 1


async def test_a_server_without_validators_is_unchanged_by_its_bytes(room: NewsRoom, site: Site, clock: Time) -> None:
    await niche(room)
    site.documents["/feed"] = rss(item("One", link="https://a.example/1"))
    await source(room, site.url("/feed"))
    await poll_due(room, DEFAULT_TENANT)
    clock.advance(days=2)
    assert (await poll_due(room, DEFAULT_TENANT)).unchanged == 1


async def test_the_first_fetch_does_not_flood(room: NewsRoom, site: Site, database: Database, clock: Time) -> None:
    await niche(room)
    old = [
        item(f"Old {n}", link=f"https://a.example/{n}", text=unlike(n), published=clock.now - timedelta(days=n + 1))
        for n in range(30)
    ]
    site.documents["/feed"] = rss(*old)
    await source(room, site.url("/feed"))
    await poll_due(room, DEFAULT_TENANT)
    statuses = await rows(database, "SELECT title, status FROM news.articles")
    assert {row["title"] for row in statuses if row["status"] == "new"} == {f"Old {n}" for n in range(10)}
    assert len(statuses) == 30
    [event] = await events(database)
    assert len(event["stories"]) == 10
    # What comes later is new, however much it is.
    clock.advance(days=2)
    site.documents["/feed"] = rss(
        *(
            item(f"New {n}", link=f"https://b.example/{n}", text=unlike(100 + n), published=clock.now)
            for n in range(12)
        ),
        *old,
    )
    await poll_due(room, DEFAULT_TENANT)
    later = await rows(database, "SELECT status FROM news.articles WHERE title LIKE 'New%'")
    assert Counter(row["status"] for row in later) == {"new": 12}


async def test_a_first_fetch_that_failed_is_still_to_come(
    room: NewsRoom, site: Site, database: Database, clock: Time
) -> None:
    await niche(room)
    await source(room, site.url("/feed"))
    await poll_due(room, DEFAULT_TENANT)
    clock.advance(days=1)
    site.documents["/feed"] = rss(*(item(f"T {n}", link=f"https://a.example/{n}", text=unlike(n)) for n in range(15)))
    await poll_due(room, DEFAULT_TENANT)
    statuses = await rows(database, "SELECT status FROM news.articles")
    assert Counter(row["status"] for row in statuses) == {"new": 10, "backlog": 5}


async def test_an_edited_item_is_a_revision(room: NewsRoom, site: Site, database: Database, clock: Time) -> None:
    await niche(room)
    site.documents["/feed"] = rss(item("Mayor resigns", link="https://a.example/1", guid="1"))
    await source(room, site.url("/feed"))
    await poll_due(room, DEFAULT_TENANT)
    clock.advance(days=1)
    site.documents["/feed"] = rss(
        item("Mayor does not resign", link="https://a.example/1", guid="1", text=TEXT + "Corrected.")
    )
    report = await poll_due(room, DEFAULT_TENANT)
    assert (report.discovered, report.revised) == (0, 1)
    [article] = await rows(database, "SELECT * FROM news.articles")
    assert (article["title"], article["revision"]) == ("Mayor does not resign", 2)
    [old] = await rows(database, "SELECT * FROM news.revisions")
    assert (old["title"], old["revision"], old["content"]) == ("Mayor resigns", 1, TEXT.strip())
    event = (await events(database))[-1]
    assert event["revised"] == [str(article["id"])]
    assert event["stories"] == [str(article["story_id"])]
    assert event["articles"] == {}
    [story] = await rows(database, "SELECT title FROM news.stories")
    assert story["title"] == "Mayor does not resign"
    clock.advance(days=1)
    site.documents["/feed"] += " "
    assert (await poll_due(room, DEFAULT_TENANT)).revised == 0
    # And back again: what the source says now is what counts.
    clock.advance(days=1)
    site.documents["/feed"] = rss(item("Mayor resigns", link="https://a.example/1", guid="1"))
    assert (await poll_due(room, DEFAULT_TENANT)).revised == 1


async def test_a_changed_guid_is_not_a_new_article(room: NewsRoom, site: Site, database: Database, clock: Time) -> None:
    await niche(room)
    site.documents["/feed"] = rss(item("One", link="https://a.example/1", guid="old"))
    await source(room, site.url("/feed"))
    await poll_due(room, DEFAULT_TENANT)
    for link, guid, text in (
        ("https://a.example/1?utm_source=rss", "new", TEXT),
        ("https://moved.example/one", "newer", TEXT),
        ("https://a.example/1", "newest", TEXT + "Corrected."),
    ):
        clock.advance(days=1)
        site.documents["/feed"] = rss(item("One", link=link, guid=guid, text=text))
        assert (await poll_due(room, DEFAULT_TENANT)).discovered == 0
    [article] = await rows(database, "SELECT revision, content FROM news.articles")
    assert article["revision"] == 2
    assert article["content"].endswith("Corrected.")


async def test_copies_and_reports_of_one_event_become_one_story(room: NewsRoom, site: Site, database: Database) -> None:
    await niche(room)
    own = (
        "Four hundred trees are to shade the northern ring road of Varnhem, its council decided. Mayor Ilse Brandt "
        "wants them planted from October on; the region pays a third of the half million crowns."
    )
    site.documents["/a"] = rss(item("Council of Varnhem decides on four hundred trees", link="https://a.example/1"))
    site.documents["/b"] = rss(item("Trees for Varnhem", link="https://b.example/9", text="(Agency) " + TEXT[:300]))
    site.documents["/c"] = rss(
        item("Varnhem council: four hundred trees for the ring road", link="https://c.example/7", text=own)
    )
    site.documents["/d"] = rss(item("Something else", link="https://d.example/7", text=unlike(1)))
    for path in "abcd":
        await source(room, site.url(f"/{path}"), title=path)
        await poll_due(room, DEFAULT_TENANT)
    stories = await rows(database, "SELECT * FROM news.stories ORDER BY article_count DESC")
    assert [story["article_count"] for story in stories] == [3, 1]
    assert stories[0]["independent_sources"] == 2
    assert "2 independent sources" in stories[0]["reasons"]
    assert stories[0]["model"] > stories[1]["model"]
    all_events = await events(database)
    changed = [str(stories[0]["id"]) in event["stories"] for event in all_events]
    # The wire copy brings nothing to say; the other report does.
    assert changed == [True, False, True, False]


async def test_stories_agree_between_processes_and_after_a_restart(
    room: NewsRoom, site: Site, database: Database
) -> None:
    await niche(room)
    other = NewsRoom(
        database=room.database, bus=room.bus, fetcher=room.fetcher, settings=room.settings, clock=room.clock
    )
    for number, place in enumerate((room, other, room, other)):
        site.documents[f"/{number}"] = rss(
            item(f"Council decides, says number {number}", link=f"https://a.example/{number}"),
            item("Alone", link=f"https://a.example/alone{number}", text=unlike(number)),
        )
        await source(place, site.url(f"/{number}"), title=str(number))
        await poll_due(place, DEFAULT_TENANT)
    counts = await rows(database, "SELECT article_count FROM news.stories ORDER BY 1")
    assert [row["article_count"] for row in counts] == [1, 1, 1, 1, 4]


async def test_processes_at_once_store_each_article_once(
    room: NewsRoom, site: Site, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    await niche(room)
    real = store.articles.known

    async def slow(tx: Transaction, keys: Sequence[UUID]) -> dict[UUID, Known]:
        found = await real(tx, keys)
        await asyncio.sleep(0.05)
        return found

    monkeypatch.setattr(store.articles, "known", slow)
    for number in range(12):
        site.documents[f"/{number}"] = rss(
            item("Shared", link="https://a.example/shared", guid=f"shared-{number}"),
            item(f"Own {number}", link=f"https://a.example/{number}", text=unlike(number)),
        )
        await source(room, site.url(f"/{number}"), title=str(number))
    settings = room.settings.model_copy(update={"batch_sources": 2})
    rooms = [
        NewsRoom(database=room.database, bus=room.bus, fetcher=room.fetcher, settings=settings, clock=room.clock)
        for _ in range(4)
    ]
    reports = await asyncio.gather(*(poll_due(one, DEFAULT_TENANT) for one in rooms))
    assert sum(report.sources for report in reports) == 12
    assert sum(report.stored for report in reports) == 13
    [count] = await rows(database, "SELECT count(*) AS n, count(DISTINCT id) AS ids FROM news.articles")
    assert (count["n"], count["ids"]) == (13, 13)
    logged = [one for event in await events(database) for ids in event["articles"].values() for one in ids]
    assert len(logged) == len(set(logged)) == 13


async def test_a_failing_source_says_why_backs_off_and_heals(room: NewsRoom, site: Site, clock: Time) -> None:
    await niche(room)
    await source(room, site.url("/feed"))
    pauses = []
    for _ in range(3):
        report = await poll_due(room, DEFAULT_TENANT)
        assert report.failed == 1
        now = await only(room)
        pauses.append((now.next_poll_at - clock.now).total_seconds())
        clock.now = now.next_poll_at
    assert now.state == "failing"
    assert now.failures == 3
    assert "404" in (now.last_error or "")
    assert "Look for the feed's new address" in (now.last_error or "")
    assert report.failures[0].error == now.last_error
    assert 1.7 < pauses[1] / pauses[0] < 2.3
    assert 1.7 < pauses[2] / pauses[1] < 2.3
    site.documents["/feed"] = rss(item("One", link="https://a.example/1"))
    assert (await poll_due(room, DEFAULT_TENANT)).stored == 1
    healed = await only(room)
    assert (healed.state, healed.failures, healed.last_error) == ("ok", 0, None)


async def test_one_bad_source_does_not_stop_the_others(room: NewsRoom, site: Site) -> None:
    await niche(room)
    site.documents["/good"] = rss(item("One", link="https://a.example/1"))
    site.documents["/page"] = "<html><body>Not a feed</body></html>"
    site.documents["/bytes"] = b"\x00\xff\x00garbage"
    for path in ("/good", "/page", "/bytes", "/missing"):
        await source(room, site.url(path), title=path)
    await source(room, "http://127.0.0.1:9/refused", title="refused")
    report = await poll_due(room, DEFAULT_TENANT)
    assert (report.stored, report.failed, report.changed) == (1, 4, 1)
    health = {one.title: one.last_error for one in await list_sources(room, DEFAULT_TENANT)}
    assert health["/good"] is None
    assert "web page" in (health["/page"] or "")
    assert "no connection" in (health["refused"] or "")


async def test_retry_after_is_honoured(room: NewsRoom, site: Site, clock: Time) -> None:
    await niche(room)
    site.documents["/feed"] = lambda _: web.Response(status=429, headers={"Retry-After": "90000"})
    await source(room, site.url("/feed"))
    await poll_due(room, DEFAULT_TENANT)
    assert (await only(room)).next_poll_at >= clock.now + timedelta(seconds=90_000)


async def test_a_feed_that_is_gone_is_paused(room: NewsRoom, site: Site, clock: Time) -> None:
    await niche(room)
    site.documents["/feed"] = lambda _: web.Response(status=410)
    await source(room, site.url("/feed"))
    await poll_due(room, DEFAULT_TENANT)
    now = await only(room)
    assert now.paused
    assert "gone for good" in (now.last_error or "")
    clock.advance(days=30)
    assert (await poll_due(room, DEFAULT_TENANT)).sources == 0


async def test_a_permanent_redirect_changes_the_address_a_temporary_one_does_not(
    room: NewsRoom, site: Site, clock: Time
) -> None:
    await niche(room)
    site.documents["/new"] = rss(item("One", link="https://a.example/1"))
    site.documents["/elsewhere"] = rss(item("Two", link="https://a.example/2", text=unlike(2)))
    site.documents["/temporary"] = lambda _: web.Response(status=302, headers={"Location": "/elsewhere"})
    site.documents["/old"] = lambda _: web.Response(status=301, headers={"Location": "/new"})
    moved, stays = (
        await source(room, site.url("/old"), title="a"),
        await source(room, site.url("/temporary"), title="b"),
    )
    await poll_due(room, DEFAULT_TENANT)
    urls = {one.id: one.url for one in await list_sources(room, DEFAULT_TENANT)}
    assert urls == {moved.id: site.url("/new"), stays.id: site.url("/temporary")}
    # A second source that moves to the address of the first keeps its own.
    third = await source(room, site.url("/old"), title="c")
    await poll_due(room, DEFAULT_TENANT)
    urls = {one.id: one.url for one in await list_sources(room, DEFAULT_TENANT)}
    assert urls[third.id] == site.url("/old")


async def test_a_lease_keeps_others_away_until_it_ends(
    room: NewsRoom, site: Site, database: Database, clock: Time
) -> None:
    await niche(room)
    site.documents["/feed"] = rss(item("One", link="https://a.example/1"))
    await source(room, site.url("/feed"))
    # A process claimed it, and was killed.
    await rows(database, "UPDATE news.sources SET poll_lease_until = :until RETURNING id", until=clock.now + LEASE)
    assert (await poll_due(room, DEFAULT_TENANT)).sources == 0
    clock.advance(seconds=LEASE.total_seconds() + 1)
    assert (await poll_due(room, DEFAULT_TENANT)).stored == 1


async def test_given_sources_are_polled_though_not_due(room: NewsRoom, site: Site) -> None:
    await niche(room)
    site.documents["/feed"] = rss(item("One", link="https://a.example/1"))
    await source(room, site.url("/feed"))
    await poll_due(room, DEFAULT_TENANT)
    assert (await poll_due(room, DEFAULT_TENANT)).sources == 0
    ids = await source_ids(room, DEFAULT_TENANT, ["technology"])
    assert (await poll_due(room, DEFAULT_TENANT, sources=ids)).unchanged == 1


async def test_a_source_deleted_while_it_is_polled_stores_nothing(
    room: NewsRoom, site: Site, database: Database
) -> None:
    await niche(room)
    added = await source(room, site.url("/feed"))
    deleting: list[asyncio.Task[object]] = []

    def answer(_request: web.Request) -> web.Response:
        statement = "UPDATE news.sources SET deleted_at = now() WHERE id = :id RETURNING id"
        deleting.append(asyncio.create_task(rows(database, statement, id=added.id)))
        return web.Response(text=rss(item("One", link="https://a.example/1")))

    site.documents["/feed"] = answer
    hold = asyncio.create_task(poll_due(room, DEFAULT_TENANT))
    report = await hold
    await asyncio.gather(*deleting)
    stored = await rows(database, "SELECT id FROM news.articles")
    # Whichever came first, report and table agree.
    assert report.stored == len(stored)


async def test_nothing_of_a_batch_is_stored_when_its_transaction_fails(
    room: NewsRoom, site: Site, database: Database, clock: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    await niche(room)
    for number in range(3):
        site.documents[f"/{number}"] = rss(item("Same", link=f"https://a.example/{number}"))
        await source(room, site.url(f"/{number}"), title=str(number))
    real = fold.write_stories

    async def broken(*_args: object) -> dict[UUID, float]:
        raise RuntimeError("the machine was switched off")

    monkeypatch.setattr(fold, "write_stories", broken)
    with pytest.raises(RuntimeError):
        await poll_due(room, DEFAULT_TENANT)
    for table in ("articles", "article_keys", "stories", "folds"):
        assert not await rows(database, f"SELECT 1 FROM news.{table}")
    assert not await events(database)
    monkeypatch.setattr(fold, "write_stories", real)
    clock.advance(seconds=LEASE.total_seconds() + 1)
    report = await poll_due(room, DEFAULT_TENANT)
    # The search did not keep what was rolled back: all three are one story that exists.
    assert report.discovered == report.stored == 3
    [story] = await rows(database, "SELECT article_count FROM news.stories")
    assert story["article_count"] == 3


async def test_a_search_that_did_not_commit_is_read_again(
    room: NewsRoom, site: Site, database: Database, clock: Time, monkeypatch: pytest.MonkeyPatch
) -> None:
    await niche(room)
    site.documents["/lost"] = rss(item("Lost", link="https://a.example/0", text=unlike(1)))
    await source(room, site.url("/lost"), title="lost")

    async def broken(*_args: object) -> dict[UUID, float]:
        raise RuntimeError("the machine was switched off")

    with monkeypatch.context() as patched:
        patched.setattr(fold, "write_stories", broken)
        with pytest.raises(RuntimeError):
            await poll_due(room, DEFAULT_TENANT)
    # Another process makes the fold of the number that this one's had; then this one sees a copy.
    other = NewsRoom(
        database=room.database, bus=room.bus, fetcher=room.fetcher, settings=room.settings, clock=room.clock
    )
    for number, place in enumerate((other, room)):
        site.documents[f"/{number}"] = rss(item(f"Council, {number}", link=f"https://a.example/c{number}"))
        added = await source(room, site.url(f"/{number}"), title=str(number))
        assert (await poll_due(place, DEFAULT_TENANT, sources=[added.id])).stored == 1
    [story] = await rows(database, "SELECT article_count FROM news.stories")
    assert story["article_count"] == 2


async def test_an_entry_the_database_refuses_fails_its_source_alone(
    room: NewsRoom, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await niche(room)
    site.documents["/good"] = rss(item("Good", link="https://a.example/1"))
    site.documents["/bad"] = rss(item("Bad", link="https://a.example/2", text=unlike(2)))
    await source(room, site.url("/good"), title="good")
    await source(room, site.url("/bad"), title="bad")
    from pulse.news import intake

    real = intake._row

    def poisoned(article: intake.Article, placed: object) -> tuple[Any, ...]:
        row = real(article, placed)  # type: ignore[arg-type]
        return tuple("\0" if value == "Bad" else value for value in row)

    monkeypatch.setattr(intake, "_row", poisoned)
    report = await poll_due(room, DEFAULT_TENANT)
    assert (report.stored, report.failed) == (1, 1)
    health = {one.title: one.state for one in await list_sources(room, DEFAULT_TENANT)}
    assert health == {"good": "ok", "bad": "failing"}


async def test_intervals_follow_the_feed(room: NewsRoom, site: Site, clock: Time) -> None:
    await niche(room)
    busy = [clock.now - timedelta(minutes=4 * n) for n in range(20)]
    slow = [clock.now - timedelta(days=20 * n) for n in range(20)]
    for name, moments in (("busy", busy), ("slow", slow)):
        site.documents[f"/{name}"] = rss(
            *(
                item(f"{name} {n}", link=f"https://{name}.example/{n}", text=unlike(n), published=at)
                for n, at in enumerate(moments)
            )
        )
        await source(room, site.url(f"/{name}"), title=name)
    site.documents["/asks"] = rss(
        *(item(f"asks {n}", link=f"https://asks.example/{n}", published=at) for n, at in enumerate(busy)),
        head="<ttl>120</ttl>",
    )
    await source(room, site.url("/asks"), title="asks")
    await poll_due(room, DEFAULT_TENANT)
    pause = {
        one.title: (one.next_poll_at - clock.now).total_seconds() for one in await list_sources(room, DEFAULT_TENANT)
    }
    assert 280 < pause["busy"] < 320
    assert pause["slow"] > 80_000
    assert pause["asks"] >= 7_200


async def test_niches_do_not_see_each_others_articles(room: NewsRoom, site: Site, database: Database) -> None:
    site.documents["/feed"] = rss(item("One", link="https://a.example/1"))
    for name in ("science", "technology"):
        await niche(room, name)
        await source(room, site.url("/feed"), name=name)
    report = await poll_due(room, DEFAULT_TENANT)
    assert report.stored == 2
    assert sorted(event["niche"] for event in await events(database)) == ["science", "technology"]
