"""Tenants made on the spot: one for each test isolates it, and costs less than a database."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg

from pulse.kernel.ids import new_id
from pulse.kernel.tenant import TenantId
from pulse.storage.embedded import EmbeddedPostgres
from pulse.storage.engine import Database


async def new_tenant(database: Database) -> TenantId:
    """Return a tenant nobody else has."""
    tenant = TenantId(new_id())
    async with database.transaction(tenant) as tx:
        await tx.execute("INSERT INTO storage.tenants (name) VALUES (:name)", name=str(tenant))
    return tenant


@asynccontextmanager
async def copied_database(postgres: EmbeddedPostgres, template: str) -> AsyncIterator[str]:
    """Give the address of a fresh, migrated database, for as many tests as like."""
    name = f"pulse_{uuid4().hex}"
    connection = await asyncpg.connect(postgres.superuser_url)
    try:
        await connection.execute(f"CREATE DATABASE {name} OWNER pulse_owner TEMPLATE {template}")
        yield postgres.url.rpartition("/")[0] + f"/{name}"
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()
