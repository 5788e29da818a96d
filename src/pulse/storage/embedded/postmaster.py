"""Which processes of a data folder's server are alive.

`postmaster.pid` alone proves nothing: after a kill or a reboot its number may be another program's. A process counts
only if it is a `postgres` whose working folder is the data folder, which every Postgres process keeps for life.
"""

from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True)
class Postmaster:
    """The live parent process of a server."""

    pid: int
    port: int
    status: str

    @property
    def ready(self) -> bool:
        """Whether it accepts connections."""
        return self.status == "ready"


def find_postmaster(data: Path) -> Postmaster | None:
    """Return the live server of `data`, ready or not, or None."""
    try:
        # Pid, folder, start time, port, socket folder, address, shared memory, status; written bit by bit.
        lines = (data / "postmaster.pid").read_text().splitlines()
        pid = int(lines[0])
        port = int(lines[3]) if len(lines) > 3 else 0
    except (OSError, ValueError, IndexError):
        return None
    if pid <= 0 or not _serves(pid, data):
        return None
    return Postmaster(pid, port, lines[7].strip() if len(lines) > 7 else "starting")


def server_processes(data: Path) -> list[psutil.Process]:
    """Return every live process of a server on `data`: children that outlived their killed parent, too."""
    return [
        process
        for process in psutil.process_iter(["name"])
        if process.info["name"] == "postgres" and _serves(process.pid, data)
    ]


def _serves(pid: int, data: Path) -> bool:
    try:
        process = psutil.Process(pid)
        # A zombie has no working folder any more.
        return process.name() == "postgres" and Path(process.cwd()) == data.resolve()
    except (psutil.Error, OSError):
        return False
