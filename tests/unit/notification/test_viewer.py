"""A viewer whose connection takes nothing."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
from starlette.websockets import WebSocket

from pulse.http.client import Peer
from pulse.http.tokens import Principal, Role, Tokens
from pulse.kernel.clock import utc_now
from pulse.kernel.tenant import DEFAULT_TENANT
from pulse.notification import dashboard
from pulse.notification.broadcast import Broadcasts
from pulse.notification.dashboard import Board

FIGURES = {"articles_per_minute": 1.5, "active_jobs": 2, "success_rate": 1, "engagement_score": None}


class Connection:
    """The server's side of a WebSocket whose other end can be made to take nothing."""

    def __init__(self, token: str) -> None:
        self.sent: list[dict[str, Any]] = []
        self.stuck = asyncio.Event()
        self.stuck.set()
        headers = [(b"authorization", f"Bearer {token}".encode())]
        scope = {"type": "websocket", "path": "/", "query_string": b"", "headers": headers, "app": None}
        self._incoming: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._incoming.put_nowait({"type": "websocket.connect"})
        self.socket = WebSocket(scope, self._incoming.get, self._send)

    async def _send(self, message: Any) -> None:
        await self.stuck.wait()
        self.sent.append(message)


def boards(tokens: Tokens, answer: Any) -> Broadcasts[Board]:
    transport = httpx.MockTransport(lambda _request: httpx.Response(200, json=answer))
    peer = Peer(
        httpx.AsyncClient(transport=transport, base_url="http://a"), tokens, caller="notification", service="analytics"
    )
    return Broadcasts(lambda tenant: Board(peer, utc_now, tenant), 0.02)


async def test_it_is_dropped(tokens: Tokens, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dashboard, "SEND_SECONDS", 0.2)
    connection = Connection(tokens.issue(Principal(DEFAULT_TENANT, "me", Role.VIEWER), timedelta(minutes=1)))
    found = boards(tokens, FIGURES | {"at": datetime.now(UTC).isoformat()})
    showing = asyncio.create_task(dashboard.show(connection.socket, found, tokens, utc_now))
    await asyncio.sleep(0.1)
    assert len(connection.sent) >= 2, "accepted and told"
    connection.stuck.clear()
    before = len(connection.sent)
    async with asyncio.timeout(3):
        await showing
    assert len(connection.sent) == before, "nothing was kept for it"
    await found.stop()


async def test_one_that_pauses_skips_to_the_newest(tokens: Tokens) -> None:
    connection = Connection(tokens.issue(Principal(DEFAULT_TENANT, "me", Role.VIEWER), timedelta(minutes=1)))
    found = boards(tokens, FIGURES | {"at": datetime.now(UTC).isoformat()})
    showing = asyncio.create_task(dashboard.show(connection.socket, found, tokens, utc_now))
    await asyncio.sleep(0.1)
    connection.stuck.clear()
    await asyncio.sleep(0.4)
    before = len(connection.sent)
    connection.stuck.set()
    await asyncio.sleep(0.05)
    assert 1 <= len(connection.sent) - before <= 5, "of the twenty messages meanwhile only the newest"
    await found.stop()
    await showing
    assert connection.sent[-1] == {"type": "websocket.close", "code": dashboard.GOING, "reason": ""}


@pytest.mark.parametrize("answer", [None, [], {"at": "soon"}, {"articles_per_minute": "many"}])
async def test_an_answer_that_makes_no_sense_is_an_unknown_figure(tokens: Tokens, answer: Any) -> None:
    with (found := boards(tokens, answer)).follow(DEFAULT_TENANT) as broadcast:
        await asyncio.sleep(0.1)
        assert '"active_jobs":null' in broadcast.source.text
    await found.stop()
