"""The composition root: the only file that names implementations and knows which services run where.

`open_pulse` builds everything from the settings and takes it down again. What runs in this process, which database,
which peers: all of it is decided here once, and nobody else asks.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from starlette.types import ASGIApp

from pulse.analytics.service import AnalyticsRoom
from pulse.analytics.service import service as analytics_service
from pulse.bus.bus import Bus
from pulse.bus.declarations import Declarations, Every
from pulse.fetch.fetcher import Fetcher
from pulse.gateway import openapi
from pulse.gateway.dispatch import PAGE_SEGMENTS, Dispatch, Unserved, no_such_path
from pulse.gateway.remote import Remote
from pulse.gateway.routes import PublicPages
from pulse.gateway.routes import router as gateway_router
from pulse.http import application
from pulse.http.client import Peer
from pulse.http.idempotency import forget_old_keys
from pulse.http.tokens import Tokens, open_tokens
from pulse.kernel.clock import utc_now
from pulse.llm.client import LlmClient
from pulse.llm.gates import gate
from pulse.llm.room import LlmRoom
from pulse.llm.routing import engines
from pulse.llm.service import service as llm_service
from pulse.news.client import NewsClient
from pulse.news.service import NewsRoom
from pulse.news.service import service as news_service
from pulse.notification.service import NotificationRoom
from pulse.notification.service import service as notification_service
from pulse.service import Service
from pulse.settings import SERVICES, Settings
from pulse.social import counting
from pulse.social.channels.registry import registry
from pulse.social.receipts import Receipts
from pulse.social.room import SocialRoom
from pulse.social.service import service as social_service
from pulse.storage.embedded import EmbeddedPostgres, open_embedded
from pulse.storage.engine import APP_ROLE, DISPATCHER_ROLE, Database, open_database
from pulse.storage.locks import read_running
from pulse.storage.migrate import migrate
from pulse.vault.seal import Vault, open_vault
from pulse.web.application import WebRoom
from pulse.web.application import application as web_application

_logger = logging.getLogger(__name__)


@dataclass
class Pulse:
    """Everything, built. Commands use the rooms; servers serve `asgi`."""

    settings: Settings
    database: Database
    database_url: str
    bus: Bus
    tokens: Tokens
    vault: Vault
    fetcher: Fetcher
    served: frozenset[str]
    news: NewsRoom
    llm: LlmRoom
    social: SocialRoom
    services: dict[str, Service]
    asgi: ASGIApp
    peer: Callable[[str, str], Peer]
    """How a caller, named first, asks a service."""
    document: Callable[[], dict[str, Any]]
    embedded: EmbeddedPostgres | None = None
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    async def start(self, *, schedules: bool = True) -> None:
        """Begin to work: queues, schedules, what services do at their start."""
        for name in sorted(self.served):
            service = self.services.get(name)
            if service and service.on_start:
                await service.on_start()
        await self.bus.start(schedules=schedules)
        if self.embedded is not None:
            self._tasks.append(asyncio.create_task(_keep_running(self.embedded)))

    async def stop(self) -> None:
        """Stop working. What is under way gets a moment to end."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for name in sorted(self.served):
            service = self.services.get(name)
            if service and service.on_stop:
                await service.on_stop()
        await self.bus.stop()


@asynccontextmanager
async def open_pulse(settings: Settings, *, serve: Sequence[str] = (), local: bool = False) -> AsyncIterator[Pulse]:
    """Build Pulse. `serve` names the services whose work this process does; none for a command.

    `local`: ask every service in this process, whatever runs elsewhere (a command that only needs the tables).
    """
    async with AsyncExitStack() as stack:
        embedded = None
        if settings.storage.url is None:
            embedded = await stack.enter_async_context(
                await open_embedded(settings.home, binaries=settings.storage.binaries)
            )
            url = owner_url = embedded.url
        else:
            url = settings.storage.url.get_secret_value()
            owner_url = (settings.storage.migration_url or settings.storage.url).get_secret_value()
        applied = await migrate(owner_url, settings.storage)
        if applied:
            _logger.info("database brought up to date", extra={"revisions": applied})
        database = open_database(url, settings.storage, APP_ROLE)
        stack.push_async_callback(database.close)
        dispatcher = open_database(url, settings.storage, DISPATCHER_ROLE, json_objects=False)
        stack.push_async_callback(dispatcher.close)
        fetcher = await stack.enter_async_context(Fetcher(settings.fetch))
        yield await _assemble(stack, settings, database, dispatcher, fetcher, url, frozenset(serve), local, embedded)


