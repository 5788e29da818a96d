"""`Idempotency-Key` on the real database: one effect, one answer, whatever happens around it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated, Any
from uuid import UUID

import httpx
import pytest
from fastapi import APIRouter, Depends
from pydantic import BaseModel

from pulse.http import application
from pulse.http.access import may
from pulse.http.errors import BadRequest
from pulse.http.idempotency import Answer, Once, forget_old_keys
from pulse.http.tokens import Permission, Principal, Role, Tokens
from pulse.kernel.tenant import DEFAULT_TENANT, TenantId
from pulse.storage.engine import Database, Transaction

OTHER_TENANT = TenantId(UUID("00000000-0000-7000-8000-000000000002"))
Writer = Annotated[Principal, Depends(may(Permission.WRITE))]


class Note(BaseModel):
    """What is posted."""

    text: str


class Desk:
    """A service that does one thing; its effect is a row, and how often it began is counted."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.began = 0
        self.arrived = asyncio.Event()
        self.go_on = asyncio.Event()
        self.go_on.set()
        self.router = APIRouter()

        @self.router.post("/notes", status_code=201)
        async def write(note: Note, principal: Writer, once: Annotated[Once, Depends()]) -> Any:
            async def work(tx: Transaction) -> Answer:
                self.began += 1
                self.arrived.set()
                # The key column of any row of this tenant will do to see how often the effect took place.
                await tx.execute(
                    "INSERT INTO bus.idempotency (key, fingerprint, status, body) VALUES (:key, 'effect', 1, :body)",
                    key=f"effect {self.began}",
                    body={"text": note.text},
                )
                await self.go_on.wait()
                if note.text == "refuse":
                    raise BadRequest("refused, after it was written")
                if note.text == "crash":
                    raise RuntimeError("crashed, after it was written")
                return 201, {"number": self.began, "text": note.text}

            return await once.run(database, principal.tenant, work)

        @self.router.post("/others", status_code=201)
        async def other(principal: Writer, once: Annotated[Once, Depends()]) -> Any:
            if answered := await once.earlier(database, principal.tenant):
                return answered

            async def work(tx: Transaction) -> Answer:
                self.began += 1
                return 201, self.began

            return await once.run(database, principal.tenant, work)

    async def effects(self, tenant: TenantId = DEFAULT_TENANT) -> list[str]:
        async with self.database.transaction(tenant) as tx:
            rows = await tx.rows("SELECT body FROM bus.idempotency WHERE fingerprint = 'effect' ORDER BY key")
            return [row["body"]["text"] for row in rows]

    async def keys(self, tenant: TenantId = DEFAULT_TENANT) -> set[str]:
        async with self.database.transaction(tenant) as tx:
            rows = await tx.rows("SELECT key FROM bus.idempotency WHERE fingerprint <> 'effect'")
            return {row["key"] for row in rows}


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


@pytest.fixture
async def client(desk: Desk, tokens: Tokens) -> AsyncIterator[httpx.AsyncClient]:
    async def ready() -> dict[str, Any]:
        return {}

    app = application.build("desk", [desk.router], tokens, ready=ready, max_body_bytes=10_000)
    token = tokens.issue(Principal(DEFAULT_TENANT, "ada", Role.OWNER), timedelta(hours=1))
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(transport=transport, base_url="http://pulse", headers=headers) as client:
        yield client


def key(name: str) -> dict[str, str]:
    return {"idempotency-key": name}


async def test_without_a_key_every_request_does_its_work(client: httpx.AsyncClient, desk: Desk) -> None:
    for number in (1, 2):
        answer = await client.post("/notes", json={"text": "a"})
        assert (answer.status_code, answer.json()) == (201, {"number": number, "text": "a"})
    assert await desk.effects() == ["a", "a"]


async def test_the_same_key_twice_is_one_effect_and_one_answer(client: httpx.AsyncClient, desk: Desk) -> None:
    first = await client.post("/notes", json={"text": "ä"}, headers=key("k"))
    again = await client.post("/notes", json={"text": "ä"}, headers=key("k"))
    assert first.status_code == again.status_code == 201
    assert first.json() == again.json() == {"number": 1, "text": "ä"}
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert await desk.effects() == ["ä"]
    assert (await client.post("/notes", json={"text": "ä"}, headers=key("l"))).json()["number"] == 2


