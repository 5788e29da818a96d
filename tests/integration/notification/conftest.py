"""The notification room on a real database, a real bus and a real server."""

from collections.abc import AsyncIterator

import pytest

from pulse.bus.bus import Bus
from pulse.http.tokens import Tokens
from pulse.kernel.ids import new_id
from pulse.kernel.tenant import TenantId
from pulse.storage.engine import Database
from tests.integration.notification.running import Running, running


@pytest.fixture
async def server(database: Database, bus: Bus, tokens: Tokens) -> AsyncIterator[Running]:
    async with running(database, bus, tokens) as found:
        yield found


@pytest.fixture
async def other(database: Database) -> TenantId:
    """Give a second tenant."""
    tenant = TenantId(new_id())
    async with database.transaction(tenant) as tx:
        await tx.execute("INSERT INTO storage.tenants (name) VALUES ('other')")
    return tenant
