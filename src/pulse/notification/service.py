"""The notification room's table."""

import asyncio
from functools import partial

from pulse.bus.declarations import Declarations, Every, Subscription
from pulse.llm.events import ArticleSummarized
from pulse.notification import dashboard, handlers, routes, stream
from pulse.notification.broadcast import Broadcasts
from pulse.notification.room import NotificationRoom
from pulse.service import Service
from pulse.social.events import PostPublished

__all__ = ["NotificationRoom", "service"]


def service(room: NotificationRoom) -> Service:
    """Return the service: its subscriptions, schedule and routes. Stopping it ends all streams within two seconds."""
    boards = Broadcasts(partial(dashboard.Board, room.analytics, room.clock), dashboard.PERIOD_SECONDS)
    tails = Broadcasts(partial(stream.Tail, room.database), stream.PERIOD_SECONDS)

    async def stop() -> None:
        await asyncio.gather(boards.stop(), tails.stop())

    return Service(
        bus=Declarations(
            service="notification",
            subscriptions=(
                Subscription(ArticleSummarized, handlers.summary_ready, "low"),
                Subscription(PostPublished, handlers.post_published, "low"),
            ),
            schedules=(Every("forget_old_notices", 3600, partial(handlers.forget_old_notices, room)),),
        ),
        routers=(routes.router(room, boards, tails),),
        on_stop=stop,
        public_paths=("events", "ws", "notices"),
    )
