"""The server's port on 127.0.0.1: remembered, so that addresses in use stay true over restarts."""

import random
import socket
from pathlib import Path

from pulse.storage.files import write_private

HOST = "127.0.0.1"
# Below the range from which systems take ports for outgoing connections: such a one could sit on ours while we restart.
_FIRST, _LAST = 20_000, 32_000


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as Postgres does
        try:
            probe.bind((HOST, port))
            probe.listen()
        except OSError:
            return False
    return True


def remembered(folder: Path) -> int | None:
    """Return the port of the last start, if there was one."""
    try:
        port = int((folder / "port").read_text())
    except (OSError, ValueError):
        return None
    return port if 0 < port < 65_536 else None


def choose(folder: Path) -> int:
    """Return the port to start on: the remembered one, or another, remembered from now on, where that is taken."""
    port = remembered(folder)
    if port and is_free(port):
        return port
    port = next(port for port in iter(lambda: random.randint(_FIRST, _LAST), 0) if is_free(port))
    write_private(folder / "port", str(port).encode())
    return port