@pytest.mark.parametrize(("path", "text"), [("/notes", "b"), ("/notes?q=1", "a"), ("/others", "a")])
async def test_the_same_key_for_another_request_is_a_conflict(
    client: httpx.AsyncClient, desk: Desk, path: str, text: str
) -> None:
    await client.post("/notes", json={"text": "a"}, headers=key("k"))
    answer = await client.post(path, json={"text": text}, headers=key("k"))
    assert (answer.status_code, answer.json()["code"]) == (409, "http.idempotency_key_reused")
    assert "'k'" in answer.json()["detail"]
    assert await desk.effects() == ["a"]


async def test_two_at_a_time_are_one_effect_and_the_second_gets_the_firsts_answer(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    desk.go_on.clear()
    requests = [asyncio.create_task(client.post("/notes", json={"text": "a"}, headers=key("k"))) for _ in range(5)]
    await asyncio.wait_for(desk.arrived.wait(), 10)
    await asyncio.sleep(0.2)
    assert not any(request.done() for request in requests)
    desk.go_on.set()
    answers = await asyncio.gather(*requests)
    assert [answer.status_code for answer in answers] == [201] * 5
    assert [answer.json() for answer in answers] == [{"number": 1, "text": "a"}] * 5
    assert sorted(answer.headers.get("idempotency-replayed", "") for answer in answers) == ["", *["true"] * 4]
    assert (desk.began, await desk.effects()) == (1, ["a"])


@pytest.mark.parametrize(("text", "status"), [("refuse", 422), ("crash", 500)])
async def test_a_failure_leaves_neither_effect_nor_key(
    client: httpx.AsyncClient, desk: Desk, text: str, status: int
) -> None:
    answer = await client.post("/notes", json={"text": text}, headers=key("k"))
    assert answer.status_code == status
    assert (await desk.effects(), await desk.keys()) == ([], set())
    answer = await client.post("/notes", json={"text": "now it works"}, headers=key("k"))
    assert answer.status_code == 201
    assert await desk.effects() == ["now it works"]


async def test_when_the_first_of_two_fails_the_second_does_the_work(client: httpx.AsyncClient, desk: Desk) -> None:
    desk.go_on.clear()
    failing = asyncio.create_task(client.post("/notes", json={"text": "crash"}, headers=key("k")))
    await asyncio.wait_for(desk.arrived.wait(), 10)
    waiting = asyncio.create_task(client.post("/notes", json={"text": "a"}, headers=key("k")))
    await asyncio.sleep(0.2)
    desk.go_on.set()
    assert (await failing).status_code == 500
    assert (await waiting).status_code == 201
    assert await desk.effects() == ["a"]


async def test_keys_of_another_tenant_are_not_ours(client: httpx.AsyncClient, desk: Desk, tokens: Tokens) -> None:
    theirs = tokens.issue(Principal(OTHER_TENANT, "eve", Role.OWNER), timedelta(hours=1))
    ours = await client.post("/notes", json={"text": "ours"}, headers=key("k"))
    answer = await client.post(
        "/notes", json={"text": "theirs"}, headers=key("k") | {"authorization": f"Bearer {theirs}"}
    )
    assert (ours.status_code, answer.status_code) == (201, 201)
    assert "idempotency-replayed" not in answer.headers
    assert await desk.effects() == ["ours"]
    assert await desk.effects(OTHER_TENANT) == ["theirs"]


async def test_work_that_asks_the_network_first_looks_for_its_earlier_answer(
    client: httpx.AsyncClient, desk: Desk
) -> None:
    assert (await client.post("/others", headers=key("k"))).json() == 1
    assert (await client.post("/others", headers=key("k"))).json() == 1
    assert (await client.post("/others")).json() == 2
    assert desk.began == 2


@pytest.mark.parametrize("name", ["ü".encode(), b"x" * 256, b""])
async def test_a_key_that_is_none_is_refused(client: httpx.AsyncClient, desk: Desk, name: bytes) -> None:
    answer = await client.post("/notes", json={"text": "a"}, headers=[(b"idempotency-key", name)])
    assert answer.status_code == 422, answer.text
    assert await desk.effects() == []


async def test_keys_are_forgotten_after_a_day(client: httpx.AsyncClient, desk: Desk, database: Database) -> None:
    for name in ("old", "new"):
        await client.post("/notes", json={"text": "a"}, headers=key(name))
    async with database.transaction(DEFAULT_TENANT) as tx:
        await tx.execute("UPDATE bus.idempotency SET created_at = now() - interval '25 hours' WHERE key = 'old'")
    await forget_old_keys(database, DEFAULT_TENANT)
    assert await desk.keys() == {"new"}
