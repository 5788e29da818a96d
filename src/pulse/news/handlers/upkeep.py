"""What the room does by the clock, besides polling."""

from datetime import timedelta

from pulse.kernel.tenant import TenantId
from pulse.news import store
from pulse.news.room import NewsRoom
from pulse.storage.partitions import make_partitions


async def make_article_partitions(room: NewsRoom, tenant: TenantId) -> None:
    """Make the partitions of the coming months, so that a new month needs no person."""
    async with room.database.transaction(tenant) as tx:
        await make_partitions(tx, "news.articles", room.clock())


async def forget_folds(room: NewsRoom, tenant: TenantId) -> None:
    """Drop what no search looks at any more."""
    async with room.database.transaction(tenant) as tx:
        window = timedelta(hours=room.settings.story_window_hours)
        await store.niches.delete_folds(tx, room.clock() - window - timedelta(days=1))
