"""The table of the news room."""

from functools import partial

from pulse.bus.declarations import Declarations, Every, Job
from pulse.kernel.tenant import TenantId
from pulse.news import routes
from pulse.news.events import NewsFetched
from pulse.news.handlers import niches, page_reading, upkeep
from pulse.news.intake import READ_PAGES
from pulse.news.poll import poll_due
from pulse.news.room import NewsRoom
from pulse.service import Service

__all__ = ["NewsRoom", "service"]

_DAY, _HOUR = 86_400.0, 3_600.0
_POLL = 5.0
"""Seconds between two looks at what is due."""


def service(room: NewsRoom) -> Service:
    """Return what the room declares."""

    async def poll(tenant: TenantId) -> None:
        await poll_due(room, tenant)

    async def prepare() -> None:
        # Before the first poll: Pulse may have slept for longer than there are partitions.
        for tenant in await room.database.tenants():
            await upkeep.make_article_partitions(room, tenant)

    return Service(
        bus=Declarations(
            service="news",
            publishes=(NewsFetched,),
            jobs=(
                Job(READ_PAGES, partial(page_reading.read_pages, room)),
                Job(niches.RESCORE, partial(niches.rescore, room), priority="low"),
            ),
            schedules=(
                Every("poll", _POLL, poll),
                Every("read_overdue", 300.0, partial(page_reading.read_overdue, room)),
                Every("make_partitions", _DAY, partial(upkeep.make_article_partitions, room)),
                Every("forget_folds", _HOUR, partial(upkeep.forget_folds, room)),
            ),
        ),
        routers=(routes.router(room),),
        on_start=prepare,
        public_paths=("niches", "articles", "stories", "sources"),
    )
