"""The llm room on a real database: one for the session, and a tenant of its own for each test."""

from collections.abc import AsyncIterator

import pytest

from pulse.bus.bus import Bus
from pulse.http.tokens import Tokens
from pulse.kernel.tenant import TenantId
from pulse.llm.room import LlmRoom
from pulse.llm.service import service
from pulse.settings import BusSettings, LlmSettings, StorageSettings
from pulse.storage.embedded import EmbeddedPostgres
from pulse.storage.engine import APP_ROLE, Database, open_database
from tests.doubles.fake_services import FakeNews
from tests.doubles.service_http import ServiceHttp
from tests.doubles.tenants import copied_database, new_tenant


@pytest.fixture(scope="package")
async def database(postgres: EmbeddedPostgres, template: str) -> AsyncIterator[Database]:
    async with copied_database(postgres, template) as url:
        database = open_database(url, StorageSettings(pool_size=5, max_overflow=20), APP_ROLE)
        yield database
        await database.close()


@pytest.fixture
async def tenant(database: Database) -> TenantId:
    return await new_tenant(database)


@pytest.fixture
async def other(database: Database) -> TenantId:
    return await new_tenant(database)


@pytest.fixture
def news() -> FakeNews:
    return FakeNews()


@pytest.fixture
def room(database: Database, news: FakeNews) -> LlmRoom:
    room = LlmRoom(
        database=database, bus=Bus(database, database, BusSettings()), settings=LlmSettings(min_sentences=1), news=news
    )
    room.bus.declare(service(room).bus, serve=False)
    return room


@pytest.fixture
async def http(room: LlmRoom, tokens: Tokens) -> AsyncIterator[ServiceHttp]:
    http = ServiceHttp(service(room), tokens)
    yield http
    await http.close()
