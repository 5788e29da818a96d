"""Work on hostile input that may take for ever, in a child process that can be killed.

A child keeps running between calls, because starting one costs half a second. It limits its own memory, ends
itself when one piece of work exceeds its CPU time even if nobody is there to end it, and ends when its input does,
so that none survives its parent. What comes back is JSON: a parent never unpickles what a child says.
"""

import importlib
import os
import resource
import select
import signal
import struct
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import Any, BinaryIO

import orjson

from pulse.fetch.threads import DaemonThreads

MEMORY_BYTES = 1_500_000_000
_HEADER = struct.Struct(">II")


class WorkFailed(Exception):
    """The child said why it could not do the work."""


class WorkKilled(Exception):
    """The child did not finish in time, or died."""


class Killable:
    """One child process that calls one function, `module:name`, a call at a time; threads wait for their turn.

    The function takes `(data: bytes, arguments: dict)` and returns what JSON can say.
    """

    def __init__(self, function: str, *, seconds: float) -> None:
        self._function = function
        self._seconds = seconds
        self._turn = threading.Lock()
        self._thread = DaemonThreads(1, "killable")
        self._child: subprocess.Popen[bytes] | None = None

    def call(self, data: bytes, **arguments: Any) -> Any:
        """Do one piece of work. Raises `WorkFailed` or `WorkKilled`."""
        with self._turn:
            child = self._running()
            try:
                return self._exchange(child, data, arguments)
            except (OSError, WorkKilled, orjson.JSONDecodeError) as error:
                self._end()
                raise WorkKilled(str(error) or type(error).__name__) from None

    async def call_async(self, data: bytes, **arguments: Any) -> Any:
        """Do the same without holding up the event loop."""
        # A thread of its own: calls that wait for their turn must not use up those that others work in.
        return await self._thread.run(lambda: self.call(data, **arguments))

    def close(self) -> None:
        """End the child, whatever it is doing. A later call starts another."""
        if self._child is not None:
            self._child.kill()
        with self._turn:
            self._end()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._child is None or self._child.poll() is not None:
            self._end()
            self._child = subprocess.Popen(
                [sys.executable, "-P", "-m", __name__, self._function, str(self._seconds)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env={
                    name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LD_LIBRARY_PATH") if name in os.environ
                },
            )
            # The first answer says that it is ready: starting up is not counted as work.
            self._read(self._child, time.monotonic() + 30)
        return self._child

    def _exchange(self, child: subprocess.Popen[bytes], data: bytes, arguments: dict[str, Any]) -> Any:
        assert child.stdin is not None
        head = orjson.dumps(arguments)
        deadline = time.monotonic() + self._seconds * 3
        # The child reads all of a request before it answers, so writing cannot wait for it for ever.
        child.stdin.write(_HEADER.pack(len(head), len(data)) + head + data)
        child.stdin.flush()
        answer = orjson.loads(self._read(child, deadline))
        if "error" in answer:
            raise WorkFailed(answer["error"])
        return answer["result"]

    def _read(self, child: subprocess.Popen[bytes], deadline: float) -> bytes:
        assert child.stdout is not None
        wanted, received = _HEADER.size, bytearray()
        ready = select.poll()  # select() cannot watch descriptors above 1023
        ready.register(child.stdout, select.POLLIN)
        while len(received) < wanted:
            left = deadline - time.monotonic()
            if left <= 0 or not ready.poll(left * 1000):
                raise WorkKilled(f"not done within {self._seconds:g} seconds")
            piece = os.read(child.stdout.fileno(), 1 << 20)
            if not piece:
                raise WorkKilled("the process ended")
            received += piece
            if wanted == _HEADER.size and len(received) >= wanted:
                wanted += _HEADER.unpack_from(received)[1]
        return bytes(received[_HEADER.size :])

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        child.wait()
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                with suppress(OSError):  # what could not be flushed to a dead child is lost, as it should be
                    stream.close()


def serve(function: str, seconds: float) -> None:
    """Be the child: answer requests on standard input until it ends."""
    for limit, value in ((resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_CORE, 0)):
        with suppress(ValueError, OSError):  # not every system has every limit
            resource.setrlimit(limit, (value, value))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business
    module, _, name = function.partition(":")
    work = getattr(importlib.import_module(module), name)
    requests, answers = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # a print somewhere must not become part of an answer
    _answer(answers, {"result": "ready"})
    while header := requests.read(_HEADER.size):
        head_size, data_size = _HEADER.unpack(header)
        arguments, data = orjson.loads(requests.read(head_size)), requests.read(data_size)
        # The default action of SIGPROF ends the process, whatever it is doing.
        signal.setitimer(signal.ITIMER_PROF, seconds)
        try:
            answer = {"result": work(data, **arguments)}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"[:500]}
        signal.setitimer(signal.ITIMER_PROF, 0)
        _answer(answers, answer)


def _answer(stream: BinaryIO, answer: dict[str, Any]) -> None:
    encoded = orjson.dumps(answer)
    stream.write(_HEADER.pack(0, len(encoded)) + encoded)
    stream.flush()


if __name__ == "__main__":
    serve(sys.argv[1], float(sys.argv[2]))
