"""Locks between processes of one data folder.

All are `flock`s: the kernel gives them back when the holder ends, however it ends, so none is ever stale.
"""

import fcntl
import json
import os
import time
import weakref
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from pulse.storage.errors import HomeInUse
from pulse.storage.files import named_file_errors, write_private

_PATIENCE_SECONDS = 0.3


class FileLock:
    """An `flock` on a file that is made when missing and never removed.

    Two objects exclude each other also within one process. Raises `HomeNotWritable` when the file cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._descriptor = self._open()
        _held.add(self)

    def _open(self) -> int:
        with named_file_errors(self.path):
            return os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def fileno(self) -> int:
        """Return the open descriptor. A child that inherits it holds the lock too, until the last of them ends."""
        return self._descriptor

    def try_lock(self, *, shared: bool = False) -> bool:
        """Take the lock, or change it to the mode asked, without waiting. On False nothing is held any more."""
        while True:
            try:
                fcntl.flock(self._descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
            except BlockingIOError:
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)
                return False
            if os.fstat(self._descriptor).st_nlink:
                return True
            # Somebody removed the file: this lock excludes nobody. Take the one that has the name now.
            os.close(self._descriptor)
            self._descriptor = self._open()

    def close(self) -> None:
        """Give the lock back. Does nothing the second time."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1
        _held.discard(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


_held: "weakref.WeakSet[FileLock]" = weakref.WeakSet()


def _let_go() -> None:
    for lock in list(_held):
        lock.close()


# A forked worker (multiprocessing) must not keep its parent's locks alive after the parent was killed.
os.register_at_fork(after_in_child=_let_go)


class ServiceLock:
    """One live process per service and data folder: `run/<name>.lock`, with what it tells others in `<name>.json`."""

    def __init__(self, home: Path, name: str) -> None:
        self._home = home
        self._name = name
        self._lock: FileLock | None = None

    def acquire(self) -> None:
        """Take the lock. Raises `HomeInUse` when another live process holds it, `HomeNotWritable`, `DiskFull`."""
        path, info = _paths(self._home, self._name)
        with named_file_errors(path.parent):
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        lock = FileLock(path)
        deadline = time.monotonic() + _PATIENCE_SECONDS  # `read_running` holds the lock for a moment, too
        while not lock.try_lock():
            if time.monotonic() > deadline:
                lock.close()
                raise self._in_use()
            time.sleep(0.02)
        self._lock = lock
        with named_file_errors(path):
            info.unlink(missing_ok=True)
            os.ftruncate(lock.fileno(), 0)
            os.pwrite(lock.fileno(), json.dumps({"pid": os.getpid()}).encode(), 0)

    def publish(self, info: Mapping[str, Any]) -> None:
        """Tell other processes of this data folder about this one (`url` and the like; its pid is added)."""
        if self._lock is None:
            raise RuntimeError("publish needs the lock")
        write_private(_paths(self._home, self._name)[1], json.dumps({**info, "pid": os.getpid()}).encode())

    def release(self) -> None:
        """Give the lock back. Does nothing when it is not held."""
        if self._lock is not None:
            if self._lock.fileno() >= 0:  # a forked child has let go already; the published file is its parent's
                _paths(self._home, self._name)[1].unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    def _in_use(self) -> HomeInUse:
        path, info = _paths(self._home, self._name)
        pid, url = _read(path).get("pid", "unknown"), _read(info).get("url", "")
        at = f" at {url}" if url else ""
        message = f"{self._name} already runs on {self._home}{at} (pid {pid})"
        return HomeInUse(message, service=self._name, home=str(self._home), pid=pid)

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def read_running(home: Path, name: str) -> dict[str, Any] | None:
    """Return what the live process of service `name` published, or None when there is none, or it has not yet."""
    path, info = _paths(home, name)
    if not path.exists():
        return None
    with FileLock(path) as lock:
        if lock.try_lock(shared=True):
            return None
        found = _read(info)
        # Between taking the lock and clearing the file, the file is the predecessor's.
        return found if found and found.get("pid") == _read(path).get("pid") else None


def _paths(home: Path, name: str) -> tuple[Path, Path]:
    return home / "run" / f"{name}.lock", home / "run" / f"{name}.json"


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
