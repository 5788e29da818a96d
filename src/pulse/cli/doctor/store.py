"""SQL of the checks: what the database says of itself, asked as its owner."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine
from sqlalchemy.pool import NullPool

from pulse.storage.engine import driver_url

_CONNECT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Role:
    """What the application's role may do that it must not."""

    superuser: bool
    bypasses: bool
    owns: int
    """Tables it owns."""


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[AsyncConnection]:
    """Give a connection for reading. Raises what SQLAlchemy and the network raise."""
    engine = create_async_engine(
        driver_url(url),
        poolclass=NullPool,
        connect_args={"timeout": _CONNECT_SECONDS, "server_settings": {"application_name": "pulse-doctor"}},
    )
    try:
        async with engine.connect() as connection:
            yield connection
    finally:
        await engine.dispose()


async def about(connection: AsyncConnection) -> tuple[str, datetime, str | None]:
    """Return the server's version, its time, and the revision of the tables (None: there are none)."""
    row = (await connection.execute(text("SELECT current_setting('server_version'), clock_timestamp()"))).one()
    revision = None
    if await connection.scalar(text("SELECT to_regclass('public.alembic_version')")):
        revision = await connection.scalar(text("SELECT version_num FROM public.alembic_version"))
    return row[0], row[1], revision


_REACHED = """
    FROM pg_class AS class JOIN pg_namespace AS space ON space.oid = class.relnamespace
    WHERE class.relkind IN ('r', 'p') AND space.nspname <> 'information_schema' AND space.nspname !~ '^pg_'
      AND has_table_privilege(CAST(:role AS text), class.oid, 'SELECT, INSERT, UPDATE, DELETE')"""


async def tables(connection: AsyncConnection, role: str) -> int:
    """Return how many tables `role` can reach."""
    return int(await connection.scalar(text(f"SELECT count(*) {_REACHED}"), {"role": role}) or 0)


async def unprotected(connection: AsyncConnection, role: str) -> list[str]:
    """Return the tables that `role` can reach without forced row-level security."""
    rows = await connection.execute(
        text(
            f"""SELECT format('%I.%I', space.nspname, class.relname) {_REACHED}
                AND NOT (class.relrowsecurity AND class.relforcerowsecurity) ORDER BY 1"""
        ),
        {"role": role},
    )
    return list(rows.scalars())


async def role(connection: AsyncConnection, name: str) -> Role | None:
    """Return what a role may do, or None when there is none of that name."""
    rows = await connection.execute(
        text(
            """SELECT rolsuper, rolbypassrls, (SELECT count(*) FROM pg_class WHERE relowner = role.oid)
               FROM pg_roles AS role WHERE rolname = :name"""
        ),
        {"name": name},
    )
    found = rows.first()
    return Role(*found) if found else None
