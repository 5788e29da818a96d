"""Private files in the data folder: written whole or not at all, and errors with a name."""

import errno
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from pulse.storage.errors import DiskFull, HomeNotWritable

_DENIED = (errno.EACCES, errno.EPERM, errno.EROFS)
_FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def named_file_errors(path: Path) -> Iterator[None]:
    """Turn an `OSError` about `path` into `HomeNotWritable` or `DiskFull`; any other passes through."""
    try:
        yield
    except OSError as error:
        where = error.filename or path
        if error.errno in _DENIED or isinstance(error, FileExistsError | FileNotFoundError | NotADirectoryError):
            raise HomeNotWritable(f"cannot write {where}: {error.strerror}", path=str(where)) from error
        if error.errno in _FULL:
            raise DiskFull(f"cannot write {where}: {error.strerror}", path=str(where)) from error
        raise


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read. After a crash it holds the old content or the new, never a part.

    Raises `HomeNotWritable` or `DiskFull`.
    """
    with named_file_errors(path):
        descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)  # mode 0600
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
