"""The shell of a service: bounds on bodies, health, metrics that stay bounded, who may call what."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Annotated, Any

import httpx
import pytest
from fastapi import APIRouter, Depends
from fastapi.responses import StreamingResponse
from prometheus_client import REGISTRY
from pydantic import BaseModel

from pulse.http import application
from pulse.http.access import may
from pulse.http.errors import BadRequest
from pulse.http.tokens import Permission, Principal, Role, Tokens
from pulse.kernel.tenant import DEFAULT_TENANT

LIMIT = 1_000
SERVICE = "shell-test"


class Thing(BaseModel):
    """A body."""

    text: str


class Health:
    """What `ready` answers."""

    def __init__(self) -> None:
        self.trouble: Exception | None = None

    async def ready(self) -> dict[str, Any]:
        if self.trouble:
            raise self.trouble
        return {"queue": 3}


@pytest.fixture
def health() -> Health:
    return Health()


@pytest.fixture
async def client(tokens: Tokens, health: Health) -> AsyncIterator[httpx.AsyncClient]:
    router = APIRouter()

    @router.post("/things")
    async def take(thing: Thing) -> int:
        return len(thing.text)

    @router.post("/raw")
    async def raw(text: str = "") -> None:
        raise BadRequest("no")

    @router.get("/things/{name}")
    async def show(name: str) -> str:
        return name

    @router.get("/stream")
    async def stream() -> StreamingResponse:
        async def events() -> AsyncIterator[str]:
            for number in range(3):
                yield f"data: {number}\n\n"
                await asyncio.sleep(0.01)

        return StreamingResponse(events(), media_type="text/event-stream")

    @router.post("/approve")
    async def approve(principal: Annotated[Principal, Depends(may(Permission.APPROVE))]) -> str:
        return principal.subject

    app = application.build(SERVICE, [router], tokens, ready=health.ready, max_body_bytes=LIMIT)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://pulse") as client:
        yield client


def count(metric: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(metric, {"service": SERVICE, **labels}) or 0.0


def series(metric: str) -> set[tuple[tuple[str, str], ...]]:
    return {
        tuple(sorted(sample.labels.items()))
        for family in REGISTRY.collect()
        for sample in family.samples
        if sample.name == metric and sample.labels.get("service") == SERVICE
    }


def body(size: int) -> bytes:
    return b'{"text": "' + b"x" * (size - 12) + b'"}'


async def chunks(content: bytes, size: int = 100) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


JSON = {"content-type": "application/json"}


async def test_a_body_up_to_the_limit_is_read(client: httpx.AsyncClient) -> None:
    assert (await client.post("/things", content=body(LIMIT), headers=JSON)).json() == LIMIT - 12
    assert (await client.post("/things", content=chunks(body(LIMIT)), headers=JSON)).json() == LIMIT - 12


@pytest.mark.parametrize("announced", [True, False], ids=["content-length", "chunked"])
async def test_a_body_beyond_the_limit_is_refused(client: httpx.AsyncClient, announced: bool) -> None:
    content = body(LIMIT + 1)
    answer = await client.post("/things", content=content if announced else chunks(content), headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (413, "http.body_too_large"), answer.text
    assert "PULSE_HTTP__MAX_BODY_BYTES" in answer.json()["next_step"]
    assert count("http_requests_total", method="POST", route="/things", status="413") + count(
        "http_requests_total", method="POST", route="(none)", status="413"
    ), "refusals are counted"


@pytest.mark.parametrize(
    "content", [b"", b"{", b"\xff", b'{"text": "\xff"}', b"[" * 900, b"\x00", b'{"text": NaN}', b"1e999"]
)
async def test_a_body_that_is_no_json_is_refused(client: httpx.AsyncClient, content: bytes) -> None:
    answer = await client.post("/things", content=content, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (422, "http.invalid"), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_a_large_body_is_not_read_to_its_end(client: httpx.AsyncClient) -> None:
    taken = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(1_000):
            taken += 1
            yield b"x" * 100

    answer = await client.post("/things", content=endless(), headers=JSON)
    assert answer.status_code == 413
    assert taken < 20


async def test_a_body_nested_without_end_is_refused(tokens: Tokens, health: Health) -> None:
    router = APIRouter()

    @router.post("/any")
    async def take(thing: dict[str, Any]) -> int:
        return len(thing)

    app = application.build(SERVICE, [router], tokens, ready=health.ready, max_body_bytes=1_000_000)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://pulse") as client:
        answer = await client.post("/any", content=b'{"a":' * 100_000, headers=JSON)
    assert (answer.status_code, answer.json()["code"]) == (422, "http.invalid"), answer.text


@pytest.mark.parametrize("length", ["-1", "many", "²", "9" * 5_000, ""])
async def test_a_length_that_is_none_is_refused(client: httpx.AsyncClient, length: str) -> None:
    headers = [("content-type", "application/json"), ("content-length", length.encode("latin-1"))]
    answer = await client.request("POST", "/things", content=b"{}", headers=headers)  # type: ignore[arg-type]
    assert answer.status_code in (413, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"


async def test_alive_is_not_ready(client: httpx.AsyncClient, health: Health) -> None:
    assert (await client.get("/health/ready")).json() == {"status": "ok", "service": SERVICE, "queue": 3}
    health.trouble = OSError("the database does not answer")
    answer = await client.get("/health/ready")
    assert (answer.status_code, answer.json()["code"]) == (503, "http.not_ready")
    assert "the database does not answer" in answer.json()["detail"]
    answer = await client.get("/health/live")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "service": SERVICE})


async def test_what_callers_choose_does_not_become_a_label(client: httpx.AsyncClient) -> None:
    await client.get("/things/0")
    await client.get("/nowhere/0")
    await client.request("NONSENSE", "/things/0")
    before = series("http_requests_total")
    for number in range(1, 50):
        await client.get(f"/things/{number}?q={number}")
        await client.get(f"/nowhere/{number}")
        await client.request(f"NONSENSE{number}", f"/things/{number}")
    assert series("http_requests_total") == before
    assert count("http_requests_total", method="GET", route="/things/{name}", status="200") >= 50
    assert count("http_requests_total", method="GET", route="(none)", status="404") >= 50


async def test_how_long_a_stream_stays_is_no_duration(client: httpx.AsyncClient) -> None:
    answer = await client.get("/stream")
    assert answer.text.count("data:") == 3
    assert count("http_requests_total", method="GET", route="/stream", status="200") == 1
    assert count("http_request_duration_seconds_count", method="GET", route="/stream") == 0
    await client.get("/things/x")
    assert count("http_request_duration_seconds_count", method="GET", route="/things/{name}") >= 1


async def test_metrics_are_told(client: httpx.AsyncClient) -> None:
    await client.get("/things/x")
    answer = await client.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert (
        f'http_requests_total{{method="GET",route="/things/{{name}}",service="{SERVICE}",status="200"}}' in answer.text
    )


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"authorization": ""},
        {"authorization": "Bearer"},
        {"authorization": "Bearer "},
        {"authorization": "Basic eDp5"},
        {"authorization": "Bearer nonsense"},
    ],
)
async def test_without_a_good_token_the_answer_is_401(client: httpx.AsyncClient, header: dict[str, str]) -> None:
    answer = await client.post("/approve", headers=header)
    assert (answer.status_code, answer.json()["code"]) == (401, "http.not_authenticated")
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("role", "status"), [("owner", 200), ("editor", 200), ("service", 200), ("analyst", 403), ("viewer", 403)]
)
async def test_a_role_that_may_not_gets_403(client: httpx.AsyncClient, tokens: Tokens, role: str, status: int) -> None:
    token = tokens.issue(Principal(DEFAULT_TENANT, "ada", Role(role)), timedelta(minutes=1))
    for scheme in ("Bearer", "bearer"):
        answer = await client.post("/approve", headers={"authorization": f"{scheme} {token}"})
        assert answer.status_code == status
    if status == 403:
        assert answer.json()["detail"] == f"the role {role} may not approve"
