"""Migrations: Alembic, run by `pulse up` before anything listens.

Each statement waits at most `lock_timeout` for a lock, so that a migration never queues the traffic behind it.
Processes that start together take turns on an advisory lock.
"""

import asyncio
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from pulse.settings import StorageSettings
from pulse.storage.engine import driver_url
from pulse.storage.errors import MigrationFailed
from pulse.storage.failures import named_failures

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x50756C7365  # "Pulse": one migration at a time in a database


async def migrate(url: str, settings: StorageSettings) -> list[str]:
    """Bring the database at `url` (its owner's address) to the newest revision; return the revisions applied.

    Raises `DatabaseUnavailable`, `DatabaseRefused`, and `MigrationFailed`; what had been applied before the failing
    revision stays.
    """
    engine = create_async_engine(
        driver_url(url),
        poolclass=NullPool,
        connect_args={
            "server_settings": {
                "lock_timeout": str(int(settings.lock_timeout * 1000)),
                "application_name": "pulse-migrate",
            }
        },
    )
    try:
        with named_failures():
            async with engine.connect():
                pass
        async with engine.connect() as lock:
            lock = await lock.execution_options(isolation_level="AUTOCOMMIT")
            # Asked again and again, not waited for: a statement that waits holds a snapshot, and CREATE INDEX
            # CONCURRENTLY in the process that has the lock would wait for that snapshot to end.
            while not await lock.scalar(text(f"SELECT pg_try_advisory_lock({_LOCK})")):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
            async with engine.connect() as connection:
                return await connection.run_sync(_upgrade)
    except DBAPIError as error:
        raise MigrationFailed(f"a migration failed: {error.orig}") from error
    finally:
        await engine.dispose()


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config


def _upgrade(connection: Connection) -> list[str]:
    config = _config()
    config.attributes["connection"] = connection
    before = MigrationContext.configure(connection).get_current_heads()
    scripts = ScriptDirectory.from_config(config)
    pending = [script.revision for script in scripts.iterate_revisions("head", before or "base")]
    connection.commit()
    if pending:
        command.upgrade(config, "head")
    return pending[::-1]
