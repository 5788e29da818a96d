"""Threads for blocking calls: as many as allowed, and gone with the process."""

import asyncio
import subprocess
import sys
import threading
import time

import pytest

from pulse.fetch.threads import DaemonThreads


async def test_results_and_errors_come_back() -> None:
    threads = DaemonThreads(2, "test")
    assert await threads.run(lambda: 1 + 1) == 2
    with pytest.raises(ZeroDivisionError):
        await threads.run(lambda: 1 // 0)
    assert await threads.run(lambda: "still there") == "still there"


async def test_no_more_threads_than_allowed_and_no_fewer() -> None:
    threads = DaemonThreads(3, "counted")
    both = threading.Barrier(3)
    names = await asyncio.gather(*(threads.run(lambda: (both.wait(2), threading.get_ident())[1]) for _ in range(9)))
    assert len(set(names)) == 3


async def test_a_caller_that_leaves_does_not_harm_the_next() -> None:
    threads = DaemonThreads(1, "left")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(threads.run(lambda: time.sleep(0.1)), 0.01)
    assert await threads.run(lambda: 5) == 5


def test_the_process_ends_while_a_thread_hangs() -> None:
    program = (
        "import asyncio, time\n"
        "from pulse.fetch.threads import DaemonThreads\n"
        "async def main():\n"
        "    await asyncio.wait_for(DaemonThreads(1, 'x').run(lambda: time.sleep(60)), 0.1)\n"
        "asyncio.run(main())"
    )
    begin = time.monotonic()
    subprocess.run([sys.executable, "-c", program], check=False, capture_output=True, timeout=30)
    assert time.monotonic() - begin < 20
