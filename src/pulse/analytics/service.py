"""The analytics room's table."""

from functools import partial

from pulse.analytics import handlers, routes
from pulse.analytics.room import AnalyticsRoom
from pulse.bus.declarations import Declarations, Every, Projection, Subscription
from pulse.news.events import NewsFetched
from pulse.service import Service
from pulse.social.events import PostFailed, PostPublished

__all__ = ["AnalyticsRoom", "service"]

_FACTS = (NewsFetched, PostPublished, PostFailed)


def service(room: AnalyticsRoom) -> Service:
    """Return the service: its subscriptions, schedules and routes."""
    return Service(
        bus=Declarations(
            service="analytics",
            subscriptions=tuple(Subscription(event, handlers.count, "low") for event in _FACTS),
            schedules=(
                Every("refresh_daily_stats", 60, partial(handlers.refresh, room)),
                Every("measure_queue", 5, partial(handlers.measure_queue, room)),
            ),
            projections=(Projection(("analytics.articles", "analytics.deliveries"), _FACTS, handlers.count),),
        ),
        routers=[routes.router(room)],
        public_paths=("stats",),
    )
