"""The notification service as a real server on a loopback port, with a real analytics service behind it."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

import httpx
import orjson
import uvicorn
from websockets.asyncio.client import ClientConnection, connect

from pulse.analytics.service import AnalyticsRoom
from pulse.analytics.service import service as analytics_service
from pulse.bus.bus import Bus
from pulse.bus.declarations import Declarations
from pulse.bus.events import Aggregate, Event, StoredEvent
from pulse.http import application
from pulse.http.client import Peer
from pulse.http.tokens import Principal, Role, Tokens
from pulse.kernel.ids import new_id
from pulse.kernel.tenant import DEFAULT_TENANT, TenantId
from pulse.llm.events import ArticleSummarized
from pulse.news.events import NewsFetched
from pulse.notification.service import NotificationRoom, service
from pulse.service import Service
from pulse.social.events import PostFailed, PostPublished
from pulse.storage.engine import Database, Transaction


class Counting(httpx.AsyncBaseTransport):
    """Hands requests to an application in memory, and counts them; or says that nobody is there."""

    def __init__(self, app: Any) -> None:
        self._inner = httpx.ASGITransport(app)
        self.asked = 0
        self.gone = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        if self.gone:
            raise httpx.ConnectError("nobody is there")
        return await self._inner.handle_async_request(request)


@dataclass
class Running:
    """A server, and what a test needs to talk to it."""

    port: int
    service: Service
    database: Database
    bus: Bus
    tokens: Tokens
    analytics: Counting
    logs: list[str] = field(default_factory=list)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def token(self, tenant: TenantId = DEFAULT_TENANT, *, seconds: float = 300, role: Role = Role.VIEWER) -> str:
        return self.tokens.issue(Principal(tenant, "me", role), timedelta(seconds=seconds))

    def bearer(self, tenant: TenantId = DEFAULT_TENANT, **more: Any) -> dict[str, str]:
        return {"authorization": f"Bearer {self.token(tenant, **more)}"}

    def dashboard(self, headers: dict[str, str], query: str = "", origin: str | None = None) -> connect:
        return connect(
            f"ws://{self.host}/ws/dashboard{query}",
            additional_headers=headers,
            origin=cast(Any, origin),
            proxy=None,
        )

    async def viewer(self, tenant: TenantId = DEFAULT_TENANT, **more: Any) -> ClientConnection:
        return await self.dashboard(self.bearer(tenant, **more))

    async def append(
        self, event: Event, tenant: TenantId = DEFAULT_TENANT, tx: Transaction | None = None
    ) -> StoredEvent:
        thing = Aggregate("thing", new_id())
        if tx is not None:
            return await self.bus.append(tx, event, thing)
        async with self.database.transaction(tenant) as own:
            return await self.bus.append(own, event, thing)

    @contextlib.asynccontextmanager
    async def events(
        self, headers: dict[str, str] | None = None, last_event_id: str | None = None
    ) -> AsyncIterator[tuple[httpx.Response, AsyncGenerator[dict[str, Any], None]]]:
        """Open the stream; the second value yields its events as dictionaries (comments as `{"comment": ...}`)."""
        headers = self.bearer() if headers is None else dict(headers)
        if last_event_id is not None:
            headers["last-event-id"] = last_event_id
        async with (
            httpx.AsyncClient(timeout=10, trust_env=False) as client,
            client.stream("GET", f"http://{self.host}/events", headers=headers) as answer,
        ):
            found = parse(answer)
            async with contextlib.aclosing(found):
                yield answer, found


async def _lines(answer: httpx.Response) -> AsyncGenerator[str, None]:
    parts: list[bytes] = []
    async for part in answer.aiter_bytes():
        *ended, rest = part.split(b"\n")
        for end in ended:
            yield b"".join((*parts, end)).decode()
            parts = []
        parts.append(rest)


async def parse(answer: httpx.Response) -> AsyncGenerator[dict[str, Any], None]:
    """Read server-sent events as the standard says."""
    event: dict[str, Any] = {}
    async for line in _lines(answer):
        if not line:
            if "data" in event:
                yield event | {"data": orjson.loads(event["data"])}
            elif event:
                yield event
            event = {}
        elif line.startswith(":"):
            yield {"comment": line[1:].strip()}
        else:
            name, _, value = line.partition(": ")
            event[name] = value


async def take(stream: AsyncGenerator[dict[str, Any], None], count: int, seconds: float = 5) -> list[dict[str, Any]]:
    """Return the next events of a stream, without comments and `retry`."""
    found: list[dict[str, Any]] = []
    async with asyncio.timeout(seconds):
        while len(found) < count:
            event = await anext(stream)
            if "data" in event:
                found.append(event)
    return found


@contextlib.asynccontextmanager
async def running(database: Database, bus: Bus, tokens: Tokens) -> AsyncIterator[Running]:
    """Serve, and end: first the streams, then the server."""

    async def ready() -> dict[str, Any]:
        return {}

    analytics = analytics_service(AnalyticsRoom(database=database, bus=bus))
    behind = Counting(application.build("analytics", analytics.routers, tokens, ready=ready, max_body_bytes=1000))
    peer = Peer(
        httpx.AsyncClient(transport=behind, base_url="http://analytics"),
        tokens,
        caller="notification",
        service="analytics",
    )
    found = service(NotificationRoom(database=database, bus=bus, analytics=peer, tokens=tokens))
    publishes = (NewsFetched, ArticleSummarized, PostPublished, PostFailed)
    bus.declare(Declarations("publishers", publishes=publishes), serve=False)
    bus.declare(analytics.bus, serve=False)
    bus.declare(found.bus, serve=True)
    app = application.build("notification", found.routers, tokens, ready=ready, max_body_bytes=10_000)
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        app, log_level="warning", lifespan="off", ws_per_message_deflate=False, timeout_graceful_shutdown=3
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    while not server.started:
        await asyncio.sleep(0.01)
    yield Running(listening.getsockname()[1], found, database, bus, tokens, behind)
    assert found.on_stop is not None
    await found.on_stop()
    server.should_exit = True
    await serving
    await peer.close()
