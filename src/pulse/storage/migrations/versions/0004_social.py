"""Channels, posts, deliveries."""

from alembic import op

from pulse.storage.tables import TENANT_COLUMN, protect, schema

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Create the social room's tables."""
    schema("social")
    op.execute(
        f"""CREATE TABLE social.channels (
            {TENANT_COLUMN},
            id uuid PRIMARY KEY,
            kind text NOT NULL,
            name text NOT NULL,
            niches text[] NOT NULL,
            settings jsonb NOT NULL,
            secret bytea,
            session bytea,
            paused boolean NOT NULL DEFAULT false,
            last_error text,
            created_at timestamptz NOT NULL DEFAULT now(),
            UNIQUE (tenant_id, name)
        )"""
    )
    protect("social.channels")
    op.execute(
        f"""CREATE TABLE social.publishing (
            {TENANT_COLUMN},
            niche text NOT NULL,
            autopilot boolean NOT NULL DEFAULT false,
            daily_limit integer NOT NULL DEFAULT 24 CHECK (daily_limit >= 0),
            PRIMARY KEY (tenant_id, niche)
        )"""
    )
    protect("social.publishing")
    op.execute(
        f"""CREATE TABLE social.posts (
            {TENANT_COLUMN},
            id uuid PRIMARY KEY,
            version bigint NOT NULL,
            state text NOT NULL,
            niche text NOT NULL,
            channel_id uuid NOT NULL,
            channel_kind text NOT NULL,
            summary_id uuid,
            story_id uuid,
            score double precision NOT NULL,
            content jsonb NOT NULL,
            text text NOT NULL,
            doubts jsonb NOT NULL,
            approved_by text,
            scheduled_at timestamptz,
            key text,
            payload jsonb,
            frozen_at timestamptz,
            sent_at timestamptz,
            in_doubt boolean NOT NULL DEFAULT false,
            attempts integer NOT NULL DEFAULT 0,
            remote_id text,
            url text,
            settled boolean NOT NULL DEFAULT false,
            error jsonb,
            created_at timestamptz NOT NULL,
            updated_at timestamptz NOT NULL,
            published_at timestamptz
        )"""
    )
    op.execute("CREATE INDEX posts_by_state ON social.posts (tenant_id, state, score DESC, id)")
    op.execute("CREATE INDEX posts_newest ON social.posts (tenant_id, created_at DESC, id DESC)")
    op.execute(
        """CREATE UNIQUE INDEX one_post_for_a_story ON social.posts (tenant_id, channel_id, story_id)
           WHERE story_id IS NOT NULL AND state <> 'cancelled'"""
    )
    protect("social.posts")
    # Who is sending right now. Not history, so not in the log.
    op.execute(
        f"""CREATE TABLE social.deliveries (
            {TENANT_COLUMN},
            post_id uuid PRIMARY KEY,
            leased_until timestamptz NOT NULL
        )"""
    )
    protect("social.deliveries")
