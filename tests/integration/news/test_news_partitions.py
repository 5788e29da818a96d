"""Articles by month, and the index of the list."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from pulse.kernel.tenant import DEFAULT_TENANT
from pulse.news import store
from pulse.news.handlers.upkeep import make_article_partitions
from pulse.news.poll import poll_due
from pulse.news.room import NewsRoom
from pulse.news.store.articles import LIST, OF_STORIES, ONE, STORED
from pulse.news.store.stories import MEMBERS
from pulse.storage.engine import Database
from pulse.storage.partitions import make_partitions
from tests.integration.news.conftest import Site, Time, item, rss
from tests.integration.news.sources import niche, rows, source, unlike


async def months(database: Database) -> list[str]:
    found = await rows(
        database,
        """SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
           WHERE inhparent = 'news.articles'::regclass ORDER BY 1""",
    )
    return [row["relname"].removeprefix("articles_") for row in found]


async def test_migration_makes_this_month_and_three_more(database: Database) -> None:
    now = datetime.now(UTC)
    expected = [f"{now.year + (now.month - 1 + n) // 12}_{(now.month - 1 + n) % 12 + 1:02}" for n in range(4)]
    assert await months(database) == expected


async def test_a_new_month_needs_no_person(room: NewsRoom, site: Site, database: Database, clock: Time) -> None:
    await niche(room)
    site.documents["/feed"] = rss(item("One", link="https://a.example/1"))
    await source(room, site.url("/feed"))
    # Pulse runs on: the daily schedule is all that happens.
    for _ in range(8):
        clock.advance(days=31)
        await make_article_partitions(room, DEFAULT_TENANT)
    assert len(await months(database)) >= 12
    report = await poll_due(room, DEFAULT_TENANT)
    assert report.stored == 1
    [article] = await rows(database, "SELECT tableoid::regclass::text AS part FROM news.articles")
    assert article["part"] == f"news.articles_{clock.now:%Y_%m}"


async def test_partitions_are_made_once_and_only_by_month(database: Database) -> None:
    before = await months(database)
    async with database.transaction(DEFAULT_TENANT) as tx:
        assert await make_partitions(tx, "news.articles", datetime.now(UTC)) == 0
        assert await make_partitions(tx, "news.articles", datetime.now(UTC) + timedelta(days=62)) == 2
    assert len(await months(database)) == len(before) + 2


async def test_only_partitioned_tables_are_touched(database: Database) -> None:
    with pytest.raises(Exception, match="not a partitioned table"):
        async with database.transaction(DEFAULT_TENANT) as tx:
            await make_partitions(tx, "news.stories", datetime.now(UTC))


async def test_every_partition_has_its_policy_and_every_index(database: Database) -> None:
    async with database.transaction(DEFAULT_TENANT) as tx:
        await make_partitions(tx, "news.articles", datetime.now(UTC) + timedelta(days=200))
    parts = await rows(
        database,
        """SELECT relname, relrowsecurity AND relforcerowsecurity AS forced,
                  (SELECT count(*) FROM pg_policy WHERE polrelid = pg_class.oid) AS policies,
                  (SELECT count(*) FROM pg_index WHERE indrelid = pg_class.oid AND indisvalid) AS indexes
           FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = 'news.articles'::regclass""",
    )
    assert all((part["forced"], part["policies"], part["indexes"]) == (True, 1, 4) for part in parts), parts
    [index] = await rows(
        database, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'news.idx_articles_composite'::regclass"
    )
    assert index["indisvalid"]


async def test_the_application_cannot_reach_a_partition_past_its_parent(database: Database) -> None:
    with pytest.raises(Exception, match="permission denied"):
        await rows(database, f"SELECT * FROM news.articles_{(await months(database))[0]}")


async def test_the_list_query_uses_the_index(room: NewsRoom, site: Site, database: Database, database_url: str) -> None:
    await niche(room)
    for number in range(10):
        site.documents[f"/{number}"] = rss(
            *(item(f"{number} {n}", link=f"https://a.example/{number}/{n}", text=unlike(n)) for n in range(60))
        )
        await source(room, site.url(f"/{number}"), title=str(number))
    await poll_due(room, DEFAULT_TENANT)
    owner = await asyncpg.connect(database_url)
    await owner.execute("ANALYZE news.articles")
    await owner.close()
    async with database.transaction(DEFAULT_TENANT) as tx:
        driver = await tx.driver()
        last = datetime(9999, 1, 1, tzinfo=UTC), UUID(int=2**128 - 1)
        values = ["technology"], ["new", "backlog"], DEFAULT_TENANT, *last, 20
        plan = "\n".join(row[0] for row in await driver.fetch(f"EXPLAIN (ANALYZE) {LIST}", *values))
        assert "idx_articles_composite" in plan, plan
        assert "Seq Scan on articles" not in plan, plan
        listed = await store.articles.listed(tx, ["technology"], ["new", "backlog"], last, 20)
    created = [row["created_at"] for row in listed]
    assert created == sorted(created, reverse=True)
    assert len(listed) == 20


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        (STORED, "'{{{id}}}', 100, '2000-01-01'"),
        (ONE, "'{id}', NULL"),
        (OF_STORIES, "'{{{story_id}}}'"),
        (MEMBERS, "'{{{story_id}}}', 100"),
    ],
)
@pytest.mark.parametrize("mode", ["custom", "generic"])
async def test_before_the_first_statistics_an_article_is_found_by_its_own_index(
    room: NewsRoom, site: Site, database: Database, statement: str, values: str, mode: str
) -> None:
    await niche(room)
    site.documents["/feed"] = rss(*(item(str(n), link=f"https://a.example/{n}", text=unlike(n)) for n in range(600)))
    await source(room, site.url("/feed"))
    await poll_due(room, DEFAULT_TENANT)
    async with database.transaction(DEFAULT_TENANT) as tx:
        [article] = await tx.rows("SELECT id, story_id FROM news.articles LIMIT 1")
        driver = await tx.driver()
        await driver.execute(f"SET LOCAL plan_cache_mode = force_{mode}_plan")
        await driver.execute(f"PREPARE wanted AS {statement}")
        found = await driver.fetch(
            f"EXPLAIN (ANALYZE) EXECUTE wanted ('{DEFAULT_TENANT}', {values.format_map(article)})"
        )
        await driver.execute("DEALLOCATE wanted")
    plan = "\n".join(row[0] for row in found)
    assert "idx_articles_composite" not in plan, plan
    assert "Seq Scan on articles" not in plan, plan
    assert "rows=1.00" in plan, plan
