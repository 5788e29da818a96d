"""The Mastodon double as a process of its own, for tests that kill the processes beside it."""

import random
import subprocess
import sys
from types import TracebackType
from typing import Self

import httpx
import orjson

from tests.chaos.numbered_posts import number_in


class MastodonProcess:
    """Starts with the block and ends with it, or with the process that opened it."""

    FAILURES = (
        "timeout_before",
        "timeout_after",
        "cut_before",
        "cut_after",
        "lost_after",
        "error_500_after",
        "error_500_before",
        "error_502_after",
    )

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.doubles.mastodon_server", "--until-stdin-closes", "--rate-limit", "10000000"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        ready = orjson.loads(self._process.stdout.readline())
        self.url: str = ready["url"]
        self.token: str = ready["token"]
        self._http = httpx.Client(base_url=self.url, trust_env=False, timeout=30)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.close()
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def fail(self, kind: str) -> None:
        """Let the next post fail in a documented way."""
        body = {"kind": kind, "times": 1, "seconds": random.uniform(0.5, 3)}
        self._http.post("/_double/fail", json=body).raise_for_status()

    def numbers(self) -> list[int]:
        """Return the number of every post there is, as often as it is there."""
        statuses = self._http.get("/_double/statuses").raise_for_status().json()["statuses"]
        return [number_in(status["text"]) for status in statuses]
