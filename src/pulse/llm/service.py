"""The table of the llm room."""

from functools import partial

from pulse.bus.declarations import Declarations, Every, Job, Subscription
from pulse.llm import batching, handlers, routes
from pulse.llm.events import ArticleSummarized
from pulse.llm.room import LlmRoom
from pulse.llm.routes import budget, tones
from pulse.news.events import NewsFetched
from pulse.service import Service


def service(room: LlmRoom) -> Service:
    """Return what the room declares."""
    return Service(
        bus=Declarations(
            service="llm",
            publishes=(ArticleSummarized,),
            subscriptions=(Subscription(NewsFetched, partial(handlers.on_fetched, room)),),
            schedules=(Every("batches", batching.EVERY_SECONDS, partial(batching.tick, room)),),
            jobs=(Job(handlers.SUMMARIZE, partial(handlers.summarize_stories, room)),),
        ),
        routers=(routes.router(room), budget.router(room), tones.router(room)),
        public_paths=("summarize", "summaries", "llm"),
    )
