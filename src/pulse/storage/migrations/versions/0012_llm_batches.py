"""Questions that wait for a batch, and the batches they were handed in with."""

from alembic import op

from pulse.storage.tables import TENANT_COLUMN, protect

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Create the table and the columns."""
    op.execute("ALTER TABLE llm.calls DROP CONSTRAINT calls_state_check")
    op.execute(
        """ALTER TABLE llm.calls
               ADD CHECK (state IN ('waiting', 'open', 'answered', 'failed')),
               -- What is asked, of a call that waits: somebody else will ask it.
               ADD COLUMN request jsonb,
               ADD COLUMN batch_id uuid"""
    )
    op.execute("CREATE INDEX calls_waiting ON llm.calls (tenant_id, created_at) WHERE state = 'waiting'")
    op.execute("CREATE INDEX calls_by_batch ON llm.calls (tenant_id, batch_id) WHERE batch_id IS NOT NULL")
    op.execute(
        f"""CREATE TABLE llm.batches (
            {TENANT_COLUMN},
            id uuid PRIMARY KEY,
            provider text NOT NULL,
            model text NOT NULL,
            state text NOT NULL CHECK (state IN ('submitting', 'submitted', 'ended')),
            -- The provider's name of it, once it is known.
            name text,
            attempts integer NOT NULL DEFAULT 0,
            -- Nobody looks before; who looks moves it on first, so that nobody else does.
            look_at timestamptz NOT NULL,
            created_at timestamptz NOT NULL
        )"""
    )
    op.execute("CREATE INDEX batches_open ON llm.batches (tenant_id, look_at) WHERE state <> 'ended'")
    protect("llm.batches")
