"""SQL of the checks: what the database says of itself. Run as the owner or the application, in plain asyncpg."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg


@dataclass(frozen=True, slots=True)
class Role:
    """What the application's role may do that it must not."""

    superuser: bool
    bypasses: bool
    owns: int
    """Tables it owns."""


async def about(connection: "asyncpg.Connection[Any]") -> tuple[str, datetime, str | None]:
    """Return the server's version, its time, and the revision of the tables (None: there are none)."""
    version, now = await connection.fetchrow("SELECT current_setting('server_version'), clock_timestamp()")
    revision = None
    if await connection.fetchval("SELECT to_regclass('public.alembic_version')"):
        revision = await connection.fetchval("SELECT version_num FROM public.alembic_version")
    return version, now, revision


async def unprotected(connection: "asyncpg.Connection[Any]", role: str) -> list[str]:
    """Return the tables that `role` can reach without forced row-level security."""
    rows = await connection.fetch(
        """SELECT format('%I.%I', space.nspname, class.relname) AS name
           FROM pg_class AS class JOIN pg_namespace AS space ON space.oid = class.relnamespace
           WHERE class.relkind IN ('r', 'p') AND space.nspname <> 'information_schema' AND space.nspname !~ '^pg_'
             AND NOT (class.relrowsecurity AND class.relforcerowsecurity)
             AND has_table_privilege($1::text, class.oid, 'SELECT, INSERT, UPDATE, DELETE')
           ORDER BY 1""",
        role,
    )
    return [row["name"] for row in rows]


async def tables(connection: "asyncpg.Connection[Any]", role: str) -> int:
    """Return how many tables `role` can reach."""
    return int(
        await connection.fetchval(
            """SELECT count(*) FROM pg_class AS class JOIN pg_namespace AS space ON space.oid = class.relnamespace
               WHERE class.relkind IN ('r', 'p') AND space.nspname <> 'information_schema' AND space.nspname !~ '^pg_'
                 AND has_table_privilege($1::text, class.oid, 'SELECT, INSERT, UPDATE, DELETE')""",
            role,
        )
    )


async def role(connection: "asyncpg.Connection[Any]", name: str) -> Role | None:
    """Return what a role may do, or None when there is none of that name."""
    row = await connection.fetchrow(
        """SELECT rolsuper, rolbypassrls, (SELECT count(*) FROM pg_class WHERE relowner = role.oid) AS owns
           FROM pg_roles AS role WHERE rolname = $1""",
        name,
    )
    return Role(row["rolsuper"], row["rolbypassrls"], row["owns"]) if row else None
