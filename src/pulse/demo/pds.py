"""A real Bluesky server (PDS) on loopback for the demo, where its packages are installed.

They take some 400 MB and minutes to install, so the demo uses those it finds: in the folder that PULSE_DEMO_PDS names
(with `server.mjs` and `node_modules`), or in a checkout of Pulse, where the tests install them to `.cache/`.
"""

import json
import os
import re
import selectors
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pulse.demo.errors import NoPds

CHECKOUT = Path(__file__).resolve().parents[3]
"""The root of the checkout this file is in; of an installed package, some folder without `tests`."""
NODE_MAJORS = (22, 23)
"""The Node versions that the server is known to run on."""
_START_SECONDS = 60.0
_STOP_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Kit:
    """What it takes to start the server: its program, the folder of its packages, and Node."""

    program: Path
    packages: Path
    node: Path


@dataclass(frozen=True, slots=True)
class Account:
    """The one account of a running server."""

    url: str
    handle: str
    password: str


def find(environment: Mapping[str, str] = os.environ) -> Kit:
    """Return an installed server. Raises `NoPds` saying what is missing."""
    named = environment.get("PULSE_DEMO_PDS")
    folder = Path(named).expanduser().absolute() if named else None
    candidates = [folder] if folder else sorted(CHECKOUT.glob(".cache/pds-*/"), reverse=True)
    installed = [found for found in candidates if (found / "node_modules" / "@atproto" / "pds").is_dir()]
    if not installed:
        raise NoPds(f"no Bluesky server is installed{f' in {folder}' if folder else ''}")
    programs = (installed[0] / "server.mjs", CHECKOUT / "tests" / "servers" / "pds" / "server.mjs")
    for program in programs:
        if program.is_file():
            return Kit(program, installed[0], _node(installed[0]))
    raise NoPds(f"there is no server.mjs in {installed[0]}")


def install() -> Kit:
    """Install the server in a checkout, as its tests do, and return it. Raises `NoPds`. Takes minutes, and npm."""
    if not (CHECKOUT / "tests" / "servers" / "pds.py").is_file():
        raise NoPds("the Bluesky server can be installed only in a checkout of Pulse")
    program = "from tests.servers.pds import install_pds; install_pds()"
    done = subprocess.run([sys.executable, "-c", program], cwd=CHECKOUT, stdout=sys.stderr, check=False)
    if done.returncode:
        raise NoPds("the Bluesky server could not be installed; its words are above")
    return find({})


@contextmanager
def running(kit: Kit) -> Iterator[Account]:
    """Run the server with one account and no other data, and end it. Blocks while it starts. Raises `NoPds`."""
    process = subprocess.Popen(
        [kit.node, kit.program, "--until-stdin-closes"],
        cwd=kit.packages,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield _account(process)
    finally:
        process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe:
                pipe.close()


def _account(process: "subprocess.Popen[str]") -> Account:
    if process.stdout is None:
        raise NoPds("the Bluesky server has no output")
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        line = process.stdout.readline() if selector.select(_START_SECONDS) else ""
    try:
        said = json.loads(line)
        return Account(said["url"], said["handle"], said["password"])
    except (ValueError, KeyError, TypeError):
        raise NoPds(f"the Bluesky server did not start within {_START_SECONDS:g} s") from None


def _node(packages: Path) -> Path:
    for bundled in sorted(packages.glob("node_modules/node-*-*/bin/node")):
        return bundled
    found = shutil.which("node")
    version = (
        subprocess.run([found, "--version"], capture_output=True, text=True, timeout=20, check=False).stdout
        if found
        else ""
    )
    number = re.match(r"v(\d+)\.", version)
    if found is None or number is None or int(number[1]) not in NODE_MAJORS:
        raise NoPds(f"it needs Node {' or '.join(map(str, NODE_MAJORS))}, and there is {version.strip() or 'none'}")
    return Path(found)
