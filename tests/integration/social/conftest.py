"""The social room on a real database: one for the session, and a tenant of its own for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from pulse.http.tokens import Tokens
from pulse.settings import StorageSettings
from pulse.social.service import service
from pulse.storage.embedded import EmbeddedPostgres
from pulse.storage.engine import APP_ROLE, Database, open_database
from tests.doubles.service_http import ServiceHttp
from tests.doubles.tenants import copied_database, new_tenant
from tests.integration.social.desk import Desk
from tests.integration.social.desk import desk as build


@pytest.fixture(scope="package")
async def database(postgres: EmbeddedPostgres, template: str) -> AsyncIterator[Database]:
    async with copied_database(postgres, template) as url:
        database = open_database(url, StorageSettings(pool_size=5, max_overflow=20), APP_ROLE)
        yield database
        await database.close()


@pytest.fixture
async def desk(database: Database, tmp_path: Path) -> Desk:
    return build(database, await new_tenant(database), tmp_path / "receipts")


@pytest.fixture
async def other(desk: Desk) -> Desk:
    """Give the same room to a second tenant."""
    return desk.of(await new_tenant(desk.room.database))


@pytest.fixture
async def http(desk: Desk, tokens: Tokens) -> AsyncIterator[ServiceHttp]:
    """Give the room over HTTP."""
    http = ServiceHttp(service(desk.room), tokens)
    yield http
    await http.close()
