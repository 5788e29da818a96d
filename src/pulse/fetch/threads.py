"""Blocking work in threads that never hold up the end of the process.

The standard executor joins its threads at exit, and a name server that does not answer takes half a minute.
"""

import asyncio
import queue
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

Result = TypeVar("Result")


class DaemonThreads:
    """Up to `most` daemon threads, started as they are needed, that do one piece of work after the other."""

    def __init__(self, most: int, name: str) -> None:
        self._most = most
        self._name = name
        self._work: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._threads = self._pending = 0

    async def run(self, work: Callable[[], Result]) -> Result:
        """Return what `work` returns, or raise what it raises; work of a caller that went away is done for nothing."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()

        def do() -> None:
            result: Any = None
            problem: BaseException | None = None
            try:
                result = work()
            except BaseException as error:
                problem = error
            with suppress(RuntimeError):  # the loop may be closed by now
                loop.call_soon_threadsafe(_settle, future, result, problem)

        with self._lock:
            self._pending += 1
            if self._pending > self._threads and self._threads < self._most:
                self._threads += 1
                threading.Thread(target=self._serve, name=self._name, daemon=True).start()
        self._work.put(do)
        return await future

    def _serve(self) -> None:
        while True:
            self._work.get()()
            with self._lock:
                self._pending -= 1


def _settle(future: asyncio.Future[Any], result: Any, problem: BaseException | None) -> None:
    if future.done():
        return
    if problem is not None:
        future.set_exception(problem)
    else:
        future.set_result(result)