async def _assemble(
    stack: AsyncExitStack,
    settings: Settings,
    database: Database,
    dispatcher: Database,
    fetcher: Fetcher,
    url: str,
    served: frozenset[str],
    local: bool,
    embedded: EmbeddedPostgres | None,
) -> Pulse:
    bus = Bus(database, dispatcher, settings.bus)
    tokens, vault = open_tokens(settings), open_vault(settings)
    applications: dict[str, FastAPI] = {}

    def peer(caller: str, service: str) -> Peer:
        transport = PeerTransport(
            service, settings, applications, served if served and not local else frozenset(SERVICES)
        )
        http = httpx.AsyncClient(transport=transport, base_url="http://pulse", timeout=30)
        stack.push_async_callback(http.aclose)
        return Peer(http, tokens, caller=caller, service=service)

    news = NewsRoom(database=database, bus=bus, fetcher=fetcher, settings=settings.news)
    models = engines(settings.llm)
    if models is not None:
        stack.push_async_callback(models.close)
    llm = LlmRoom(
        database=database,
        bus=bus,
        settings=settings.llm,
        news=NewsClient(peer("llm", "news")),
        provider=models,
        gate=gate(settings.llm, models),
        counts={
            "graphemes": counting.graphemes,
            "characters": len,
            "mastodon": counting.mastodon_length,
            "bluesky": lambda text: counting.bluesky_use(text).used,
        },
    )
    site_folder = settings.social.site_folder or settings.home / "site"
    social = SocialRoom(
        database=database,
        bus=bus,
        settings=settings.social,
        lease_seconds=settings.bus.lease_seconds,
        news=NewsClient(peer("social", "news")),
        llm=LlmClient(peer("social", "llm")),
        vault=vault,
        kinds=registry(fetcher, settings.social, site_folder, lambda: site_url(settings)),
        public_url=lambda: public_url(settings),
        receipts=Receipts(site_folder / "receipts"),
    )
    analytics = AnalyticsRoom(database=database, bus=bus)
    notification = NotificationRoom(
        database=database, bus=bus, analytics=peer("notification", "analytics"), tokens=tokens, clock=utc_now
    )
    services = {
        service.name: service
        for service in (
            news_service(news),
            llm_service(llm),
            social_service(social),
            analytics_service(analytics),
            notification_service(notification),
        )
    }
    gateway = _gateway(database, tokens, settings, applications)
    services["gateway"] = gateway
    for name, service in services.items():
        bus.declare(service.bus, serve=name in served)

        async def ready(name: str = name) -> dict[str, Any]:
            await database.ping()
            return {}

        applications[name] = application.build(
            name, service.routers, tokens, ready=ready, max_body_bytes=settings.http.max_body_bytes
        )
    asgi = _front(stack, settings, services, applications, served, peer, tokens, site_folder)
    return Pulse(
        settings=settings,
        database=database,
        database_url=url,
        bus=bus,
        tokens=tokens,
        vault=vault,
        fetcher=fetcher,
        served=served,
        news=news,
        llm=llm,
        social=social,
        services=services,
        asgi=asgi,
        peer=peer,
        document=lambda: openapi.document(_documented(applications)),
        embedded=embedded,
    )


def _documented(applications: Mapping[str, FastAPI]) -> dict[str, FastAPI]:
    return {name: app for name, app in applications.items() if name != "gateway"}


