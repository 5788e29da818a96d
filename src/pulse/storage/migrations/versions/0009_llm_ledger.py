"""The ledger of paid calls, and what they may cost."""

from alembic import op

from pulse.storage.tables import TENANT_COLUMN, protect

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Create the tables. Money is in millionths of a US dollar."""
    op.execute(
        f"""CREATE TABLE llm.calls (
            {TENANT_COLUMN},
            id uuid PRIMARY KEY,
            -- Of everything the model is asked: the same question is paid for once.
            request_hash text NOT NULL,
            provider text NOT NULL,
            model text NOT NULL,
            stage text NOT NULL,
            niche text,
            story_id uuid,
            state text NOT NULL CHECK (state IN ('open', 'answered', 'failed')),
            -- The most it can cost, set aside before the call; it counts until the call's end is known.
            reserved bigint NOT NULL CHECK (reserved >= 0),
            cost bigint CHECK (cost >= 0),
            prompt_tokens integer,
            completion_tokens integer,
            answer jsonb,
            error text,
            seconds double precision,
            created_at timestamptz NOT NULL
        )"""
    )
    op.execute("CREATE INDEX calls_by_time ON llm.calls (tenant_id, created_at DESC, id DESC)")
    op.execute(
        "CREATE INDEX calls_answered ON llm.calls (tenant_id, request_hash) "
        "WHERE state = 'answered' AND answer IS NOT NULL"
    )
    protect("llm.calls")
    op.execute(
        f"""CREATE TABLE llm.budgets (
            {TENANT_COLUMN},
            day bigint CHECK (day >= 0),
            month bigint CHECK (month >= 0),
            PRIMARY KEY (tenant_id)
        )"""
    )
    protect("llm.budgets")
