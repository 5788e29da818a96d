"""The five services as the pages see them: their HTTP interfaces over a `Newsroom` in memory, real tokens and roles.

`peers(...)` gives real `Peer`s that speak to it in memory, so that what the pages send is what a service would get.
"""

import asyncio
import contextlib
import json
import random
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any
from uuid import uuid4
from xml.etree import ElementTree

import httpx
from fastapi import Depends, FastAPI, Query, Request, Response
from starlette.websockets import WebSocket, WebSocketDisconnect

from pulse.http import problems
from pulse.http.access import may
from pulse.http.client import Peer
from pulse.http.errors import NotAuthenticated
from pulse.http.tokens import Permission, Tokens
from pulse.kernel.errors import Kind, PulseError
from tests.doubles import fake_llm
from tests.doubles.newsroom import Newsroom, Row, by_hand, source

SERVICES = ("news", "llm", "social", "analytics", "notification")
READ, WRITE = Depends(may(Permission.READ)), Depends(may(Permission.WRITE))
APPROVE, MANAGE = Depends(may(Permission.APPROVE)), Depends(may(Permission.MANAGE))


class Missing(PulseError):
    code, kind, next_step = "fake.missing", Kind.NOT_FOUND, "List what there is."


class WrongState(PulseError):
    code, kind = "social.wrong_state", Kind.CONFLICT
    next_step = "Look at the post's state; somebody or something has moved it on."


class StaleEdit(PulseError):
    code, kind = "social.stale_edit", Kind.CONFLICT
    next_step = "Read the draft as it is now and make the change there; nothing was changed by this request."


class NoFeedFound(PulseError):
    code, kind = "news.no_feed_found", Kind.INVALID
    next_step = "Open the site, look for its RSS or Atom link, and give that address."


class FakePulse:
    """The services. `down` names those that do not answer; `requests` is what they were asked."""

    def __init__(self, room: Newsroom, tokens: Tokens) -> None:
        self.room, self.tokens = room, tokens
        self.down: set[str] = set()
        self.requests: list[tuple[str, str, Any, str | None]] = []
        self.viewers: dict[WebSocket, asyncio.AbstractEventLoop] = {}
        self.refuse_live = False
        self.figures: dict[str, Any] = {}
        self.app = FastAPI()
        self.app.state.tokens = tokens
        problems.install(self.app)
        for add in (_news, fake_llm.routes, _social, _analytics):
            add(self.app, self)

    def reset(self, room: Newsroom) -> None:
        """Begin anew with the data of `room`."""
        vars(self.room).update(vars(room))
        self.down, self.refuse_live, self.figures = set(), False, {}
        self.requests.clear()

    def peers(self) -> dict[str, Peer]:
        """Return the peers that the pages are given."""
        return {
            name: Peer(
                httpx.AsyncClient(transport=_Transport(self, name), base_url="http://pulse"),
                self.tokens,
                caller="web",
                service=name,
            )
            for name in SERVICES
        }

    async def dashboard(self, socket: WebSocket) -> None:
        """Serve `/ws/dashboard` as the notification service does: the same cookie, a message a second."""
        try:
            self.tokens.verify(socket.cookies.get("pulse_session", ""))
        except NotAuthenticated:
            await socket.accept()
            await socket.close(4401)
            return
        if self.refuse_live:
            await socket.close(1013)
            return
        await socket.accept()
        self.viewers[socket] = asyncio.get_running_loop()
        try:
            while True:
                await socket.send_text(json.dumps(_figures() | self.figures))
                await asyncio.sleep(1)
        except (WebSocketDisconnect, RuntimeError):
            pass
        finally:
            self.viewers.pop(socket, None)

    def close_viewers(self, code: int) -> None:
        """Close every viewer's WebSocket, from another thread than the server's."""
        for socket, loop in list(self.viewers.items()):
            # One whose page is gone is closed already, and will be found so with its next message.
            with contextlib.suppress(WebSocketDisconnect, RuntimeError):
                asyncio.run_coroutine_threadsafe(socket.close(code), loop).result(5)


