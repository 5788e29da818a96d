"""Tables partitioned by month: partitions made ahead, indexes built without blocking writes.

A missing partition is an error at insert, not a default partition that silently fills up. So partitions are made
three months ahead, at migration and again every day by a schedule of the table's service.
"""

from datetime import datetime

from alembic import op
from sqlalchemy import text

from pulse.storage.engine import Transaction
from pulse.storage.tables import CURRENT_TENANT

MONTHS_AHEAD = 3

_FUNCTION = f"""
CREATE FUNCTION storage.make_partitions(parent regclass, starting timestamptz, months_ahead integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET timezone = 'UTC' SET lock_timeout = '5s' AS $$
DECLARE
    space name;
    stem name;
    name_of_part text;
    part text;
    first_moment timestamptz;
    made integer := 0;
BEGIN
    SELECT nspname, relname INTO space, stem FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE pg_class.oid = parent AND relkind = 'p';
    IF NOT FOUND OR months_ahead NOT BETWEEN 0 AND 24 THEN
        RAISE EXCEPTION '% is not a partitioned table, or % months are too many', parent, months_ahead;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('storage.make_partitions', parent::oid::bigint));
    FOR step IN 0 .. months_ahead LOOP
        first_moment := date_trunc('month', starting) + make_interval(months => step);
        name_of_part := stem || to_char(first_moment, '_YYYY_MM');
        part := format('%I.%I', space, name_of_part);
        CONTINUE WHEN to_regclass(part) IS NOT NULL;
        -- Made apart and then attached: that takes a lock on the parent which lets reads and writes go on.
        EXECUTE format('CREATE TABLE %s (LIKE %s INCLUDING ALL)', part, parent);
        EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', part);
        EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', part);
        EXECUTE format($policy$
            CREATE POLICY tenant ON %s TO pulse_app
            USING (tenant_id = {CURRENT_TENANT}) WITH CHECK (tenant_id = {CURRENT_TENANT})
        $policy$, part);
        EXECUTE format('ALTER TABLE %s ATTACH PARTITION %s FOR VALUES FROM (%L) TO (%L)',
                       parent, part, first_moment, first_moment + interval '1 month');
        made := made + 1;
    END LOOP;
    RETURN made;
END $$
"""


def create_partition_function() -> None:
    """In a migration: create `storage.make_partitions`, which runs as the owner so that the application may call it."""
    op.execute(_FUNCTION)
    op.execute("REVOKE ALL ON FUNCTION storage.make_partitions FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION storage.make_partitions TO pulse_app")


def create_first_partitions(table: str) -> None:
    """In a migration: make the partitions of `table` (schema.table) for this month and the next ones."""
    op.execute(f"SELECT storage.make_partitions('{table}', now(), {MONTHS_AHEAD})")


async def make_partitions(tx: Transaction, table: str, now: datetime) -> int:
    """Make the missing partitions of `table` from the month of `now` to three months later; return how many."""
    made = await tx.scalar(
        "SELECT storage.make_partitions(CAST(CAST(:table AS text) AS regclass), :now, :ahead)",
        table=table,
        now=now,
        ahead=MONTHS_AHEAD,
    )
    return int(made)


def create_index_concurrently(table: str, name: str, definition: str) -> None:
    """In a migration, as its last step: index the partitioned `table` without blocking writes.

    `definition` is what follows the table's name: `(columns) WHERE ...`. The index is built CONCURRENTLY on one
    partition after the other, then attached; the parent's index is valid once all are. It ends the migration's
    transaction. Run again after it was interrupted, it goes on where it stopped.
    """
    schema = table.partition(".")[0]
    with op.get_context().autocommit_block():
        connection = op.get_bind()
        op.execute(f"CREATE INDEX IF NOT EXISTS {name} ON ONLY {table} {definition}")
        parts = connection.execute(
            text(
                """SELECT relname FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid
                   WHERE inhparent = CAST(:table AS regclass) ORDER BY relname"""
            ),
            {"table": table},
        )
        for (part,) in parts.all():
            part_index = f"{name}_{part.removeprefix(table.partition('.')[2] + '_')}"
            broken = connection.execute(
                text("SELECT 1 FROM pg_index WHERE indexrelid = to_regclass(:index) AND NOT indisvalid"),
                {"index": f"{schema}.{part_index}"},
            )
            if broken.first():
                op.execute(f"DROP INDEX CONCURRENTLY {schema}.{part_index}")
            op.execute(f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {part_index} ON {schema}.{part} {definition}")
            op.execute(f"ALTER INDEX {schema}.{name} ATTACH PARTITION {schema}.{part_index}")
