"""A process that polls until it is killed: `python -m tests.integration.news.polling DATABASE_URL HOURS_AHEAD`.

It says `go` when it begins and `done` when nothing is due any more.
"""

import asyncio
import sys
from datetime import datetime, timedelta

from pulse.bus.bus import Bus
from pulse.fetch.fetcher import Fetcher
from pulse.kernel.clock import utc_now
from pulse.kernel.tenant import DEFAULT_TENANT
from pulse.news.poll import poll_due
from pulse.news.room import NewsRoom
from pulse.news.service import service
from pulse.settings import BusSettings, FetchSettings, NewsSettings, StorageSettings
from pulse.storage.engine import APP_ROLE, DISPATCHER_ROLE, open_database


async def poll(url: str, hours_ahead: float) -> None:
    """Poll what is due at a time that is said to be some hours ahead, so that leases of the dead have ended."""

    def clock() -> datetime:
        return utc_now() + timedelta(hours=hours_ahead)

    database = open_database(url, StorageSettings(), APP_ROLE)
    dispatcher = open_database(url, StorageSettings(), DISPATCHER_ROLE, json_objects=False)
    async with Fetcher(FetchSettings(allow_hosts="127.0.0.1")) as fetcher:
        settings = NewsSettings(batch_sources=3)
        bus = Bus(database, dispatcher, BusSettings())
        room = NewsRoom(database=database, bus=bus, fetcher=fetcher, settings=settings, clock=clock)
        bus.declare(service(room).bus, serve=False)
        await database.ping()
        print("go", flush=True)
        await poll_due(room, DEFAULT_TENANT)
        print("done", flush=True)
    await database.close()
    await dispatcher.close()


if __name__ == "__main__":
    asyncio.run(poll(sys.argv[1], float(sys.argv[2])))
