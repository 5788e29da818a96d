"""What the room counts, and who sees it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from sqlalchemy.exc import DBAPIError

from pulse.analytics import handlers, store
from pulse.analytics.client import AnalyticsClient
from pulse.analytics.service import AnalyticsRoom
from pulse.bus.declarations import Declarations, Job
from pulse.http import application
from pulse.http.client import Peer
from pulse.http.tokens import Principal, Role, Tokens
from pulse.kernel.tenant import DEFAULT_TENANT, TenantId
from pulse.service import Service
from tests.integration.analytics.facts import Tell, failed, fetched, published


@pytest.fixture
async def http(declared: Service, tokens: Tokens) -> AsyncIterator[httpx.AsyncClient]:
    async def ready() -> dict[str, str]:
        return {}

    app = application.build("analytics", declared.routers, tokens, ready=ready, max_body_bytes=1000)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://analytics") as client:
        yield client


def bearer(tokens: Tokens, tenant: TenantId) -> dict[str, str]:
    return {"authorization": f"Bearer {tokens.issue(Principal(tenant, 'me', Role.VIEWER), timedelta(minutes=5))}"}


async def test_an_idle_installation_has_no_success_rate(room: AnalyticsRoom) -> None:
    figures = await handlers.live(room, DEFAULT_TENANT)
    assert (figures.articles_per_minute, figures.active_jobs) == (0, 0)
    assert figures.success_rate is None
    assert figures.engagement_score is None


async def test_live_figures(room: AnalyticsRoom, tell: Tell) -> None:
    for event in (fetched("technology", 30), fetched("technology", 5), fetched("sport", 15), fetched("sport", 0)):
        await tell(event)
    for outcome in (published("sport"), published("technology"), published("technology"), failed()):
        await tell(outcome)
    figures = await handlers.live(room, DEFAULT_TENANT)
    assert figures.articles_per_minute == 10
    assert figures.success_rate == 0.75
    assert abs(figures.at - datetime.now(UTC)) < timedelta(seconds=5)


async def test_live_figures_forget(room: AnalyticsRoom, tell: Tell) -> None:
    await tell(fetched("sport", 5))
    await tell(failed())
    later = replace(room, clock=lambda: datetime.now(UTC) + timedelta(minutes=7))
    figures = await handlers.live(later, DEFAULT_TENANT)
    assert (figures.articles_per_minute, figures.success_rate) == (0, 0)
    tomorrow = replace(room, clock=lambda: datetime.now(UTC) + timedelta(hours=25))
    assert (await handlers.live(tomorrow, DEFAULT_TENANT)).success_rate is None


async def test_active_jobs_are_due_or_under_way(room: AnalyticsRoom, other: TenantId) -> None:
    async def never(_tenant: TenantId, _payload: object) -> None: ...

    room.bus.declare(Declarations("elsewhere", jobs=(Job("elsewhere/do", never),)), serve=False)
    async with room.database.transaction(DEFAULT_TENANT) as tx:
        await room.bus.enqueue(tx, "elsewhere/do", {})
        await room.bus.enqueue(tx, "elsewhere/do", {})
        await room.bus.enqueue(tx, "elsewhere/do", {}, at=datetime.now(UTC) + timedelta(hours=1))
        await tx.execute(
            """UPDATE bus.work SET acquired_at = now(), acquired_token = gen_random_uuid()
               WHERE id = (SELECT min(id) FROM bus.work)"""
        )
    assert (await handlers.live(room, DEFAULT_TENANT)).active_jobs == 2
    assert (await handlers.live(room, other)).active_jobs == 0


async def test_work_done_twice_counts_once(room: AnalyticsRoom, tell: Tell) -> None:
    event = await tell(fetched("sport", 10))
    for _ in range(3):
        await room.bus.work("analytics/news.fetched", DEFAULT_TENANT, {"event": str(event.id)}, {})
    assert (await handlers.live(room, DEFAULT_TENANT)).articles_per_minute == 2


async def test_daily_statistics(room: AnalyticsRoom, tell: Tell, http: httpx.AsyncClient, tokens: Tokens) -> None:
    for event in (fetched("technology", 30), fetched("technology", 5), fetched("sport", 15), published("technology")):
        await tell(event)
    await tell(failed())
    headers = bearer(tokens, DEFAULT_TENANT)
    assert (await http.get("/stats/daily", headers=headers)).json() == {"days": []}, "before the refresh"
    await handlers.refresh(room, DEFAULT_TENANT)
    today = datetime.now(UTC).date().isoformat()
    sport = {"date": today, "niche": "sport", "article_count": 15, "posts": 0, "avg_engagement": None}
    technology = {"date": today, "niche": "technology", "article_count": 35, "posts": 1, "avg_engagement": None}
    assert (await http.get("/stats/daily", headers=headers)).json() == {"days": [sport, technology]}
    assert (await http.get("/stats/daily?niche=sport&days=1", headers=headers)).json() == {"days": [sport]}
    tomorrow = replace(room, clock=lambda: datetime.now(UTC) + timedelta(days=1))
    assert (await handlers.daily(tomorrow, DEFAULT_TENANT, None, 1)).days == []
    assert len((await handlers.daily(tomorrow, DEFAULT_TENANT, None, 2)).days) == 2


async def test_another_tenant_sees_nothing(
    room: AnalyticsRoom, tell: Tell, other: TenantId, http: httpx.AsyncClient, tokens: Tokens
) -> None:
    await tell(fetched("sport", 15))
    await tell(published("sport"))
    await tell(fetched("gardening", 5), other)
    await handlers.refresh(room, DEFAULT_TENANT)
    theirs = await http.get("/stats/daily", headers=bearer(tokens, other))
    assert [day["niche"] for day in theirs.json()["days"]] == ["gardening"]
    live = (await http.get("/stats/live", headers=bearer(tokens, other))).json()
    assert (live["articles_per_minute"], live["success_rate"]) == (1, None)


async def test_the_application_cannot_read_the_materialised_view(room: AnalyticsRoom) -> None:
    with pytest.raises(DBAPIError, match="permission denied for materialized view"):
        async with room.database.transaction(DEFAULT_TENANT) as tx:
            await tx.execute("SELECT * FROM analytics.daily_stats")


async def test_nothing_without_a_tenant(room: AnalyticsRoom, tell: Tell) -> None:
    await tell(fetched("sport", 15))
    await handlers.refresh(room, DEFAULT_TENANT)
    async with room.database.transaction(DEFAULT_TENANT) as tx:
        await tx.execute("SELECT set_config('pulse.tenant', '', true)")
        for table in ("articles", "deliveries", "daily_stats_of_tenant"):
            assert await tx.scalar(f"SELECT count(*) FROM analytics.{table}") == 0


async def test_a_refresh_blocks_no_reader(room: AnalyticsRoom, tell: Tell) -> None:
    await tell(fetched("sport", 15))
    await handlers.refresh(room, DEFAULT_TENANT)
    await tell(fetched("sport", 1))
    async with room.database.transaction(DEFAULT_TENANT) as refreshing:
        assert await store.refresh_daily_stats(refreshing)
        async with room.database.transaction(DEFAULT_TENANT) as reading:
            await reading.execute("SET LOCAL statement_timeout = '2s'")
            (day,) = await store.days(reading, datetime.now(UTC).date() - timedelta(days=1), None)
            assert day["article_count"] == 15, "the refresh is not committed"
            assert not await store.refresh_daily_stats(reading), "only one at a time"
    assert (await handlers.daily(room, DEFAULT_TENANT, None, 2)).days[0].article_count == 16


async def test_the_schedules_work_once_for_all_tenants(
    room: AnalyticsRoom, declared: Service, tell: Tell, other: TenantId
) -> None:
    await tell(fetched("gardening", 5), other)
    (refresh,) = (every for every in declared.bus.schedules if every.name == "refresh_daily_stats")
    await refresh.tick(other)
    assert (await handlers.daily(room, other, None, 2)).days == []
    await refresh.tick(DEFAULT_TENANT)
    assert (await handlers.daily(room, other, None, 2)).days[0].article_count == 5


async def test_refusals(http: httpx.AsyncClient, tokens: Tokens) -> None:
    assert (await http.get("/stats/live")).status_code == 401
    assert (await http.get("/stats/daily")).status_code == 401
    for query in ("days=0", "days=367", "days=x", f"niche={'n' * 201}"):
        answer = await http.get(f"/stats/daily?{query}", headers=bearer(tokens, DEFAULT_TENANT))
        assert answer.status_code == 422
        assert answer.headers["content-type"] == "application/problem+json"


async def test_the_client_gives_the_models(
    room: AnalyticsRoom, tell: Tell, http: httpx.AsyncClient, tokens: Tokens
) -> None:
    await tell(fetched("sport", 15))
    await handlers.refresh(room, DEFAULT_TENANT)
    client = AnalyticsClient(Peer(http, tokens, caller="web", service="analytics"))
    assert (await client.live(DEFAULT_TENANT)).articles_per_minute == 3
    assert (await client.daily(DEFAULT_TENANT, niche="sport")).days[0].article_count == 15
