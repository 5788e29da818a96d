"""A rebuild from the log gives the live tables again, whatever else goes on."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from pulse.analytics import handlers
from pulse.analytics.service import AnalyticsRoom
from pulse.bus.bus import Bus
from pulse.bus.declarations import Declarations, Projection
from pulse.bus.errors import NotProjected
from pulse.bus.events import Aggregate, Event
from pulse.bus.replay import rebuild
from pulse.kernel.tenant import DEFAULT_TENANT, TenantId
from pulse.news.events import NewsFetched
from pulse.social import events, store
from pulse.storage.engine import Database, Transaction
from tests.integration.analytics.facts import Tell, do_work, failed, fetched, published

ARTICLES, DELIVERIES, POSTS = "analytics.articles", "analytics.deliveries", "social.posts"


async def test_a_rebuild_equals_the_live_tables(room: AnalyticsRoom, tell: Tell, other: TenantId) -> None:
    for event in (fetched("sport", 3), fetched("sport", 4), fetched("art", 5), published("art"), failed()):
        await tell(event)
    await tell(fetched("sport", 9), other)
    for check in (True, False):
        report = await rebuild(room.database, room.bus.declarations, "analytics", DEFAULT_TENANT, check=check)
        assert report.equal
        assert report.kept is not check
        assert report.events == 5
        assert (report.tables[DELIVERIES].before, report.tables[DELIVERIES].after) == (2, 2)
        assert report.tables[ARTICLES].before == report.tables[ARTICLES].after >= 2
    assert (await handlers.live(room, DEFAULT_TENANT)).articles_per_minute == 2.4
    assert (await handlers.live(room, other)).articles_per_minute == 1.8


async def test_a_table_that_lies_is_found_and_mended(room: AnalyticsRoom, tell: Tell) -> None:
    await tell(fetched("sport", 5))
    async with room.database.transaction(DEFAULT_TENANT) as tx:
        await tx.execute("UPDATE analytics.articles SET articles = 500")
    found = await rebuild(room.database, room.bus.declarations, "analytics", DEFAULT_TENANT, check=True)
    assert not found.equal
    assert not found.tables[ARTICLES].equal
    assert found.tables[DELIVERIES].equal
    assert (await handlers.live(room, DEFAULT_TENANT)).articles_per_minute == 100, "a check changes nothing"
    await rebuild(room.database, room.bus.declarations, "analytics", DEFAULT_TENANT, check=False)
    assert (await handlers.live(room, DEFAULT_TENANT)).articles_per_minute == 1


async def test_work_still_in_the_queue_is_not_counted_twice(room: AnalyticsRoom, tell: Tell) -> None:
    await tell(fetched("sport", 5))
    await tell(fetched("sport", 10), work=False)
    report = await rebuild(room.database, room.bus.declarations, "analytics", DEFAULT_TENANT, check=False)
    assert report.equal
    assert report.events == 1
    await do_work(room)
    assert (await handlers.live(room, DEFAULT_TENANT)).articles_per_minute == 3


async def test_a_transaction_open_elsewhere_hides_nothing(room: AnalyticsRoom, tell: Tell) -> None:
    async with room.database.transaction(DEFAULT_TENANT) as older:
        await older.scalar("SELECT pg_current_xact_id()")
        await tell(fetched("sport", 5))
        report = await rebuild(room.database, room.bus.declarations, "analytics", DEFAULT_TENANT, check=False)
    assert report.equal
    assert report.events == 1


@pytest.fixture
def social(bus: Bus) -> Bus:
    projection = Projection((POSTS,), events.ALL, store.apply)
    bus.declare(Declarations("social", publishes=events.ALL, projections=(projection,)), serve=False)
    return bus


def drafted() -> events.PostDrafted:
    return events.PostDrafted(
        niche="sport",
        channel_id=uuid4(),
        channel_kind="site",
        summary_id=uuid4(),
        story_id=uuid4(),
        score=0.61,
        content={"title": "A match", "sentences": []},
        text="A match",
        doubts=[],
    )


def approved() -> events.PostApproved:
    return events.PostApproved(by="me", scheduled_at=datetime.now(UTC))


async def happen(bus: Bus, tx: Transaction, post: UUID, *facts: Event) -> None:
    for fact in facts:
        await bus.append(tx, fact, Aggregate("post", post))


async def test_posts_are_what_their_events_say(database: Database, social: Bus) -> None:
    frozen = events.PostFrozen(key="k", payload={"text": "A match"})
    sending, uncertain = events.PostSending(attempt=1), events.PostUncertain(reason="a time-out")
    lives: tuple[tuple[Event, ...], ...] = (
        (drafted(), approved(), frozen, sending, uncertain, published("sport")),
        (drafted(), approved(), frozen, sending, failed(), events.PostRetried(by="me")),
        (drafted(), events.PostRejected(by="me", reason="dull")),
        (drafted(),),
    )
    for life in lives:
        async with database.transaction(DEFAULT_TENANT) as tx:
            await happen(social, tx, uuid4(), *life)
    report = await rebuild(database, social.declarations, "social", DEFAULT_TENANT, check=False)
    assert report.equal
    assert report.tables[POSTS].after == 4
    assert report.events == sum(len(life) for life in lives)
    async with database.transaction(DEFAULT_TENANT) as tx:
        states = await store.count_by_state(tx)
    assert states == {"published": 1, "scheduled": 1, "rejected": 1, "draft": 1}


async def test_an_older_transaction_that_writes_later_comes_later(database: Database, social: Bus) -> None:
    post = uuid4()
    async with database.transaction(DEFAULT_TENANT) as older:
        await older.scalar("SELECT pg_current_xact_id()")
        async with database.transaction(DEFAULT_TENANT) as younger:
            await happen(social, younger, post, drafted())
        await happen(social, older, post, approved())
    assert (await rebuild(database, social.declarations, "social", DEFAULT_TENANT, check=True)).equal


async def test_a_service_without_projections_cannot_be_rebuilt(database: Database, bus: Bus) -> None:
    bus.declare(Declarations("news", publishes=(NewsFetched,)), serve=False)
    for name in ("news", "nothing"):
        with pytest.raises(NotProjected):
            await rebuild(database, bus.declarations, name, DEFAULT_TENANT, check=True)
