"""Every table is behind forced row-level security, and the application's role cannot step around it."""

from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import text

from pulse.kernel.tenant import DEFAULT_TENANT, TenantId
from pulse.storage.embedded import EmbeddedPostgres
from pulse.storage.engine import Database

TABLES = """
    SELECT n.nspname || '.' || c.relname AS name, c.relrowsecurity AND c.relforcerowsecurity AS forced,
           EXISTS (SELECT FROM pg_attribute a
                   WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND a.attnotnull) AS has_tenant,
           ARRAY(SELECT pg_get_expr(p.polqual, p.polrelid) FROM pg_policy p
                 WHERE p.polrelid = c.oid AND 'pulse_app'::regrole = ANY(p.polroles)) AS policies,
           pg_get_userbyid(c.relowner) AS owner
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'public')
"""


async def test_every_table_has_its_policy(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    tables = await connection.fetch(TABLES)
    await connection.close()
    assert len(tables) > 15
    for table in tables:
        assert table["forced"], f"{table['name']}: row-level security is not forced"
        assert table["has_tenant"], f"{table['name']}: no tenant_id NOT NULL"
        assert table["policies"], f"{table['name']}: no policy for pulse_app"
        assert all("pulse.tenant" in policy for policy in table["policies"]), f"{table['name']}: {table['policies']}"
        assert table["owner"] != "pulse_app", table["name"]


async def test_the_only_table_in_public_is_the_list_of_migrations(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    names = [row[0] for row in await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    await connection.close()
    assert names == ["alembic_version"]


async def test_the_application_role_is_powerless(database_url: str, postgres: EmbeddedPostgres) -> None:
    connection = await asyncpg.connect(postgres.superuser_url)
    roles = await connection.fetch(
        """SELECT rolname, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles
           WHERE rolname IN ('pulse_app', 'pulse_dispatcher', 'pulse_owner')"""
    )
    await connection.close()
    powers = {role["rolname"]: [name for name, value in role.items() if name != "rolname" and value] for role in roles}
    assert powers == {"pulse_app": [], "pulse_dispatcher": [], "pulse_owner": ["rolcreaterole"]}
    owner = await asyncpg.connect(database_url)
    owned = await owner.fetchval("SELECT count(*) FROM pg_class WHERE relowner = 'pulse_app'::regrole")
    await owner.close()
    assert owned == 0


async def test_an_unset_tenant_sees_nothing(database: Database) -> None:
    async with database.engine.begin() as connection:
        assert (await connection.execute(text("SELECT current_user"))).scalar() == "pulse_app"
        assert (await connection.execute(text("SELECT count(*) FROM storage.tenants"))).scalar() == 0
    async with database.transaction(DEFAULT_TENANT) as tx:
        assert await tx.scalar("SELECT count(*) FROM storage.tenants") == 1
    async with database.transaction(TenantId(uuid4())) as tx:
        assert await tx.scalar("SELECT count(*) FROM storage.tenants") == 0


async def test_the_tenant_does_not_leak_through_the_pool(database: Database) -> None:
    for _ in range(3):
        async with database.transaction(DEFAULT_TENANT) as tx:
            assert await tx.scalar("SELECT count(*) FROM storage.tenants") == 1
        async with database.engine.begin() as connection:
            assert (await connection.execute(text("SELECT count(*) FROM storage.tenants"))).scalar() == 0


async def test_nobody_writes_for_another_tenant(database: Database) -> None:
    with pytest.raises(Exception, match="row-level security"):
        async with database.transaction(DEFAULT_TENANT) as tx:
            await tx.execute("INSERT INTO storage.tenants (tenant_id, name) VALUES (:id, 'other')", id=uuid4())


async def test_even_the_owner_sees_nothing_without_a_tenant(database_url: str) -> None:
    connection = await asyncpg.connect(database_url)
    assert await connection.fetchval("SELECT count(*) FROM bus.events") == 0
    await connection.close()
