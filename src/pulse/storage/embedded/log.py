"""The server's log: one file, kept small, quoted in errors."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from pulse.kernel.errors import PulseError
from pulse.storage.errors import DiskFull, PostgresStartFailed

_MAX_BYTES = 8_000_000
_QUOTED_BYTES = 4_000
_QUOTED_LINES = 12
_DISK_FULL = ("No space left on device", "Check free disk space")


@dataclass(frozen=True, slots=True)
class ServerLog:
    """What the server and initdb print."""

    path: Path

    def open(self) -> BinaryIO:
        """Return the file, for appending only: it may be cut short while a server writes to it."""
        return open(self.path, "ab", buffering=0, opener=_private)

    def size(self) -> int:
        """Return its length in bytes."""
        return self.path.stat().st_size if self.path.exists() else 0

    def limit(self) -> None:
        """Move what there is to `log.1` when it has grown too long; at most two such files exist."""
        if self.size() > _MAX_BYTES:
            shutil.copyfile(self.path, self.path.with_suffix(".1"))
            with open(self.path, "r+b") as file:
                file.truncate(0)

    def since(self, position: int) -> str:
        """Return the last lines that were written after `position`."""
        try:
            with open(self.path, "rb") as file:
                file.seek(max(position, self.size() - _QUOTED_BYTES))
                text = file.read(_QUOTED_BYTES).decode(errors="replace")
        except OSError:
            return ""
        return "\n".join(text.splitlines()[-_QUOTED_LINES:])

    def failure(self, what: str, position: int) -> PulseError:
        """Return the error to raise: `what` happened, and what the log says about it."""
        said = self.since(position)
        kind = DiskFull if any(sign in said for sign in _DISK_FULL) else PostgresStartFailed
        return kind(f"{what}:\n{said}" if said else what, log=str(self.path))


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
