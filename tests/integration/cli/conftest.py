"""Commands on a real database and real feeds."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from pulse.demo.server import DemoSite
from tests.unit.cli.conftest import Call, call, data_folder

__all__ = ["call", "data_folder"]


@pytest.fixture
def pulse(call: Call, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Give the commands, on a fresh database."""
    monkeypatch.setenv("PULSE_STORAGE__URL", database_url)
    monkeypatch.setenv("PULSE_STORAGE__POOL_SIZE", "3")
    return call


@pytest.fixture(scope="module")
def site() -> Iterator[DemoSite]:
    """Run the demo's newsrooms in a thread: the commands have an event loop of their own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    site = DemoSite(slow_seconds=0.05)
    asyncio.run_coroutine_threadsafe(site.__aenter__(), loop).result(10)
    yield site
    asyncio.run_coroutine_threadsafe(site.__aexit__(None, None, None), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()
