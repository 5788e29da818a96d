"""Real parts for every test: the embedded Postgres once for the session, a fresh migrated database for each test."""

import signal
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import asyncpg
import pytest
from hypothesis import settings

from pulse.bus.bus import Bus
from pulse.http.tokens import Tokens, new_key
from pulse.settings import BusSettings, StorageSettings
from pulse.storage.embedded import EmbeddedPostgres, open_embedded
from pulse.storage.engine import APP_ROLE, DISPATCHER_ROLE, Database, open_database
from pulse.storage.migrate import migrate

# A shell starts what it puts into the background with SIGINT ignored, and so would every process that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The suite shows the same examples each time, so that red means a change; `make explore` looks for new ones.
settings.register_profile("fixed", derandomize=True)
settings.register_profile("explore", max_examples=1000, print_blob=True)
settings.load_profile("fixed")

_POOL = StorageSettings(pool_size=5, max_overflow=20)


@pytest.fixture(scope="session")
def home() -> Iterator[Path]:
    """Give a data folder for the session."""
    with tempfile.TemporaryDirectory(prefix="pulse-tests-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
async def postgres(home: Path) -> AsyncIterator[EmbeddedPostgres]:
    """Run the embedded server for the session."""
    async with await open_embedded(home, binaries=None) as server:
        yield server


@pytest.fixture(scope="session")
async def template(postgres: EmbeddedPostgres) -> str:
    """Migrate one database, which the tests' own are copies of."""
    await _sql(postgres, "CREATE DATABASE pulse_template OWNER pulse_owner")
    await migrate(_address(postgres.url, "pulse_template"), StorageSettings())
    return "pulse_template"


@pytest.fixture
async def database_url(postgres: EmbeddedPostgres, template: str) -> AsyncIterator[str]:
    """Give the address of a fresh, migrated database."""
    name = f"pulse_{uuid4().hex}"
    await _sql(postgres, f"CREATE DATABASE {name} OWNER pulse_owner TEMPLATE {template}")
    yield _address(postgres.url, name)
    await _sql(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """Give a pool that acts as the application."""
    database = open_database(database_url, _POOL, APP_ROLE)
    yield database
    await database.close()


@pytest.fixture
async def bus(database: Database, database_url: str) -> AsyncIterator[Bus]:
    """Give a bus that nothing is declared to yet."""
    dispatcher = open_database(database_url, _POOL, DISPATCHER_ROLE, json_objects=False)
    bus = Bus(database, dispatcher, BusSettings(workers=2, poll_seconds=0.2, retry_seconds=0.1))
    yield bus
    await bus.stop()
    await dispatcher.close()


@pytest.fixture(scope="session")
def tokens() -> Tokens:
    """Give a signer with a key of its own."""
    return Tokens(new_key())


def _address(url: str, database: str) -> str:
    return url.rpartition("/")[0] + f"/{database}"


async def _sql(postgres: EmbeddedPostgres, statement: str) -> None:
    connection = await asyncpg.connect(postgres.superuser_url)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