class _Transport(httpx.AsyncBaseTransport):
    def __init__(self, fake: FakePulse, service: str) -> None:
        self._fake, self._service = fake, service
        self._inner = httpx.ASGITransport(fake.app, raise_app_exceptions=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._service in self._fake.down:
            raise httpx.ConnectError("connection refused")
        body = request.content.decode() if request.content else None
        parsed = json.loads(body) if body and request.headers.get("content-type") == "application/json" else body
        key = request.headers.get("idempotency-key")
        self._fake.requests.append((request.method, request.url.raw_path.decode(), parsed, key))
        return await self._inner.handle_async_request(request)


def _figures() -> dict[str, Any]:
    return {
        "articles_per_minute": round(random.uniform(8, 16), 1),
        "active_jobs": random.randint(0, 9),
        "success_rate": round(random.uniform(0.985, 1), 4),
        "engagement_score": round(random.uniform(2.8, 3.6), 2),
        "at": datetime.now(UTC).isoformat(),
    }


def _found(rows: list[dict[str, Any]], value: str, field: str = "id") -> dict[str, Any]:
    for row in rows:
        if row[field] == value:
            return row
    raise Missing(f"there is nothing with the {field} {value}")


def _paged(rows: list[dict[str, Any]], limit: int, cursor: str | None) -> tuple[list[dict[str, Any]], str | None]:
    start = int(cursor or 0)
    return rows[start : start + limit], str(start + limit) if len(rows) > start + limit else None


def _news(app: FastAPI, fake: FakePulse) -> None:
    room = fake.room

    @app.get("/niches", dependencies=[READ])
    async def niches() -> Any:
        return {"niches": room.niches}

    @app.post("/niches", status_code=201, dependencies=[WRITE])
    async def add_niche(request: Request) -> Any:
        wanted = {"title": "", "keywords": [], "language": None} | await request.json()
        if any(niche["name"] == wanted["name"] for niche in room.niches):
            raise WrongState(f"there is a niche named {wanted['name']} already")
        room.niches.append(wanted | {"sources": 0, "articles": 0, "stories": 0})
        return room.niches[-1]

    @app.patch("/niches/{name}", dependencies=[WRITE])
    async def change_niche(name: str, request: Request) -> Any:
        niche = _found(room.niches, name, "name")
        niche.update(await request.json())
        return niche

    @app.get("/stories", dependencies=[READ])
    async def stories(
        order: str = "score", niche: str | None = None, limit: int = 50, cursor: str | None = None
    ) -> Any:
        rows = [story | {"articles": []} for story in room.stories if niche in (None, story["niche"])]
        rows.sort(key=lambda story: story["score"]["total"] if order == "score" else story["updated_at"], reverse=True)
        page, more = _paged(rows, limit, cursor)
        return {"stories": page, "next_cursor": more}

    @app.get("/stories/{story_id}", dependencies=[READ])
    async def story(story_id: str) -> Any:
        return _found(room.stories, story_id)

    @app.get("/sources", dependencies=[READ])
    async def sources(niche: str | None = None) -> Any:
        return {"sources": [row for row in room.sources if niche in (None, row["niche"])]}

    @app.post("/sources", status_code=201, dependencies=[WRITE])
    async def add_source(request: Request) -> Any:
        wanted = await request.json()
        if "nofeed" in wanted["url"]:
            raise NoFeedFound(f"{wanted['url']} is neither a feed nor a page that names one")
        room.sources.append(source(room, "", wanted["niche"], wanted["url"], full_text=wanted["full_text"]))
        others = ["https://manyfeeds.example/comments.xml"] if wanted["url"] == "https://manyfeeds.example" else []
        return room.sources[-1] | {"other_feeds": others}

    @app.get("/sources/export", dependencies=[READ])
    async def export(niche: str | None = None) -> Response:
        root = ElementTree.Element("opml", version="2.0")
        body = ElementTree.SubElement(root, "body")
        for row in room.sources:
            if niche in (None, row["niche"]):
                ElementTree.SubElement(body, "outline", text=row["title"], xmlUrl=row["url"])
        return Response(ElementTree.tostring(root, encoding="unicode"), media_type="text/x-opml")

    @app.post("/sources/import", dependencies=[WRITE])
    async def bring_in(niche: str, request: Request) -> Any:
        urls = [outline.get("xmlUrl") for outline in ElementTree.fromstring(await request.body()).iter("outline")]
        for url in filter(None, urls):
            room.sources.append(source(room, "", niche, url))
        return {
            "added": len(list(filter(None, urls))),
            "known": 1,
            "errors": [{"url": "ftp://x", "message": "not a web address"}],
        }

    @app.patch("/sources/{source_id}", dependencies=[WRITE])
    async def change_source(source_id: str, request: Request) -> Any:
        row = _found(room.sources, source_id)
        row.update(await request.json())
        return row

    @app.post("/sources/{source_id}/poll", status_code=202, dependencies=[WRITE])
    async def poll(source_id: str) -> Any:
        return _found(room.sources, source_id)

    @app.delete("/sources/{source_id}", status_code=204, dependencies=[WRITE])
    async def delete_source(source_id: str) -> None:
        room.sources.remove(_found(room.sources, source_id))


def _social(app: FastAPI, fake: FakePulse) -> None:
    room = fake.room

    @app.get("/posts", dependencies=[READ])
    async def posts(
        state: Annotated[list[str] | None, Query()] = None,
        niche: str | None = None,
        limit: int = 50,
        cursor: str | None = None,
    ) -> Any:
        rows = [post for post in room.posts if (not state or post["state"] in state) and niche in (None, post["niche"])]
        page, more = _paged(rows, limit, cursor)
        return {"posts": page, "next_cursor": more}

    @app.post("/publish", status_code=202, dependencies=[WRITE])
    async def publish(request: Request) -> Any:
        wanted = await request.json()
        channel = _found(room.channels, wanted["platform"], "kind")
        niche = _found(room.stories, wanted["story_id"])["niche"] if wanted.get("story_id") else wanted["niche"]
        room.posts.insert(0, by_hand(room, channel, niche, wanted["content"]))
        return room.posts[0]

    def put(post_id: str, wanted: Row, text: str, content: Row, doubts: list[str], former: int | None = None) -> Row:
        found, history = _found(room.posts, post_id), room.histories[post_id]
        if found["state"] != "draft":
            raise WrongState(f"a post that is {found['state']} cannot be edited")
        if wanted["version"] != found["version"]:
            raise StaleEdit(f"the post is at version {found['version']}, and the text is for {wanted['version']}")
        changed: Row = {"text": text, "content": content, "doubts": doubts}
        data = {"by": "owner", "before": found["text"], "former": former} | changed
        found.update(changed, version=found["version"] + 1)
        entry = {"version": found["version"], "event": "post.edited", "at": datetime.now(UTC).isoformat()}
        history.append(entry | {"data": data, "trace": None})
        return found

    @app.patch("/posts/{post_id}", dependencies=[WRITE])
    async def edit(post_id: str, request: Request) -> Any:
        wanted = await request.json()
        hand = by_hand(room, room.channels[0], "technology", wanted["text"])
        return put(post_id, wanted, wanted["text"], hand["content"], hand["doubts"])

    @app.post("/posts/{post_id}/restore", dependencies=[WRITE])
    async def restore(post_id: str, request: Request) -> Any:
        wanted = await request.json()
        then = next(entry["data"] for entry in room.histories[post_id] if entry["version"] == wanted["former"])
        return put(post_id, wanted, then["text"], then["content"], then["doubts"], wanted["former"])

    @app.get("/posts/{post_id}", dependencies=[READ])
    async def post(post_id: str) -> Any:
        found = _found(room.posts, post_id)
        # Delivery, in short: what is due is published when somebody looks.
        due = found["state"] == "scheduled" and datetime.fromisoformat(found["scheduled_at"]) <= datetime.now(UTC)
        if found["state"] == "approved" or due:
            found.update(state="published", url="https://news.example/p/9", published_at=datetime.now(UTC).isoformat())
        return found

    @app.get("/posts/{post_id}/why", dependencies=[READ])
    async def why(post_id: str) -> Any:
        return {"post": _found(room.posts, post_id), "history": room.histories[post_id], "summary": None, "story": None}

    def change(action: str, before: tuple[str, ...], after: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
        @app.post(f"/posts/{{post_id}}/{action}", dependencies=[APPROVE])
        async def act(post_id: str, request: Request) -> Any:
            found = _found(room.posts, post_id)
            if found["state"] not in before:
                raise WrongState(f"a post that is {found['state']} cannot {action}")
            body = json.loads(await request.body() or b"null") or {}
            found.update(after(body), updated_at=datetime.now(UTC).isoformat())
            return found

    def approved(body: dict[str, Any]) -> dict[str, Any]:
        at = body.get("schedule_at") or datetime.now(UTC).isoformat()
        later = datetime.fromisoformat(at) > datetime.now(UTC)
        return {"state": "scheduled" if later else "approved", "approved_by": "owner", "scheduled_at": at}

    change("approve", ("draft",), approved)
    change(
        "reject", ("draft",), lambda body: {"state": "rejected", "error": {"message": body["reason"], "by": "owner"}}
    )
    change("cancel", ("draft", "approved", "scheduled"), lambda body: {"state": "cancelled", "error": None})
    change("retry", ("failed",), lambda body: {"state": "approved", "error": None})
    change(
        "settle",
        ("unknown",),
        lambda body: {"state": "published" if body["url"] else "scheduled", "url": body["url"], "error": None},
    )

    @app.get("/channels", dependencies=[READ])
    async def channels() -> Any:
        return {"channels": room.channels}

    @app.post("/channels", status_code=201, dependencies=[MANAGE])
    async def add_channel(request: Request) -> Any:
        wanted = await request.json()
        if any(channel["name"] == wanted["name"] for channel in room.channels):
            raise WrongState(f"a channel named {wanted['name']!r} is there already")
        secret = wanted.pop("secret", None)
        made = {
            "id": str(uuid4()),
            "has_secret": bool(secret),
            "paused": False,
            "last_error": None,
            "created_at": room.now.isoformat(),
        }
        room.channels.append(wanted | made)
        return room.channels[-1]

    @app.patch("/channels/{channel_id}", dependencies=[MANAGE])
    async def change_channel(channel_id: str, request: Request) -> Any:
        channel = _found(room.channels, channel_id)
        changes = await request.json()
        changes.pop("secret", None)
        channel.update(changes)
        return channel

    @app.delete("/channels/{channel_id}", status_code=204, dependencies=[MANAGE])
    async def delete_channel(channel_id: str) -> None:
        room.channels.remove(_found(room.channels, channel_id))

    @app.get("/publishing/{niche}", dependencies=[READ])
    async def publishing(niche: str) -> Any:
        return room.publishing.get(niche, {"niche": niche, "autopilot": False, "daily_limit": 24})

    @app.put("/publishing/{niche}", dependencies=[MANAGE])
    async def set_publishing(niche: str, request: Request) -> Any:
        room.publishing[niche] = {"niche": niche} | await request.json()
        return room.publishing[niche]


def _analytics(app: FastAPI, fake: FakePulse) -> None:
    @app.get("/stats/live", dependencies=[READ])
    async def live() -> Any:
        return _figures() | fake.figures
