"""Starting and stopping the server of a cluster. The caller holds the startup lock."""

import asyncio
import contextlib
import os
import signal
import subprocess
import threading
import time
from dataclasses import dataclass

from pulse.storage.embedded import port as ports
from pulse.storage.embedded.cluster import POLL_SECONDS, Cluster
from pulse.storage.embedded.postmaster import Postmaster, find_postmaster, server_processes
from pulse.storage.embedded.process import data_argument, spawn
from pulse.storage.errors import PostgresStartFailed
from pulse.storage.locks import FileLock

START_SECONDS = 120.0
"""Crash recovery of a busy server takes its time; killing it would only make it start over."""
_ORPHAN_SECONDS = 0.5
_PORT_SECONDS = 10.0
_STOP_STEPS = ((signal.SIGINT, 5.0), (signal.SIGQUIT, 2.0), (signal.SIGKILL, 1.0))  # fast, immediate, by force

SETTINGS = {
    "listen_addresses": ports.HOST,
    "unix_socket_directories": "",
    "cluster_name": "pulse",
    "max_connections": "200",
    "shared_buffers": "128MB",
    "wal_level": "replica",
    "fsync": "on",
    "synchronous_commit": "on",
    "jit": "off",
    "timezone": "UTC",
    # A statement whose client was killed ends within a second, and its locks with it.
    "client_connection_check_interval": "1s",
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_checkpoints": "off",
    "log_timezone": "UTC",
}
"""What the embedded server is started with; on the command line, so that a new Pulse changes old data folders too."""


@dataclass(slots=True)
class _Launch:
    """A server that this process has started: its log position, port and, once it has ended, its exit status."""

    process: "subprocess.Popen[bytes]"
    position: int
    port: int


async def start(cluster: Cluster, fixed_port: int | None) -> Postmaster:
    """Return the live server of `cluster`; start it when there is none.

    It starts on `fixed_port`, whose address somebody is using, or if None on any. Raises `PostgresStartFailed`,
    `DiskFull`, `HomeNotWritable`.
    """
    began = time.monotonic()
    launch: _Launch | None = None
    while True:
        postmaster = find_postmaster(cluster.data)
        if postmaster and postmaster.ready:
            return postmaster
        waited = time.monotonic() - began
        if postmaster and postmaster.status == "stopping" and waited > _ORPHAN_SECONDS:
            # Somebody asked it to stop once all its clients have left. Nobody stops it properly: we hold the lock.
            _send(postmaster.pid, signal.SIGINT)
        if launch and launch.process.returncode is not None:
            _check_exit(cluster, launch, waited)
            launch = None
        if not postmaster and not launch:
            port = fixed_port or ports.choose(cluster.folder)
            if ports.is_free(port):
                launch = _launch(cluster, port)
            elif waited > _PORT_SECONDS:
                raise PostgresStartFailed(
                    f"the server of {cluster.folder} has died, and another program has taken its port {port}"
                )
            if not launch and waited > _ORPHAN_SECONDS:
                _end_orphans(cluster, signal.SIGQUIT if waited < 10 * _ORPHAN_SECONDS else signal.SIGKILL)
        if waited > START_SECONDS:
            what = f"the server of {cluster.folder} is not ready after {START_SECONDS:g} s, or is in another container"
            raise cluster.log.failure(what, 0)
        await asyncio.sleep(POLL_SECONDS if waited < 1 else 10 * POLL_SECONDS)


def _launch(cluster: Cluster, port: int) -> _Launch | None:
    """Start a server, or return None while any process of an earlier one lives.

    Every process of a server inherits the descriptor of its lock, so as long as one lives the lock cannot be had,
    not even from another container. With the lock in hand, a postmaster.pid is stale whatever its number.
    """
    with FileLock(cluster.folder / "server.lock") as guard, cluster.log.open() as output:
        if not guard.try_lock() or server_processes(cluster.data):
            return None
        (cluster.data / "postmaster.pid").unlink(missing_ok=True)
        cluster.log.limit()
        position = cluster.log.size()
        settings = SETTINGS | {"port": str(port)}
        process = spawn(
            [
                str(cluster.binaries / "postgres"),
                *("-D", data_argument(cluster.data, cluster.account)),
                *(part for name, value in settings.items() for part in ("-c", f"{name}={value}")),
            ],
            folder=cluster.data,
            account=cluster.account,
            output=output.fileno(),
            keep=(guard.fileno(),),
        )
    # Somebody has to ask for the exit status, or a dead server stays as a zombie for as long as Pulse lives.
    threading.Thread(target=process.wait, name="postmaster-reaper", daemon=True).start()
    return _Launch(process, position, port)


def _check_exit(cluster: Cluster, launch: _Launch, waited: float) -> None:
    """Raise, unless it makes sense to try once more after this exit."""
    port_lost = not ports.is_free(launch.port)  # taken between our look and its start
    if not port_lost or waited > _PORT_SECONDS:
        raise cluster.log.failure(
            f"the server of {cluster.folder} ended with status {launch.process.returncode}", launch.position
        )


def _end_orphans(cluster: Cluster, number: signal.Signals) -> None:
    """End children whose parent was killed: a busy one notices late, and no server may start while it still writes."""
    for process in server_processes(cluster.data):
        _send(process.pid, number)


def _send(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, number)


async def stop(cluster: Cluster) -> None:
    """Stop the server: politely to the disk at once, without mercy after some seconds. Data is safe either way."""
    for number, seconds in _STOP_STEPS:
        postmaster = find_postmaster(cluster.data)
        if postmaster:
            _send(postmaster.pid, number)
        else:
            _end_orphans(cluster, signal.SIGQUIT)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if not find_postmaster(cluster.data) and _all_ended(cluster):
                return
            await asyncio.sleep(POLL_SECONDS)


def _all_ended(cluster: Cluster) -> bool:
    with FileLock(cluster.folder / "server.lock") as guard:
        return guard.try_lock()
