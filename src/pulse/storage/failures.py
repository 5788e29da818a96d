"""Names for what goes wrong between Pulse and Postgres."""

from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from pulse.storage.errors import DatabaseRefused, DatabaseUnavailable

_AWAY = ("08", "53", "57")
"""Classes of SQLSTATE: connection, out of resources, operator intervention (starting up, shutting down)."""
_REFUSED = ("28", "3D")
"""The same: who connects is not let in, the database does not exist."""


@contextmanager
def named_failures() -> Iterator[None]:
    """Turn a lost or refused connection into a named error; what a statement did wrong passes as it is.

    Raises `DatabaseUnavailable`, `DatabaseRefused`.
    """
    try:
        yield
    except (OSError, PoolTimeout, InterfaceError, asyncpg.InterfaceError) as error:
        raise DatabaseUnavailable(f"the database does not answer: {error}") from error
    except (DBAPIError, asyncpg.PostgresError) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        state = str(getattr(cause, "sqlstate", None) or "")
        if state[:2] in _REFUSED:
            raise DatabaseRefused(f"the database refuses the connection: {cause}") from error
        lost = isinstance(error, DBAPIError) and error.connection_invalidated
        if lost or isinstance(error, OperationalError) or state[:2] in _AWAY:
            raise DatabaseUnavailable(f"the connection to the database was lost: {cause}") from error
        raise
