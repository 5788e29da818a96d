"""What the analytics room does."""

from datetime import timedelta

from pulse.analytics import store
from pulse.analytics.figures import MINUTE, RATE_WINDOW, SUCCESS_WINDOW, per_minute, success_rate
from pulse.analytics.models import DailyStats, DayStats, LiveStats
from pulse.analytics.room import AnalyticsRoom
from pulse.bus import queue
from pulse.bus.events import StoredEvent
from pulse.kernel.tenant import TenantId
from pulse.news.events import NewsFetched
from pulse.social.events import PostFailed, PostPublished
from pulse.storage.engine import Transaction


async def count(tx: Transaction, event: StoredEvent) -> None:
    """Fold one event into the facts: live, and when they are rebuilt from the log."""
    data = event.data
    if event.name == NewsFetched.name:
        articles = sum(len(brought) for brought in data["articles"].values())
        if articles:
            minute = event.occurred_at.replace(second=0, microsecond=0)
            await store.add_articles(tx, data["niche"], minute, articles)
    elif event.name in (PostPublished.name, PostFailed.name):
        await store.add_delivery(
            tx,
            event_id=event.id,
            post_id=event.aggregate.id,
            niche=data.get("niche"),
            channel_kind=data.get("channel_kind"),
            published=event.name == PostPublished.name,
            at=event.occurred_at,
        )


async def live(room: AnalyticsRoom, tenant: TenantId) -> LiveStats:
    """Return the figures of this moment."""
    now = room.clock()
    async with room.database.transaction(tenant) as tx:
        articles = await store.articles_by_minute(tx, now - RATE_WINDOW - MINUTE)
        published, failed = await store.outcomes(tx, now - SUCCESS_WINDOW)
        jobs = await queue.active(tx)
    return LiveStats(
        articles_per_minute=round(per_minute(articles, now), 2),
        active_jobs=jobs,
        success_rate=success_rate(published, failed),
        engagement_score=None,
        at=now,
    )


async def daily(room: AnalyticsRoom, tenant: TenantId, niche: str | None, days: int) -> DailyStats:
    """Return the statistics of the last `days` days, today included, as of the last refresh."""
    since = room.clock().date() - timedelta(days=days - 1)
    async with room.database.transaction(tenant) as tx:
        rows = await store.days(tx, since, niche)
    return DailyStats(days=[DayStats(**row) for row in rows])


async def refresh(room: AnalyticsRoom, tenant: TenantId) -> None:
    """Refresh the daily statistics."""
    if await _speaks_for_all(room, tenant):
        async with room.database.transaction(tenant) as tx:
            await store.refresh_daily_stats(tx)


async def measure_queue(room: AnalyticsRoom, tenant: TenantId) -> None:
    """Set the gauge of waiting work."""
    if await _speaks_for_all(room, tenant):
        await queue.measure(room.database, room.bus.declarations)


async def _speaks_for_all(room: AnalyticsRoom, tenant: TenantId) -> bool:
    # A schedule runs for each tenant; what is done for all of them at once is done in the first one's turn.
    return tenant == (await room.database.tenants())[0]
