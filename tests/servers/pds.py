"""A real Bluesky PDS with its PLC directory on loopback, installed from npm on first use.

The packages are those of `pds/package-lock.json`. They go to `.cache/pds-<hash of that file>` in the repository, once:
some 420 MB, and about a minute and a half to compile SQLite's binding for the Node that is part of the installation.
"""

import fcntl
import hashlib
import json
import os
import re
import selectors
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent / "pds"
CACHE = Path(__file__).parents[2] / ".cache"
NODE_MAJORS = range(22, 24)
"""Below 22 the PDS's database binding does not run as built here; on 24 the PDS was seen to crash."""


class PdsUnavailable(RuntimeError):
    """The PDS cannot be installed or started here. The message is fit for `pytest.skip`."""


@dataclass(frozen=True)
class Pds:
    """A running PDS with one account."""

    url: str
    handle: str
    password: str
    did: str
    plc_url: str
    process: subprocess.Popen[str]

    def stop(self) -> None:
        """End the server and wait for its end."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                pipe.close()


def install_pds() -> Path:
    """Return the folder that holds the installed packages, installing them if needed.

    Raises `PdsUnavailable` without npm, or when npm fails. Safe to call from several processes at once.
    """
    lockfile = HERE / "package-lock.json"
    folder = CACHE / f"pds-{hashlib.sha256(lockfile.read_bytes()).hexdigest()[:16]}"
    if folder.exists():
        return folder
    npm = shutil.which("npm")
    if npm is None:
        raise PdsUnavailable("npm is not on the PATH: it is needed once, to install the Bluesky PDS for tests")
    CACHE.mkdir(exist_ok=True)
    with (CACHE / "pds.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _install(npm, folder)
    return folder


def _install(npm: str, folder: Path) -> None:
    unfinished = folder.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, unfinished)
    _run(
        "1/2 fetching packages",
        [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
        unfinished,
        dict(os.environ),
    )
    node = find_node(unfinished)
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ['PATH']}"}
    if (node.parents[1] / "include" / "node").exists():
        environment["npm_config_nodedir"] = str(node.parents[1])
    _run("2/2 compiling SQLite's binding", [npm, "rebuild", "better-sqlite3"], unfinished, environment)
    unfinished.rename(folder)


def _run(title: str, command: list[str], folder: Path, environment: dict[str, str]) -> None:
    print(f"Bluesky PDS for tests, {title} …", file=sys.stderr, flush=True)
    began = time.monotonic()
    done = subprocess.run(command, cwd=folder, env=environment, text=True, capture_output=True, check=False)
    if done.returncode:
        raise PdsUnavailable(f"{' '.join(command)} ended with {done.returncode}: {done.stderr.strip()[-2000:]}")
    print(f"  done in {time.monotonic() - began:.0f} s", file=sys.stderr, flush=True)


def find_node(folder: Path) -> Path:
    """Return the Node to run the PDS with: the one installed beside it, else a fitting one on the PATH."""
    for installed in sorted(folder.glob("node_modules/node-*-*/bin/node")):
        return installed
    found = shutil.which("node")
    if found:
        version = subprocess.run([found, "--version"], text=True, capture_output=True, check=False).stdout
        number = re.match(r"v(\d+)\.", version)
        if number and int(number[1]) in NODE_MAJORS:
            return Path(found).resolve()
    raise PdsUnavailable("the Bluesky PDS needs Node 22 or 23, and npm has none for this platform")


def start_pds(timeout: float = 60) -> Pds:
    """Start a PDS with an empty data folder and one account; it ends with `stop()` or with this process.

    Blocks (in a coroutine: `await asyncio.to_thread(start_pds)`). Raises `PdsUnavailable`.
    """
    folder = install_pds()
    process = subprocess.Popen(
        [find_node(folder), HERE / "server.mjs", "--until-stdin-closes"],
        cwd=folder,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        line = process.stdout.readline() if selector.select(timeout) else ""
    if not line:
        process.kill()
        raise PdsUnavailable(f"the PDS said nothing within {timeout} s or ended (exit status {process.wait()})")
    return Pds(process=process, **json.loads(line))


@contextmanager
def running_pds() -> Iterator[Pds]:
    """Give a running PDS and end it afterwards."""
    pds = start_pds()
    try:
        yield pds
    finally:
        pds.stop()


def main() -> None:
    """Run a PDS in the foreground: `python -m tests.servers.pds` prints the line of `server.mjs`."""
    folder = install_pds()
    node = find_node(folder)
    os.chdir(folder)
    os.execv(node, [str(node), str(HERE / "server.mjs")])


if __name__ == "__main__":
    main()
