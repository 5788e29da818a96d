"""The cluster of a data folder: its files, its passwords, its creation."""

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import signal
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from pulse.storage.embedded.binaries import locate, reachable
from pulse.storage.embedded.log import ServerLog
from pulse.storage.embedded.process import Account, data_argument, server_account, spawn
from pulse.storage.errors import PostgresStartFailed
from pulse.storage.files import named_file_errors, sync_folder, write_private
from pulse.storage.locks import FileLock

POLL_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class Credentials:
    """Passwords of the superuser `postgres` and of `pulse_owner`."""

    superuser: str
    owner: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """Where a server's files and programs are, and as whom it runs."""

    folder: Path
    binaries: Path
    account: Account | None

    @property
    def data(self) -> Path:
        """The folder Postgres calls its data directory."""
        return self.folder / "data"

    @property
    def log(self) -> ServerLog:
        """What the server prints."""
        return ServerLog(self.folder / "log")


def prepare(home: Path, binaries: Path | None) -> Cluster:
    """Make the folder and find the programs. Blocks for some milliseconds.

    Raises `HomeNotWritable`, `DiskFull`, `PostgresNotFound`, `PostgresStartFailed`.
    """
    folder = home.expanduser().absolute() / "postgres"
    programs = locate(binaries)
    with named_file_errors(folder):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        account = server_account(folder / "data")
        return Cluster(folder.resolve(), reachable(programs, account), account)


@contextlib.asynccontextmanager
async def startup_lock(cluster: Cluster, seconds: float) -> AsyncIterator[FileLock]:
    """Exclude others who would create, start or stop the server. Raises `PostgresStartFailed` after `seconds`."""
    with FileLock(cluster.folder / "startup.lock") as lock:
        try:
            async with asyncio.timeout(seconds):
                while not lock.try_lock():  # noqa: ASYNC110 (another process: no event to wait for)
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError:
            raise PostgresStartFailed(
                f"another process has been starting or stopping the server of {cluster.folder} for {seconds:g} s"
            ) from None
        yield lock


def credentials(cluster: Cluster) -> Credentials:
    """Return the passwords; make them on the first start, before the cluster that they belong to."""
    path = cluster.folder / "credentials.json"
    with named_file_errors(path):
        if not path.exists() and not (cluster.data / "PG_VERSION").exists():
            made = {"superuser": secrets.token_hex(24), "owner": secrets.token_hex(24)}
            write_private(path, json.dumps(made).encode())
        try:
            found = json.loads(path.read_bytes())
            return Credentials(str(found["superuser"]), str(found["owner"]))
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            raise PostgresStartFailed(
                f"{path} is missing or damaged; without it nobody can sign in to {cluster.data}. Restore it."
            ) from None


async def create(cluster: Cluster, password: str, lock: FileLock) -> None:
    """Make the cluster if there is none yet. `lock` is the startup lock, which the caller holds.

    It is made aside and renamed when whole, so `data` is never half a cluster. initdb inherits the lock: if Pulse is
    killed meanwhile, the next start waits until that initdb has ended and cleans up after it.
    """
    with named_file_errors(cluster.data):
        if (cluster.data / "PG_VERSION").exists():
            if cluster.account and cluster.data.stat().st_uid == 0:
                await asyncio.to_thread(_hand_over, cluster.data, cluster.account)
            return
        if cluster.data.exists() and any(cluster.data.iterdir()):
            raise PostgresStartFailed(f"{cluster.data} is not empty and holds no Postgres cluster; move it away")
        aside = cluster.folder / "data.new"
        await asyncio.to_thread(_remove, aside)
        aside.mkdir(mode=0o700)
        if cluster.account:
            os.chown(aside, cluster.account.uid, cluster.account.gid)
        await _initialise(cluster, aside, password, lock)
        aside.rename(cluster.data)
        sync_folder(cluster.folder)


async def _initialise(cluster: Cluster, aside: Path, password: str, lock: FileLock) -> None:
    # The password goes in through a file without a name, so that no crash leaves it behind.
    with tempfile.TemporaryFile(dir=cluster.folder) as secret, cluster.log.open() as output:
        secret.write(password.encode())
        secret.flush()
        secret.seek(0)
        if cluster.account:
            os.fchown(secret.fileno(), cluster.account.uid, cluster.account.gid)
        began = cluster.log.size()
        initdb = spawn(
            [
                str(cluster.binaries / "initdb"),
                *("-D", data_argument(aside, cluster.account)),
                *("--username=postgres", "--auth=scram-sha-256", f"--pwfile=/dev/fd/{secret.fileno()}"),
                *("--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"),
                *("--data-checksums", "--no-instructions"),
            ],
            folder=aside,
            account=cluster.account,
            output=output.fileno(),
            keep=(secret.fileno(), lock.fileno()),
        )
        try:
            while initdb.poll() is None:  # noqa: ASYNC110 (see `spawn`)
                await asyncio.sleep(POLL_SECONDS)
        finally:
            if initdb.poll() is None:  # cancelled
                os.killpg(initdb.pid, signal.SIGKILL)
                initdb.wait()
    if initdb.returncode:
        raise cluster.log.failure(f"initdb could not make a cluster in {cluster.folder}", began)


def _remove(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)


def _hand_over(data: Path, account: Account) -> None:
    """Give data that root owns (restored from a backup, say) to the server's account; the top folder last."""
    for parent, folders, files in os.walk(data):
        for name in (*folders, *files):
            os.chown(os.path.join(parent, name), account.uid, account.gid, follow_symlinks=False)
    data.chmod(0o700)
    os.chown(data, account.uid, account.gid)
