"""Starting the server's programs, under an unprivileged account where Pulse is root."""

import os
import pwd
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pulse.storage.errors import HomeNotWritable, PostgresStartFailed

_NOBODY = 65534
_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")


@dataclass(frozen=True, slots=True)
class Account:
    """The user and group, as numbers, that the server runs as. Postgres refuses to run as root."""

    uid: int
    gid: int


def server_account(data: Path) -> Account | None:
    """Return the account to change to, or None when the server runs as the user Pulse runs as.

    Root changes to the owner of the existing data, else to `nobody` (every system has it, so none is added; initdb
    insists on a name in the password file). Raises `HomeNotWritable` when the data is somebody else's.
    """
    owner = data.stat().st_uid if data.exists() else None
    if os.geteuid() != 0:
        if owner not in (None, os.geteuid()):
            raise HomeNotWritable(f"{data} belongs to user {owner}, Pulse runs as user {os.geteuid()}", path=str(data))
        return None
    try:
        entry = pwd.getpwuid(owner) if owner else pwd.getpwnam("nobody")
    except KeyError:
        return Account(owner or _NOBODY, owner or _NOBODY)
    return Account(entry.pw_uid, entry.pw_gid)


def data_argument(data: Path, account: Account | None) -> str:
    """Return what `-D` says for a program whose working folder is `data`.

    The account need not be able to reach `data`: the folder may lie below one that is closed to it, such as /root.
    The program inherits its working folder from root, already open, and /proc/self/cwd leads there without passing
    the parents. Postgres never leaves that folder, so it holds for all its processes. The data stays in the
    data folder, and no folder has to be opened to others.
    """
    return "/proc/self/cwd" if account and os.path.exists("/proc/self/cwd") else str(data)


def spawn(
    command: Sequence[str], *, folder: Path, account: Account | None, output: int, keep: Sequence[int] = ()
) -> "subprocess.Popen[bytes]":
    """Start a program in `folder` that a Ctrl-C in Pulse's terminal does not reach.

    `output` takes what it prints; `keep` are descriptors it inherits. (Not asyncio's subprocess: that kills the
    program when the loop closes, and uvloop's cannot change the account.) Raises `PostgresStartFailed`.
    """
    # Not the whole environment: it may hold keys, and PG… variables change what the programs do.
    environment = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    try:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=environment | {"LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            pass_fds=keep,
            start_new_session=True,
            umask=0o077,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    except OSError as error:
        user = account.uid if account else os.geteuid()
        raise PostgresStartFailed(f"cannot run {command[0]} as user {user}: {error.strerror}") from error
