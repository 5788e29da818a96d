"""HTTP shapes of the notification room."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response, WebSocket
from fastapi.responses import JSONResponse
from starlette.requests import HTTPConnection

from pulse.http.access import may
from pulse.http.idempotency import Answer, Once
from pulse.http.tokens import Permission, Principal
from pulse.notification import dashboard, handlers, stream
from pulse.notification.broadcast import Broadcasts
from pulse.notification.errors import ShuttingDown
from pulse.notification.models import Notice, Notices
from pulse.notification.room import NotificationRoom
from pulse.notification.session import reader
from pulse.storage.engine import Transaction

_STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events: `id` (a place in the log), `event` (its name), `data` (one JSON object). "
        "A comment every 15 seconds. Ends with the token.",
        "content": {
            "text/event-stream": {
                "schema": {"type": "string"},
                "example": "id: 812-44\nevent: post.published\n"
                'data: {"id":"0199...","name":"post.published","wire_version":1,'
                '"aggregate":{"type":"post","id":"0199...","version":6},"occurred_at":"2026-11-03T09:00:00Z",'
                '"data":{"niche":"technology","channel_kind":"mastodon"}}\n\n',
            }
        },
    }
}


def router(room: NotificationRoom, boards: Broadcasts[dashboard.Board], tails: Broadcasts[stream.Tail]) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["notifications"])

    def until(connection: HTTPConnection) -> stream.Reader:
        principal, expires = reader(connection, room.tokens)
        return stream.Reader(principal.tenant, (0, 0), expires)

    @routes.get("/events", summary="Follow what happens", response_class=Response, responses=_STREAM)
    async def events(
        who: Annotated[stream.Reader, Depends(until)],
        last_event_id: Annotated[
            str | None, Header(description="id of the last event received: the stream continues after it")
        ] = None,
    ) -> Response:
        if tails.stopping:
            raise ShuttingDown("this process is ending")
        newest = await stream.newest(room.database, who.tenant)
        # An id beyond the end is of another database; it continues with what comes now.
        place = min(stream.parse_place(last_event_id), newest) if last_event_id else newest
        return stream.EventStream(tails, room.database, stream.Reader(who.tenant, place, who.expires), room.clock)

    @routes.get("/notices", summary="List notices, newest first")
    async def notices(
        caller: Annotated[Principal, Depends(may(Permission.READ))],
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
        cursor: Annotated[str | None, Query(max_length=500)] = None,
    ) -> Notices:
        return await handlers.notices(room, caller.tenant, limit=limit, cursor=cursor)

    @routes.post("/notices/{notice_id}/read", summary="Mark a notice as read", response_model=Notice)
    async def read(
        notice_id: UUID,
        caller: Annotated[Principal, Depends(may(Permission.WRITE))],
        once: Annotated[Once, Depends()],
    ) -> JSONResponse:
        async def work(tx: Transaction) -> Answer:
            return await handlers.mark_read(tx, notice_id, room.clock())

        return await once.run(room.database, caller.tenant, work)

    @routes.websocket("/ws/dashboard")
    async def live(socket: WebSocket) -> None:
        await dashboard.show(socket, boards, room.tokens, room.clock)

    return routes
