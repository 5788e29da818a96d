"""Facts of the log, and the daily statistics made of them."""

from alembic import op

from pulse.storage.tables import CURRENT_TENANT, TENANT_COLUMN, protect, schema

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Create the analytics room's tables and its materialised view."""
    schema("analytics")
    op.execute(
        f"""CREATE TABLE analytics.articles (
            {TENANT_COLUMN},
            niche text NOT NULL,
            minute timestamptz NOT NULL,
            articles bigint NOT NULL,
            PRIMARY KEY (tenant_id, niche, minute)
        )"""
    )
    op.execute("CREATE INDEX articles_by_minute ON analytics.articles (tenant_id, minute)")
    op.execute(
        f"""CREATE TABLE analytics.deliveries (
            {TENANT_COLUMN},
            event_id uuid NOT NULL,
            post_id uuid NOT NULL,
            niche text,
            channel_kind text,
            published boolean NOT NULL,
            at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, event_id),
            CHECK (niche IS NOT NULL OR NOT published)
        )"""
    )
    op.execute("CREATE INDEX deliveries_by_time ON analytics.deliveries (tenant_id, at)")
    for table in ("analytics.articles", "analytics.deliveries"):
        protect(table)
        # The view below is filled by its owner, for all tenants; FORCE binds the owner too.
        op.execute(f"CREATE POLICY every_fact ON {table} FOR SELECT TO CURRENT_USER USING (true)")

    # A materialised view cannot have row-level security, so the application may not read this one. It reads
    # its own tenant's days through the barrier view.
    op.execute(
        """CREATE MATERIALIZED VIEW analytics.daily_stats AS
           SELECT tenant_id, date, niche, sum(articles)::bigint AS article_count, sum(posts)::bigint AS posts,
                  NULL::double precision AS avg_engagement
           FROM (
               SELECT tenant_id, (minute AT TIME ZONE 'UTC')::date AS date, niche, articles, 0 AS posts
               FROM analytics.articles
               UNION ALL
               SELECT tenant_id, (at AT TIME ZONE 'UTC')::date, niche, 0, 1 FROM analytics.deliveries WHERE published
           ) AS facts
           GROUP BY tenant_id, date, niche"""
    )
    op.execute("CREATE UNIQUE INDEX daily_stats_key ON analytics.daily_stats (tenant_id, date, niche)")
    op.execute(
        f"""CREATE VIEW analytics.daily_stats_of_tenant WITH (security_barrier) AS
            SELECT date, niche, article_count, posts, avg_engagement FROM analytics.daily_stats
            WHERE tenant_id = {CURRENT_TENANT}"""
    )
    op.execute("GRANT SELECT ON analytics.daily_stats_of_tenant TO pulse_app")
    # Only an owner may refresh. One at a time: who comes second gets false instead of waiting.
    op.execute(
        """CREATE FUNCTION analytics.refresh_daily_stats() RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER
           SET search_path = pg_catalog AS $$
           BEGIN
               IF NOT pg_try_advisory_xact_lock(hashtextextended('analytics.daily_stats', 0)) THEN
                   RETURN false;
               END IF;
               REFRESH MATERIALIZED VIEW CONCURRENTLY analytics.daily_stats;
               RETURN true;
           END $$"""
    )
    op.execute("REVOKE ALL ON FUNCTION analytics.refresh_daily_stats() FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION analytics.refresh_daily_stats() TO pulse_app")
