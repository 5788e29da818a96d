"""The table of the social room."""

from functools import partial

from pulse.bus.declarations import Declarations, Every, Job, Projection, Subscription
from pulse.llm.events import ArticleSummarized
from pulse.service import Service
from pulse.social import events, routes, store
from pulse.social.handlers import delivering, drafting, life, receipts
from pulse.social.room import SocialRoom


def service(room: SocialRoom) -> Service:
    """Return what the room declares."""
    return Service(
        bus=Declarations(
            service="social",
            publishes=events.ALL,
            subscriptions=(Subscription(ArticleSummarized, partial(drafting.on_summarized, room)),),
            jobs=(
                Job(drafting.DRAFT, partial(drafting.draft, room)),
                Job(life.DELIVER, partial(delivering.deliver, room), "high"),
                Job(life.RECEIPT, partial(receipts.write_receipt, room)),
            ),
            schedules=(Every("sweep", max(1.0, room.lease_seconds / 2), partial(delivering.sweep, room)),),
            projections=(Projection(("social.posts",), events.ALL, store.apply),),
        ),
        routers=(routes.router(room),),
        public_paths=("publish", "posts", "channels", "publishing"),
    )
