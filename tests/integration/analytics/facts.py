"""Events that analytics counts, and how its work gets done."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

from pulse.analytics.service import AnalyticsRoom
from pulse.bus.events import StoredEvent
from pulse.news.events import NewsFetched
from pulse.social.events import PostFailed, PostPublished

Tell = Callable[..., Awaitable[StoredEvent]]


def fetched(niche: str, articles: int) -> NewsFetched:
    return NewsFetched(niche=niche, articles={uuid4(): [uuid4() for _ in range(articles)]}, stories=[])


def published(niche: str) -> PostPublished:
    return PostPublished(
        niche=niche, channel_id=uuid4(), channel_kind="site", story_id=None, remote_id="1", url="/1", settled=False
    )


def failed() -> PostFailed:
    return PostFailed(code="social.refused", message="no", next_step="none")


async def do_work(room: AnalyticsRoom) -> None:
    """Do what lies in the queues of analytics, as a worker would."""
    for tenant in await room.database.tenants():
        async with room.database.transaction(tenant) as tx:
            rows: Any = await tx.rows(
                """DELETE FROM bus.work WHERE queue LIKE 'analytics/%'
                   RETURNING id, queue, convert_from(payload, 'UTF8')::jsonb AS payload, headers"""
            )
        for row in sorted(rows, key=lambda row: int(row["id"])):
            await room.bus.work(row["queue"], tenant, row["payload"], row["headers"])
