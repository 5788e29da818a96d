"""The analytics room on a real database and a real bus."""

import pytest

from pulse.analytics.service import AnalyticsRoom, service
from pulse.bus.bus import Bus
from pulse.bus.declarations import Declarations
from pulse.bus.events import Aggregate, Event, StoredEvent
from pulse.kernel.ids import new_id
from pulse.kernel.tenant import DEFAULT_TENANT, TenantId
from pulse.news.events import NewsFetched
from pulse.service import Service
from pulse.social.events import PostFailed, PostPublished
from pulse.storage.engine import Database
from tests.integration.analytics.facts import Tell, do_work


@pytest.fixture
def room(database: Database, bus: Bus) -> AnalyticsRoom:
    return AnalyticsRoom(database=database, bus=bus)


@pytest.fixture
def declared(room: AnalyticsRoom) -> Service:
    found = service(room)
    room.bus.declare(Declarations("publishers", publishes=(NewsFetched, PostPublished, PostFailed)), serve=False)
    room.bus.declare(found.bus, serve=True)
    return found


@pytest.fixture
def tell(room: AnalyticsRoom, declared: Service) -> Tell:
    """Give a function that appends an event, and does the work that it makes."""

    async def tell(event: Event, tenant: TenantId = DEFAULT_TENANT, *, work: bool = True) -> StoredEvent:
        async with room.database.transaction(tenant) as tx:
            stored = await room.bus.append(tx, event, Aggregate("thing", new_id()))
        if work:
            await do_work(room)
        return stored

    return tell


@pytest.fixture
async def other(database: Database) -> TenantId:
    """Give a second tenant."""
    tenant = TenantId(new_id())
    async with database.transaction(tenant) as tx:
        await tx.execute("INSERT INTO storage.tenants (name) VALUES ('other')")
    return tenant
