"""`pulse up`: run services until told to stop."""

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from pulse.cli.frame import Command, Invocation
from pulse.settings import SERVICES

if TYPE_CHECKING:
    import uvicorn

    from pulse.app import Pulse
    from pulse.settings import Settings

_DRAIN_SECONDS = 3
"""How long open requests get to end."""


@click.command(cls=Command)
@click.argument("services", nargs=-1, type=click.Choice(SERVICES))
@click.option("--host", help="Address to listen on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one.  [default: 8700]")
@click.option("--niche", "niches", multiple=True, help="Watch this niche, too; made when it is new. Repeatable.")
@click.pass_obj
async def up(
    invocation: Invocation, services: tuple[str, ...], host: str | None, port: int | None, niches: tuple[str, ...]
) -> None:
    r"""Start Pulse: all six services in one process, or those named.

    On a fresh data folder it begins with a niche `technology` of public feeds and a site to publish to.
    With --json it prints one line when it is ready. Ctrl-C or SIGTERM ends it cleanly.

    \b
    Examples:
      pulse up
      pulse up --port 0 --json
      pulse up news llm --port 8701
    """
    from pulse.telemetry import logs

    flags = {name: value for name, value in {"host": host, "port": port}.items() if value is not None}
    settings = invocation.settings({"http": flags})
    logs.setup(settings.telemetry)
    chosen = services or SERVICES
    with ExitStack() as stack:
        locks = _take(settings, chosen, stack)
        listener = stack.enter_context(contextlib.closing(listen(settings.http.host, settings.http.port)))
        settings = invocation.settings({"http": flags | {"port": listener.getsockname()[1]}})
        url = f"http://{_in_url(settings.http.host)}:{settings.http.port}"
        for lock in locks:
            lock.publish({"url": url})
        await serve(invocation, settings, chosen, listener, url, niches=niches)


def _take(settings: "Settings", services: Sequence[str], stack: ExitStack) -> list[Any]:
    """Take the lock of each service. Raises `HomeInUse` when one runs on this data folder already."""
    from pulse.storage.locks import ServiceLock

    return [stack.enter_context(ServiceLock(settings.home, service)) for service in services]


async def serve(
    invocation: Invocation,
    settings: "Settings",
    services: Sequence[str],
    listener: socket.socket,
    url: str,
    *,
    niches: Sequence[str] = (),
) -> None:
    """Run services behind `listener` until SIGINT or SIGTERM."""
    from pulse.app import open_pulse
    from pulse.telemetry import tracing

    provider = tracing.setup(
        settings.telemetry.otlp_endpoint, "pulse-" + "-".join(services) if services != SERVICES else "pulse"
    )
    with _stopping() as stopped:
        async with open_pulse(settings, serve=services) as pulse:
            if "news" in services:
                await prepare(pulse, niches)
            await until_stopped(invocation, pulse, listener, url, stopped)
    provider.shutdown()


async def until_stopped(
    invocation: Invocation, pulse: "Pulse", listener: socket.socket, url: str, stopped: asyncio.Event
) -> None:
    """Start the services' work, answer requests, and end both when `stopped` is set."""
    await pulse.start()
    server = _server(pulse)
    answering = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not server.started and not answering.done():  # noqa: ASYNC110 - uvicorn tells nobody
            await asyncio.sleep(0.01)
        _tell(invocation, pulse, url)
        stop = asyncio.create_task(stopped.wait())
        await asyncio.wait({answering, stop}, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
    finally:
        # Streams and sockets are closed by their services first: they would keep the server waiting.
        try:
            await pulse.stop()
        finally:
            server.should_exit = True
            await answering


def _tell(invocation: Invocation, pulse: "Pulse", url: str) -> None:
    from pulse.http.tokens import Principal, Role
    from pulse.kernel.tenant import DEFAULT_TENANT

    lifetime = timedelta(days=pulse.settings.http.token_days)
    token = pulse.tokens.issue(Principal(DEFAULT_TENANT, "owner", Role.OWNER), lifetime)
    if invocation.json:
        ready = {"ready": True, "url": url, "token": token, "database_url": pulse.database_url, "pid": os.getpid()}
        invocation.output.document(ready)
        return
    output = invocation.output
    output.line(f"Pulse runs: {', '.join(sorted(pulse.served))}")
    if "gateway" in pulse.served:
        output.line(f"  Dashboard  {url}/?token={token}")
        output.line(f"  Site       {url}/site/")
        output.line(f"  API        {url}/docs")
    else:
        output.line(f"  Listening  {url}")
    output.line("Ctrl-C ends it.")


async def prepare(pulse: "Pulse", niches: Sequence[str]) -> None:
    """Make the niches that are asked for; on a fresh data folder the starter niche and a site."""
    from pulse.kernel.tenant import DEFAULT_TENANT
    from pulse.news.starter import begin
    from pulse.social.handlers.channels import first_site

    if await begin(pulse.news, DEFAULT_TENANT, niches):
        await first_site(pulse.social, DEFAULT_TENANT)


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket. Raises `PortTaken`."""
    from pulse.cli.errors import PortTaken

    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(1024)
    except OSError as error:
        listener.close()
        raise PortTaken(f"cannot listen on {host}:{port}: {error.strerror}") from None
    listener.setblocking(False)
    return listener


def _server(pulse: "Pulse") -> "uvicorn.Server":
    import uvicorn

    class Server(uvicorn.Server):
        """Leaves signals to `up`, which ends more than the server."""

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            yield

    config = uvicorn.Config(
        pulse.asgi,
        lifespan="off",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=4_096,
        ws_per_message_deflate=False,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=_DRAIN_SECONDS,
    )
    return Server(config)


@contextmanager
def _stopping() -> Iterator[asyncio.Event]:
    """Give an event that SIGINT and SIGTERM set."""
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    try:
        yield stopped
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.remove_signal_handler(number)


def _in_url(host: str) -> str:
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - not bound here
    return f"[{shown}]" if ":" in shown else shown