def _gateway(database: Database, tokens: Tokens, settings: Settings, applications: dict[str, FastAPI]) -> Service:
    cached: dict[str, Any] = {}

    def document() -> dict[str, Any]:
        if not cached:
            cached.update(openapi.document(_documented(applications)))
        return cached

    async def forget(tenant: Any) -> None:
        await forget_old_keys(database, tenant)

    return Service(
        bus=Declarations("gateway", schedules=(Every("forget_keys", 3600, forget),)),
        routers=(gateway_router(document),),
        public_paths=("openapi.json", "docs"),
    )


def _front(
    stack: AsyncExitStack,
    settings: Settings,
    services: Mapping[str, Service],
    applications: Mapping[str, FastAPI],
    served: frozenset[str],
    peer: Callable[[str, str], Peer],
    tokens: Tokens,
    site_folder: Path,
) -> ASGIApp:
    """Return what this process listens with: its own services, and, if it is the gateway, the way to all others."""
    segments: dict[str, ASGIApp] = {}
    first = next((name for name in SERVICES if name in served), "gateway")
    for segment in ("health", "metrics"):
        segments[segment] = applications[first]
    for name, service in services.items():
        if name in served:
            target: ASGIApp = applications[name]
        elif "gateway" in served:
            address = partial(address_of, name, settings)
            remote = Remote(name, address, settings.http.max_body_bytes)
            stack.push_async_callback(remote.close)
            target = remote
        else:
            continue
        segments |= dict.fromkeys(service.public_paths, target)
    if "gateway" not in served:
        return Dispatch(segments, no_such_path)
    segments["site"] = PublicPages("/site", site_folder)
    segments["receipts"] = PublicPages("/receipts", site_folder / "receipts")
    room = WebRoom(
        peers={name: peer("web", name) for name in SERVICES if name != "gateway"}, tokens=tokens, settings=settings
    )
    pages = web_application(room)
    return Dispatch(dict.fromkeys(PAGE_SEGMENTS, pages) | segments, Unserved(pages))


class PeerTransport(httpx.AsyncBaseTransport):
    """Finds a service anew for each request: in memory when it runs here, else where it says it listens."""

    def __init__(
        self, service: str, settings: Settings, applications: Mapping[str, FastAPI], here: frozenset[str]
    ) -> None:
        self._service, self._settings, self._applications, self._here = service, settings, applications, here
        self._remote: httpx.AsyncHTTPTransport | None = None

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send one request."""
        if self._service in self._here:
            local = httpx.ASGITransport(self._applications[self._service], raise_app_exceptions=False)
            return await local.handle_async_request(request)
        address = address_of(self._service, self._settings)
        if address is None:
            raise httpx.ConnectError(f"the {self._service} service is not running, and no address is set for it")
        request.url = httpx.URL(address).join(request.url.raw_path.decode())
        request.headers["host"] = request.url.netloc.decode()
        if self._remote is None:  # not before it is needed: it loads the list of authorities
            self._remote = httpx.AsyncHTTPTransport(trust_env=False)
        return await self._remote.handle_async_request(request)

    async def aclose(self) -> None:
        """Close its connections."""
        if self._remote is not None:
            await self._remote.aclose()


def address_of(service: str, settings: Settings) -> str | None:
    """Return where a service listens: by its setting, or because it runs on the same data folder."""
    configured: str = getattr(settings.peers, service)
    if configured:
        return configured.rstrip("/")
    running = read_running(settings.home, service)
    return str(running["url"]) if running and running.get("url") else None


def public_url(settings: Settings) -> str:
    """Return the address readers reach Pulse under."""
    running = read_running(settings.home, "gateway")
    listening = (
        str(running["url"]) if running and running.get("url") else f"http://{settings.http.host}:{settings.http.port}"
    )
    return (settings.http.public_url or listening).rstrip("/")


def site_url(settings: Settings) -> str:
    """Return the public address of the site channel."""
    return (settings.social.site_url or f"{public_url(settings)}/site").rstrip("/")


async def _keep_running(embedded: EmbeddedPostgres) -> None:
    while True:
        await asyncio.sleep(0.5)
        try:
            await embedded.ensure_running()
        except Exception:
            _logger.exception("the embedded Postgres is down and does not start; trying again")
            await asyncio.sleep(2)
