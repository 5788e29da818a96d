"""The pool and the transaction: the only way to the database.

A connection acts as the role `pulse_app`, which owns nothing and cannot bypass row-level security. A
transaction sees one tenant's rows; without a tenant it sees none.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol

import asyncpg
import orjson
from sqlalchemy import RowMapping, event, text
from sqlalchemy.engine import CursorResult, make_url
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from pulse.kernel.tenant import TenantId
from pulse.settings import BadSettings, StorageSettings
from pulse.storage.failures import named_failures

BAD_VALUE: tuple[type[Exception], ...] = (
    asyncpg.DataError,
    asyncpg.IntegrityConstraintViolationError,
    DataError,
    IntegrityError,
)
"""What is raised when the database refuses a value, by textual SQL or by the driver."""
APP_ROLE = "pulse_app"
"""Reads and writes rows of one tenant at a time."""
DISPATCHER_ROLE = "pulse_dispatcher"
"""Sees the work queue of all tenants, and nothing else."""


class _AdaptedConnection(Protocol):
    """The synchronous face SQLAlchemy puts on an asyncpg connection."""

    def run_async(self, function: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class Transaction:
    """An open database transaction that sees one tenant. Never wait on the network while you hold one."""

    connection: AsyncConnection
    tenant: TenantId

    async def execute(self, sql: str, **parameters: Any) -> CursorResult[Any]:
        """Run one statement with named parameters (`:name`); dicts and lists go in as jsonb."""
        return await self.connection.execute(text(sql), parameters)

    async def rows(self, sql: str, **parameters: Any) -> Sequence[RowMapping]:
        """Run a query and return all its rows."""
        return (await self.execute(sql, **parameters)).mappings().all()

    async def row(self, sql: str, **parameters: Any) -> RowMapping | None:
        """Run a query and return its first row, or None."""
        return (await self.execute(sql, **parameters)).mappings().first()

    async def scalar(self, sql: str, **parameters: Any) -> Any:
        """Run a query and return the first column of its first row, or None."""
        return (await self.execute(sql, **parameters)).scalar()

    async def driver(self) -> "asyncpg.Connection[Any]":
        """Return the asyncpg connection inside this transaction, for hot paths ($1 parameters, prepared plans)."""
        raw = await self.connection.get_raw_connection()
        connection: asyncpg.Connection[Any] = raw.driver_connection
        return connection

    async def insert_many(
        self, table: str, columns: Mapping[str, str], records: Sequence[Sequence[Any]], *, conflict: str = ""
    ) -> int:
        """Insert `records` in one statement and return how many rows went in.

        `table` is `schema.table`; `columns` maps each column to its Postgres type, in the order of the values
        of a record; `conflict` is an `ON CONFLICT ...` clause. Arrays through `unnest`, because Postgres refuses
        COPY FROM on tables with row-level security.
        """
        if not records:
            return 0
        parameters = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(columns.values(), 1))
        statement = f"INSERT INTO {table} ({', '.join(columns)}) SELECT * FROM unnest({parameters}) {conflict}"
        driver = await self.driver()
        status = await driver.execute(statement, *arrays(list(columns.values()), records))
        return int(status.rpartition(" ")[2])


class Database:
    """A pool of connections that act as one role."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine

    @asynccontextmanager
    async def transaction(self, tenant: TenantId) -> AsyncIterator[Transaction]:
        """Open a transaction that sees `tenant`; commit at the end, roll back on any error."""
        with named_failures():
            async with self.engine.begin() as connection:
                await connection.execute(_SET_TENANT, {"tenant": str(tenant)})
                yield Transaction(connection, tenant)

    async def tenants(self) -> list[TenantId]:
        """Return every tenant there is, for schedules that run once for each."""
        with named_failures():
            async with self.engine.begin() as connection:
                return [TenantId(row[0]) for row in await connection.execute(text("SELECT storage.all_tenants()"))]

    async def ping(self) -> None:
        """Ask the server a question; raises when it does not answer."""
        with named_failures():
            async with self.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Close all connections."""
        await self.engine.dispose()


_SET_TENANT = text("SELECT set_config('pulse.tenant', :tenant, true)")


def arrays(types: Sequence[str], records: Sequence[Sequence[Any]]) -> list[list[Any]]:
    """Return the columns of `records`, each fit to be an array parameter of its Postgres type, for `unnest`."""
    columns = [list(column) for column in zip(*records, strict=True)]
    # A list inside an array would be taken for another dimension of the array.
    return [
        [None if value is None else _encode_json(value) for value in column] if kind in ("json", "jsonb") else column
        for kind, column in zip(types, columns, strict=True)
    ]


_QUERY = {"sslmode": "ssl", "ssl": "ssl", "target_session_attrs": "target_session_attrs", "passfile": "passfile"}
"""What may stand behind the `?` of an address, and what the driver calls it."""


def driver_url(url: str) -> str:
    """Return `url` (postgresql://…) in the form SQLAlchemy needs for asyncpg. Raises `BadSettings`."""
    address = make_url(url)
    unknown = sorted(set(address.query) - set(_QUERY))
    if unknown:
        raise BadSettings(
            f"PULSE_STORAGE__URL: {', '.join(unknown)} is not known in it; allowed: {', '.join(_QUERY)}; certificates "
            "are named by PGSSLROOTCERT, PGSSLCERT and PGSSLKEY"
        )
    query = {_QUERY[name]: value for name, value in address.query.items()}
    return address.set(drivername="postgresql+asyncpg", query=query).render_as_string(hide_password=False)


def open_database(url: str, settings: StorageSettings, role: str, *, json_objects: bool = True) -> Database:
    """Create a pool for `url` whose connections act as `role`. Connects lazily.

    `json_objects`: json columns come and go as Python objects also in textual SQL.
    """
    engine = create_async_engine(
        driver_url(url),
        pool_size=settings.pool_size,
        max_overflow=settings.max_overflow,
        pool_timeout=settings.pool_timeout,
        pool_recycle=settings.pool_recycle,
        pool_pre_ping=settings.pool_pre_ping,
        connect_args={
            "server_settings": {
                "role": role,
                "application_name": "pulse",
                "statement_timeout": str(int(settings.statement_timeout * 1000)),
                "timezone": "UTC",
            }
        },
    )
    if json_objects:
        event.listen(engine.sync_engine, "connect", _exchange_json_objects)
    return Database(engine)


def _exchange_json_objects(connection: _AdaptedConnection, _record: object) -> None:
    async def set_codecs(raw: "asyncpg.Connection[Any]") -> None:
        for name in ("json", "jsonb"):
            await raw.set_type_codec(
                name, schema="pg_catalog", encoder=_encode_json, decoder=orjson.loads, format="text"
            )

    connection.run_async(set_codecs)


def _encode_json(value: Any) -> str:
    # A str is JSON already: SQLAlchemy's own JSON type (used by the queue's tables) serialises before the driver.
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()
