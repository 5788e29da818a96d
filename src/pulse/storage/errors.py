"""What can go wrong with Postgres and the data folder."""

from pulse.kernel.errors import Kind, PulseError


class MigrationFailed(PulseError):
    """A migration could not be applied; what came before it stays."""

    code = "storage.migration_failed"
    kind = Kind.UNAVAILABLE
    next_step = "If it waited for a lock, end the long-running statements and start again; else report it."
