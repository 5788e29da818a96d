"""The news room: niches, sources, articles by month, stories."""

from alembic import op
from sqlalchemy import text

from pulse.storage.partitions import create_first_partitions, create_index_concurrently, create_partition_function
from pulse.storage.tables import TENANT_COLUMN, protect, schema

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Create the room's tables, then the list index without a lock."""
    # The index ends the transaction: if it is interrupted, the tables are there already.
    if op.get_bind().execute(text("SELECT to_regclass('news.articles')")).scalar() is None:
        _tables()
    create_index_concurrently(
        "news.articles",
        "idx_articles_composite",
        "(tenant_id, niche, status, created_at DESC) WHERE deleted_at IS NULL",
    )


def _tables() -> None:
    schema("news")
    create_partition_function()
    op.execute(
        f"""CREATE TABLE news.niches (
            {TENANT_COLUMN},
            id uuid NOT NULL,
            name text NOT NULL CHECK (name ~ '^[a-z0-9]([a-z0-9-]*[a-z0-9])?$' AND length(name) <= 64),
            title text NOT NULL,
            keywords text[] NOT NULL DEFAULT '{{}}',
            language text,
            articles bigint NOT NULL DEFAULT 0,
            stories bigint NOT NULL DEFAULT 0,
            created_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, name)
        )"""
    )
    protect("news.niches")
    op.execute(
        f"""CREATE TABLE news.sources (
            {TENANT_COLUMN},
            id uuid PRIMARY KEY,
            niche text NOT NULL,
            url text NOT NULL,
            title text NOT NULL,
            home_url text,
            language text,
            full_text text NOT NULL CHECK (full_text IN ('auto', 'always', 'never')),
            authority double precision NOT NULL CHECK (authority BETWEEN 0 AND 1),
            paused boolean NOT NULL DEFAULT false,
            state text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'ok', 'failing')),
            last_error text,
            failures integer NOT NULL DEFAULT 0,
            interval_seconds double precision NOT NULL,
            last_polled_at timestamptz,
            next_poll_at timestamptz NOT NULL,
            poll_lease_until timestamptz,
            etag text,
            last_modified text,
            body_hash uuid,
            articles bigint NOT NULL DEFAULT 0,
            created_at timestamptz NOT NULL,
            deleted_at timestamptz,
            FOREIGN KEY (tenant_id, niche) REFERENCES news.niches (tenant_id, name)
        )"""
    )
    op.execute("CREATE UNIQUE INDEX sources_by_url ON news.sources (tenant_id, niche, url) WHERE deleted_at IS NULL")
    op.execute(
        "CREATE INDEX sources_due ON news.sources (tenant_id, next_poll_at) WHERE NOT paused AND deleted_at IS NULL"
    )
    protect("news.sources")
    op.execute(
        f"""CREATE TABLE news.articles (
            {TENANT_COLUMN},
            id uuid NOT NULL,
            created_at timestamptz NOT NULL,
            published_at timestamptz NOT NULL,
            niche text NOT NULL,
            source_id uuid NOT NULL,
            story_id uuid,
            -- The first article with this text: all that share it are copies of one report.
            text_id uuid,
            status text NOT NULL CHECK (status IN ('new', 'backlog')),
            revision integer NOT NULL DEFAULT 1,
            language text,
            url text NOT NULL,
            title text NOT NULL,
            author text,
            image_url text,
            content text NOT NULL,
            deleted_at timestamptz,
            PRIMARY KEY (tenant_id, id, created_at)
        ) PARTITION BY RANGE (created_at)"""
    )
    # Not compressed: pglz would take as long as all other work on an article, and a teaser is cut from a long text
    # without reading the rest.
    op.execute("ALTER TABLE news.articles ALTER COLUMN content SET STORAGE EXTERNAL")
    op.execute("CREATE INDEX articles_of_story ON news.articles (tenant_id, story_id) WHERE story_id IS NOT NULL")
    # Waiting for their page; nearly always empty.
    op.execute("CREATE INDEX articles_unfolded ON news.articles (tenant_id, niche, created_at) WHERE story_id IS NULL")
    protect("news.articles")
    create_first_partitions("news.articles")
    op.execute(
        f"""CREATE TABLE news.article_keys (
            {TENANT_COLUMN},
            -- Hash of niche and guid within its source, niche and canonical URL, or niche and text within its source.
            key uuid NOT NULL,
            article_id uuid NOT NULL,
            -- On a guid's row: hash of the text the feed showed last.
            text_hash uuid,
            PRIMARY KEY (tenant_id, key)
        )"""
    )
    protect("news.article_keys")
    op.execute(
        f"""CREATE TABLE news.revisions (
            {TENANT_COLUMN},
            article_id uuid NOT NULL,
            revision integer NOT NULL,
            title text NOT NULL,
            content text NOT NULL,
            replaced_at timestamptz NOT NULL,
            PRIMARY KEY (tenant_id, article_id, revision)
        )"""
    )
    protect("news.revisions", append_only=True)
    op.execute(
        f"""CREATE TABLE news.stories (
            {TENANT_COLUMN},
            id uuid PRIMARY KEY,
            niche text NOT NULL,
            title text NOT NULL,
            language text,
            first_seen_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            -- Freshness decays from here: when its newest independent report was published.
            reported_at timestamptz NOT NULL,
            article_count integer NOT NULL,
            independent_sources integer NOT NULL,
            model double precision NOT NULL,
            relevance double precision NOT NULL,
            freshness double precision NOT NULL,
            authority double precision NOT NULL,
            total double precision NOT NULL,
            reasons jsonb NOT NULL
        )"""
    )
    op.execute("CREATE INDEX stories_by_update ON news.stories (tenant_id, niche, updated_at DESC, id DESC)")
    protect("news.stories")
    op.execute(
        f"""CREATE TABLE news.folds (
            {TENANT_COLUMN},
            niche text NOT NULL,
            number bigint NOT NULL,
            id uuid NOT NULL,
            created_at timestamptz NOT NULL,
            -- What a search for similar articles needs, see news/candidates.py: fixed-size records.
            format integer NOT NULL,
            entries bytea NOT NULL,
            PRIMARY KEY (tenant_id, niche, number)
        )"""
    )
    # Hashes cannot be compressed; trying takes time.
    op.execute("ALTER TABLE news.folds ALTER COLUMN entries SET STORAGE EXTERNAL")
    protect("news.folds")
