"""The handle on the embedded server that a process holds while it uses it."""

import asyncio
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import asyncpg

from pulse.storage.embedded.cluster import (
    POLL_SECONDS,
    Cluster,
    Credentials,
    create,
    credentials,
    prepare,
    startup_lock,
)
from pulse.storage.embedded.port import HOST, remembered
from pulse.storage.embedded.postmaster import Postmaster, find_postmaster
from pulse.storage.embedded.server import START_SECONDS, start, stop
from pulse.storage.errors import DiskFull, PostgresStartFailed
from pulse.storage.files import named_file_errors
from pulse.storage.locks import FileLock

_OWNER = "pulse_owner"
_DATABASE = "pulse"
_CLOSE_SECONDS = 2.0
_RECOVERY_SECONDS = 30.0
_BOOTSTRAP_LOCK = 0x50756C7365


class EmbeddedPostgres:
    """A running server, shared with every other process that opened the same data folder."""

    def __init__(self, cluster: Cluster, passwords: Credentials, postmaster: Postmaster, users: FileLock) -> None:
        self._cluster = cluster
        self._passwords = passwords
        self._postmaster = postmaster
        self._users: FileLock | None = users

    @property
    def url(self) -> str:
        """Address for `pulse_owner`, who owns the database and is no superuser."""
        return _url(_OWNER, self._passwords.owner, self._postmaster.port, _DATABASE)

    @property
    def superuser_url(self) -> str:
        """Address for `postgres`, for what only a superuser may do (extensions that are not trusted, backups)."""
        return _url("postgres", self._passwords.superuser, self._postmaster.port, _DATABASE)

    @property
    def pid(self) -> int:
        """Process id of the server; after its death the last one known."""
        self._postmaster = find_postmaster(self._cluster.data) or self._postmaster
        return self._postmaster.pid

    def is_running(self) -> bool:
        """Whether the server lives and accepts connections. Cheap: reads one small file."""
        postmaster = find_postmaster(self._cluster.data)
        return postmaster is not None and postmaster.ready

    async def ensure_running(self) -> bool:
        """Start the server again, on the same port, if it has died. Return whether it had.

        Any number of processes may ask at once; one of them starts it. Raises `PostgresStartFailed`, `DiskFull`,
        `HomeNotWritable`; asking again later is right. Does nothing after `close`.
        """
        if self._users is None:
            return False
        if self.is_running():
            self._cluster.log.limit()
            return False
        async with startup_lock(self._cluster, START_SECONDS):
            if self._users is None:
                return False
            with named_file_errors(self._cluster.folder):
                before, self._postmaster = self._postmaster, await start(self._cluster, self._postmaster.port)
        return self._postmaster.pid != before.pid

    async def close(self) -> None:
        """Stop using the server; the last user stops it (within 8 s). Does nothing the second time."""
        users, self._users = self._users, None
        if users is None:
            return
        with users:
            try:
                async with startup_lock(self._cluster, _CLOSE_SECONDS):
                    if users.try_lock():
                        await stop(self._cluster)
            except PostgresStartFailed:
                return  # somebody has been starting it all this time, so this was not the last user
            except FileNotFoundError:
                return  # the data folder was deleted; the server notices within a minute and ends

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


async def open_embedded(home: Path, *, binaries: Path | None = None) -> EmbeddedPostgres:
    """Return the running server of data folder `home`: made on first use, started if need be, shared otherwise.

    `binaries` is a folder with `postgres` and `initdb` of version 18; None takes the bundled one. Close what you
    get, or use it with `async with`. Raises `PostgresNotFound`, `PostgresStartFailed`, `HomeNotWritable`, `DiskFull`.
    """
    cluster = await asyncio.to_thread(prepare, home, binaries)
    users = FileLock(cluster.folder / "users.lock")
    try:
        with named_file_errors(cluster.folder):
            async with startup_lock(cluster, START_SECONDS) as lock:
                alone = users.try_lock()
                users.try_lock(shared=True)  # only whoever has the startup lock ever holds more than a share
                try:
                    return await _open(cluster, users, lock, alone=alone)
                except BaseException:  # cancelled, too: nobody is left to stop what has been started
                    if alone:
                        await stop(cluster)
                    raise
    except BaseException:
        users.close()
        raise


async def _open(cluster: Cluster, users: FileLock, lock: FileLock, *, alone: bool) -> EmbeddedPostgres:
    passwords = credentials(cluster)
    await create(cluster, passwords.superuser, lock)
    # Other users, whether or not the server lives just now, hold addresses with its port.
    postmaster = await start(cluster, None if alone else remembered(cluster.folder))
    await _bootstrap(postmaster, passwords)
    return EmbeddedPostgres(cluster, passwords, postmaster, users)


async def _bootstrap(postmaster: Postmaster, passwords: Credentials) -> None:
    """Make the role and the database that are missing. Each is one statement: there whole, or not at all."""
    address = _url("postgres", passwords.superuser, postmaster.port, "postgres")
    try:
        connection = await _connect(address)
        try:
            # A killed predecessor's backend may still be at it; its lock ends with its last statement.
            await connection.execute(f"SELECT pg_advisory_lock({_BOOTSTRAP_LOCK})")
            if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", _OWNER):
                await connection.execute(
                    f"CREATE ROLE {_OWNER} LOGIN CREATEROLE NOSUPERUSER NOBYPASSRLS PASSWORD '{passwords.owner}'"
                )
            if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", _DATABASE):
                await connection.execute(f"CREATE DATABASE {_DATABASE} OWNER {_OWNER}")
        finally:
            await connection.close()
    except asyncpg.DiskFullError as error:
        raise DiskFull(f"the server on port {postmaster.port} cannot make its database: {error}") from error
    except (asyncpg.PostgresError, OSError, TimeoutError) as error:
        raise PostgresStartFailed(f"the server on port {postmaster.port} runs, but refuses Pulse: {error}") from error


async def _connect(address: str) -> "asyncpg.Connection[asyncpg.Record]":
    # Its own errors must not put a statement with a password into the log.
    session = {"application_name": "pulse", "log_min_error_statement": "panic"}
    deadline = time.monotonic() + _RECOVERY_SECONDS
    while True:
        try:
            return await asyncpg.connect(address, ssl=False, timeout=30, server_settings=session)
        except asyncpg.CannotConnectNowError:  # it restarts itself after one of its processes was killed
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(POLL_SECONDS)


def _url(role: str, password: str, port: int, database: str) -> str:
    return f"postgresql://{role}:{password}@{HOST}:{port}/{database}"
