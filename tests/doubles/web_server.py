"""The pages over the fake services, served for a real browser on a free port of loopback."""

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount, WebSocketRoute

from pulse.http.tokens import Principal, Role, Tokens, new_key
from pulse.kernel.tenant import DEFAULT_TENANT
from pulse.settings import Settings
from pulse.web.application import WebRoom, application
from tests.doubles.fake_peers import FakePulse
from tests.doubles.newsroom import newsroom


@dataclass(frozen=True)
class WebServer:
    """Where the pages are, and what stands behind them."""

    url: str
    fake: FakePulse
    tokens: Tokens

    def token(self, role: Role = Role.OWNER, hours: float = 1) -> str:
        """Return a token for a person of that role."""
        return self.tokens.issue(Principal(DEFAULT_TENANT, role.value, role), timedelta(hours=hours))


@contextmanager
def serve(home: Path, port: int = 0) -> Iterator[WebServer]:
    """Serve until the block ends."""
    tokens = Tokens(new_key())
    fake = FakePulse(newsroom(), tokens)
    room = WebRoom(peers=fake.peers(), tokens=tokens, settings=Settings(home=home))
    app = Starlette(routes=[WebSocketRoute("/ws/dashboard", fake.dashboard), Mount("/", application(room))])
    server = uvicorn.Server(
        uvicorn.Config(
            app, host="127.0.0.1", port=port, log_level="error", access_log=False, timeout_graceful_shutdown=1
        )
    )
    thread = threading.Thread(target=lambda: asyncio.run(server.serve()), daemon=True)
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.02)
    assert server.started, "the server did not start"
    try:
        yield WebServer(f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", fake, tokens)
    finally:
        server.should_exit = True
        thread.join(10)
