"""Notices: what people are told, and that they have read it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx

from pulse.http.client import Peer
from pulse.http.tokens import Role
from pulse.kernel.tenant import DEFAULT_TENANT, TenantId
from pulse.llm.events import ArticleSummarized
from pulse.notification import handlers
from pulse.notification.client import NotificationClient
from pulse.notification.room import NotificationRoom
from pulse.social.events import PostPublished
from tests.integration.notification.running import Running

STORY = UUID("0199a000-0000-7000-8000-000000000001")


def summarized(title: str = "Rain in May", dropped: int = 0) -> ArticleSummarized:
    return ArticleSummarized(
        summary_id=uuid4(),
        story_id=STORY,
        niche="weather",
        title=title,
        language="en",
        sentences=3,
        dropped=dropped,
        confidence=0.9,
        score=0.5,
        engine="extractive",
    )


def published(url: str) -> PostPublished:
    return PostPublished(
        niche="weather", channel_id=uuid4(), channel_kind="site", story_id=STORY, remote_id="1", url=url, settled=False
    )


async def get(server: Running, query: str = "", tenant: TenantId = DEFAULT_TENANT) -> Any:
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.get(f"http://{server.host}/notices{query}", headers=server.bearer(tenant))
    return answer.raise_for_status().json()


async def told(server: Running, *events: ArticleSummarized | PostPublished, tenant: TenantId = DEFAULT_TENANT) -> None:
    for event in events:
        stored = await server.append(event, tenant)
        for _ in range(2):  # work may be done again: it tells once
            await server.bus.work(f"notification/{event.name}", tenant, {"event": str(stored.id)}, {})


async def test_what_is_told(server: Running, other: TenantId) -> None:
    await told(server, summarized(dropped=1), published("https://social.example/1"), published("javascript:alert(1)"))
    found = await get(server)
    assert found["unread"] == 3
    bad, post, summary = found["notices"]
    assert summary["title"] == "Summary ready: Rain in May"
    assert summary["text"] == "weather: 3 sentences with their sources, 1 sentence dropped"
    assert summary["link"] == f"/stories/{STORY}"
    assert (post["kind"], post["title"]) == ("post", "Published on site")
    assert post["link"] == "https://social.example/1"
    assert bad["link"] is None, "only addresses become links"
    assert summary["read_at"] is None
    assert await get(server, tenant=other) == {"notices": [], "next_cursor": None, "unread": 0}


async def test_pages(server: Running) -> None:
    await told(server, *(summarized(f"Story {n}") for n in range(5)))
    titles: list[str] = []
    query = "?limit=2"
    while True:
        page = await get(server, query)
        titles += [notice["title"][-1] for notice in page["notices"]]
        if page["next_cursor"] is None:
            break
        query = f"?limit=2&cursor={page['next_cursor']}"
    assert titles == ["4", "3", "2", "1", "0"]


async def test_reading(server: Running, other: TenantId) -> None:
    await told(server, summarized())
    (notice,) = (await get(server))["notices"]
    address = f"http://{server.host}/notices/{notice['id']}/read"
    async with httpx.AsyncClient(trust_env=False) as http:
        editor = server.bearer(role=Role.EDITOR) | {"idempotency-key": "k"}
        assert (await http.post(address, headers=server.bearer())).status_code == 403
        assert (await http.post(address, headers=server.bearer(other, role=Role.EDITOR))).status_code == 404
        first = await http.post(address, headers=editor)
        again = await http.post(address, headers=editor)
        later = await http.post(address, headers=server.bearer(role=Role.EDITOR))
    assert first.status_code == 200
    assert first.json()["read_at"] is not None
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
    assert later.json() == first.json(), "the first time counts"
    assert (await get(server))["unread"] == 0


async def test_refusals(server: Running) -> None:
    async with httpx.AsyncClient(trust_env=False, headers=server.bearer(role=Role.EDITOR)) as http:
        at = f"http://{server.host}/notices"
        assert (await http.post(f"{at}/{uuid4()}/read")).status_code == 404
        for query in ("limit=0", "limit=101", "cursor=x", "cursor=WyJhIiwiYiJd", "cursor=WzEsMl0"):
            assert (await http.get(f"{at}?{query}")).status_code == 422, query
        assert (await http.get(at, headers={"authorization": "Bearer x"})).status_code == 401


async def test_the_client(server: Running) -> None:
    await told(server, summarized())
    http = httpx.AsyncClient(base_url=f"http://{server.host}", trust_env=False)
    client = NotificationClient(Peer(http, server.tokens, caller="web", service="notification"))
    (notice,) = (await client.notices(DEFAULT_TENANT)).notices
    assert (await client.mark_read(DEFAULT_TENANT, notice.id)).read_at is not None
    await http.aclose()


async def test_old_notices_are_forgotten(server: Running) -> None:
    await told(server, summarized())
    peer = Peer(httpx.AsyncClient(), server.tokens, caller="notification", service="analytics")
    room = NotificationRoom(database=server.database, bus=server.bus, analytics=peer, tokens=server.tokens)
    await handlers.forget_old_notices(room, DEFAULT_TENANT)
    assert (await get(server))["unread"] == 1
    later = replace(room, clock=lambda: datetime.now(UTC) + handlers.KEPT + timedelta(minutes=1))
    await handlers.forget_old_notices(later, DEFAULT_TENANT)
    assert (await get(server))["unread"] == 0
    await peer.close()
