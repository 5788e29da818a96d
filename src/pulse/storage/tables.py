"""What every migration does to every table: tenant, forced row-level security, grants."""

from alembic import op

CURRENT_TENANT = "nullif(current_setting('pulse.tenant', true), '')::uuid"
TENANT_COLUMN = f"tenant_id uuid NOT NULL DEFAULT {CURRENT_TENANT}"


def schema(name: str) -> None:
    """Create a service's schema; the application's role may use it, nobody else."""
    op.execute(f"CREATE SCHEMA {name}")
    op.execute(f"GRANT USAGE ON SCHEMA {name} TO pulse_app")


def protect(table: str, *, append_only: bool = False) -> None:
    """Force row-level security on `table` (schema.table) and grant the application's role its use.

    The owner is bound too (FORCE). With no tenant set the policy compares with NULL, so nothing is seen.
    `append_only` grants no UPDATE and no DELETE.
    """
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(
        f"CREATE POLICY tenant ON {table} TO pulse_app "
        f"USING (tenant_id = {CURRENT_TENANT}) WITH CHECK (tenant_id = {CURRENT_TENANT})"
    )
    op.execute(f"GRANT SELECT, INSERT{'' if append_only else ', UPDATE, DELETE'} ON {table} TO pulse_app")
