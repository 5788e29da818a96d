"""The event log as a stream of server-sent events, resumable by id.

An event's id is its place in the log. A reader keeps its own place: it takes what is in memory, or, when it is
further behind, reads the log from there. A slow one therefore costs nothing, and one that takes nothing is dropped;
it loses nothing either, for its browser comes back with `Last-Event-ID`.
"""

import asyncio
import contextlib
import re
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from datetime import datetime

import orjson
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from pulse.bus import log
from pulse.bus.events import StoredEvent
from pulse.kernel.clock import Clock
from pulse.kernel.tenant import TenantId
from pulse.notification.broadcast import Broadcast, Broadcasts, came, first_of
from pulse.notification.errors import BadPlace
from pulse.storage.engine import Database

PERIOD_SECONDS = 0.5
"""How often a tenant's log is read, for all its readers together."""
HEARTBEAT_SECONDS = 15.0
SEND_SECONDS = 20.0
"""A reader whose connection takes nothing for so long is dropped."""
MEMORY_EVENTS, MEMORY_BYTES = 1_000, 4_000_000
"""The newest events of a tenant that are kept in memory, at most."""
PAGE = 200

Place = tuple[int, int]
"""Transaction and position: the order of commit."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One event as it goes over the wire."""

    place: Place
    text: bytes


def parse_place(text: str) -> Place:
    """Read an id that this stream gave out; "" is the beginning of the log. Raises `BadPlace`."""
    if not text:
        return (0, 0)
    found = re.fullmatch(r"([0-9]{1,19})-([0-9]{1,18})", text)
    if found is None:
        raise BadPlace("Last-Event-ID is not an id of this stream")
    return (int(found[1]), int(found[2]))


def _written(place: Place) -> str:
    return f"{place[0]}-{place[1]}"


_LINE_BREAKS = tuple(character.encode() for character in "\x85\u2028\u2029")
"""JSON leaves these as they are, and some readers take them for the end of a line."""


def frame(event: StoredEvent) -> Frame:
    """Write an event in the format of server-sent events, its JSON on one `data` line."""
    data = orjson.dumps(
        {
            "id": event.id,
            "name": event.name,
            "wire_version": event.wire_version,
            "aggregate": {"type": event.aggregate.type, "id": event.aggregate.id, "version": event.version},
            "occurred_at": event.occurred_at,
            "data": event.data,
        },
        default=str,  # the driver's own UUID type
    )
    for line_break in _LINE_BREAKS:
        if line_break in data:
            data = data.replace(line_break, b"\\u%04x" % ord(line_break.decode()))
    return Frame(
        parse_place(event.position),
        b"id: %b\nevent: %b\ndata: %b\n\n" % (event.position.encode(), event.name.encode(), data),
    )


async def read(database: Database, tenant: TenantId, place: Place) -> list[Frame]:
    """Return a page of the events after a place."""
    async with database.transaction(tenant) as tx:
        return [frame(event) for event in await log.after(tx, _written(place), limit=PAGE)]


async def newest(database: Database, tenant: TenantId) -> Place:
    """Return the place after the newest event."""
    async with database.transaction(tenant) as tx:
        return parse_place(await log.newest_place(tx))


class Tail:
    """The newest events of one tenant, in memory for all who follow them."""

    def __init__(self, database: Database, tenant: TenantId) -> None:
        self._database, self._tenant = database, tenant
        self._frames: deque[Frame] = deque()
        self._bytes = 0
        self._before: Place | None = None  # events up to here are not in memory; None: nothing was read yet
        self._read_to: Place = (0, 0)

    async def refresh(self) -> bool:
        """Read what came since; return whether there is something for followers."""
        if self._before is None:
            self._before = self._read_to = await newest(self._database, self._tenant)
            return True
        frames = await read(self._database, self._tenant, self._read_to)
        for new in frames:
            self._frames.append(new)
            self._bytes += len(new.text)
            self._read_to = new.place
        while len(self._frames) > MEMORY_EVENTS or self._bytes > MEMORY_BYTES:
            old = self._frames.popleft()
            self._bytes -= len(old.text)
            self._before = old.place
        return bool(frames)

    def after(self, place: Place) -> list[Frame] | None:
        """Return the events after a place; None when some of them are not in memory."""
        if self._before is None or place < self._before:
            return None
        found = []
        for known in reversed(self._frames):
            if known.place <= place:
                break
            found.append(known)
        return found[::-1]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, from which place, and until when."""

    tenant: TenantId
    place: Place
    expires: datetime


async def lines(
    broadcast: Broadcast[Tail], database: Database, reader: Reader, clock: Clock
) -> AsyncGenerator[bytes, None]:
    """Yield the stream of one reader until its token ends or the process does."""
    yield b"retry: 2000\n\n"
    place = reader.place
    while not broadcast.stopping and (left := (reader.expires - clock()).total_seconds()) > 0:
        change = broadcast.change
        frames = broadcast.source.after(place)
        if frames is None:
            frames = await read(database, reader.tenant, place)
        for new in frames:
            yield new.text
            place = new.place
        if not frames and not await came(change, min(HEARTBEAT_SECONDS, left)):
            yield b": still here\n\n"


class EventStream(Response):
    """The response that stays open."""

    media_type = "text/event-stream"

    def __init__(self, tails: Broadcasts[Tail], database: Database, reader: Reader, clock: Clock) -> None:
        self._tails, self._database, self._reader, self._clock = tails, database, reader, clock
        super().__init__(headers={"cache-control": "no-store", "x-accel-buffering": "no"})
        del self.headers["content-length"]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send events until the reader goes, its token ends, or this process stops."""
        with self._tails.follow(self._reader.tenant) as broadcast:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            # A reader that takes nothing gets no end either: returning without one drops the connection.
            with contextlib.suppress(TimeoutError):
                await first_of(self._send(send, broadcast), _gone(receive))

    async def _send(self, send: Send, broadcast: Broadcast[Tail]) -> None:
        stream = lines(broadcast, self._database, self._reader, self._clock)
        async with contextlib.aclosing(stream):
            async for part in stream:
                async with asyncio.timeout(SEND_SECONDS):
                    await send({"type": "http.response.body", "body": part, "more_body": True})
        async with asyncio.timeout(SEND_SECONDS):
            await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
