"""Pulse itself as real processes: `pulse up`, all in one or one for each service."""

import json
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import httpx

SERVICES = ("gateway", "news", "llm", "social", "analytics", "notification")


@dataclass(frozen=True)
class Running:
    """A process that said it is ready."""

    url: str
    token: str
    database_url: str
    pid: int
    process: subprocess.Popen[str]
    log: Path

    def client(self) -> httpx.Client:
        """Return a client that is signed in."""
        headers = {"Authorization": f"Bearer {self.token}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30, trust_env=False)

    def stop(self, timeout: float = 15) -> int:
        """End the process by SIGTERM and return its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout)


def pulse(*arguments: str) -> list[str]:
    """Return the command line of a Pulse command."""
    return [sys.executable, "-m", "pulse.cli", *arguments]


def environment(home: Path, settings: Mapping[str, str]) -> dict[str, str]:
    """Return an environment without settings of whoever runs the tests."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PULSE_")}
    return clean | {"PULSE_HOME": str(home), "PULSE_TELEMETRY__LOG_FORMAT": "json"} | dict(settings)


@contextmanager
def up(home: Path, services: Sequence[str] = (), settings: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Run `pulse up SERVICES --port 0 --json` and give it when it is ready."""
    home.mkdir(parents=True, exist_ok=True)
    log = home / f"test-{'-'.join(services) or 'all'}.log"
    with log.open("w") as errors:
        process = subprocess.Popen(
            pulse("up", *services, "--port", "0", "--json"),
            env=environment(home, settings or {}),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        )
    assert process.stdout is not None
    try:
        line = _line(process.stdout, 60)
        if not line:
            raise RuntimeError(f"pulse up did not become ready: {log.read_text()[-3000:]}")
        ready = json.loads(line)
        assert ready.pop("ready") is True
        yield Running(**ready, process=process, log=log)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        process.stdout.close()


def _line(stream: IO[str], seconds: float) -> str:
    with selectors.DefaultSelector() as selector:
        selector.register(stream, selectors.EVENT_READ)
        return stream.readline() if selector.select(seconds) else ""


@contextmanager
def six(home: Path, settings: Mapping[str, str] | None = None) -> Iterator[Running]:
    """Run each service as a process of its own on one data folder, and give the gateway."""
    with ExitStack() as stack:
        running = {name: stack.enter_context(up(home, [name], settings)) for name in reversed(SERVICES)}
        try:
            yield running["gateway"]
        finally:
            for one in running.values():  # all at once; each is waited for when its own context ends
                if one.process.poll() is None:
                    one.process.send_signal(signal.SIGTERM)


def wait_for(what: str, check: object, timeout: float = 60) -> object:
    """Call `check` until it returns something true, and return that."""
    deadline = time.monotonic() + timeout
    while True:
        found = check()  # type: ignore[operator]
        if found:
            return found
        if time.monotonic() > deadline:
            raise AssertionError(f"no {what} within {timeout} s")
        time.sleep(0.2)
