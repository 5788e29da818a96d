"""The live dashboard: one message a second to every viewer of a tenant, made once for all of them.

A viewer that reads slowly skips messages; one that does not read at all is dropped.
"""

import asyncio
import contextlib
import logging
from datetime import datetime

from pydantic import ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect

from pulse.http.client import Peer
from pulse.http.errors import NotAuthenticated, NotPermitted
from pulse.http.tokens import Tokens
from pulse.kernel.clock import Clock
from pulse.kernel.errors import PulseError
from pulse.kernel.tenant import TenantId
from pulse.notification.broadcast import Broadcast, Broadcasts, came, first_of
from pulse.notification.errors import ForeignOrigin, ShuttingDown
from pulse.notification.models import Figures
from pulse.notification.session import reader

PERIOD_SECONDS = 1.0
ASK_SECONDS = 3.0
"""Analytics has so long to answer; then the figures are shown as unknown."""
SEND_SECONDS = 5.0
"""A viewer whose connection takes nothing for so long is dropped."""
MAX_INCOMING = 1024
"""Characters of a message from a viewer. Nothing is expected of them; what is small is ignored."""

NOT_AUTHENTICATED, NOT_PERMITTED, TOO_BIG, TOO_SLOW, GOING = 4401, 4403, 1009, 1008, 1012
"""Close codes: 44xx as HTTP's, the others of RFC 6455 and its registry (1012: service restart)."""

_logger = logging.getLogger(__name__)


class Board:
    """The newest figures of one tenant, as the text that all its viewers get."""

    def __init__(self, analytics: Peer, clock: Clock, tenant: TenantId) -> None:
        self._analytics, self._clock, self._tenant = analytics, clock, tenant
        self._reachable = True
        self.text = ""
        self.number = 0

    async def refresh(self) -> bool:
        """Ask analytics; when it does not answer, the figures are unknown, which is shown too."""
        figures = await self._ask()
        self.text = figures.model_dump_json()
        self.number += 1
        return True

    async def _ask(self) -> Figures:
        try:
            async with asyncio.timeout(ASK_SECONDS):
                answer = await self._analytics.ask("GET", "/stats/live", self._tenant)
            figures = Figures.model_validate(answer)
        except (PulseError, ValidationError, TimeoutError) as error:
            if self._reachable:
                _logger.warning("the live figures are not to be had: %s", error)
            self._reachable = False
            return Figures(at=self._clock())
        self._reachable = True
        return figures


async def show(socket: WebSocket, boards: Broadcasts[Board], tokens: Tokens, clock: Clock) -> None:
    """Serve one viewer from handshake to close."""
    try:
        principal, expires = reader(socket, tokens)
    except ForeignOrigin:
        await socket.close()  # before it is accepted: the handshake is answered 403
        return
    except (NotAuthenticated, NotPermitted) as error:
        # A browser sees the code and the reason only of a connection that was accepted.
        await socket.accept()
        await socket.close(NOT_AUTHENTICATED if isinstance(error, NotAuthenticated) else NOT_PERMITTED, error.message)
        return
    await socket.accept()
    code: int | None
    try:
        with boards.follow(principal.tenant) as broadcast:
            code = await first_of(_send(socket, broadcast, expires, clock), _listen(socket))
    except ShuttingDown:
        code = GOING
    if code is not None:
        # The close frame queues behind what the viewer has not read.
        with contextlib.suppress(TimeoutError, RuntimeError, WebSocketDisconnect):
            async with asyncio.timeout(1):
                await socket.close(code)


async def _send(socket: WebSocket, broadcast: Broadcast[Board], expires: datetime, clock: Clock) -> int | None:
    seen = 0
    while not broadcast.stopping:
        if clock() >= expires:
            return NOT_AUTHENTICATED
        board, change = broadcast.source, broadcast.change
        if board.number == seen:
            await came(change, PERIOD_SECONDS)
            continue
        seen = board.number
        try:
            async with asyncio.timeout(SEND_SECONDS):
                await socket.send_text(board.text)
        except TimeoutError:
            return TOO_SLOW
        except WebSocketDisconnect:
            return None
    return GOING


async def _listen(socket: WebSocket) -> int | None:
    while True:
        message = await socket.receive()
        if message["type"] == "websocket.disconnect":
            return None
        if len(message.get("text") or message.get("bytes") or "") > MAX_INCOMING:
            return TOO_BIG
