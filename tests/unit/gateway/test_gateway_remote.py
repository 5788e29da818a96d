"""A service in another process, reached through the gateway: nothing is lost, nothing waits, what is away is said."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from pulse.gateway.remote import Remote
from tests.unit.gateway.conftest import serving

LIMIT = 100_000


class Service:
    """Tells what it got, streams, and talks."""

    def __init__(self) -> None:
        self.readers = 0
        self.reader_left = asyncio.Event()
        self.closed_with: asyncio.Queue[int] = asyncio.Queue()
        self.app = Starlette(
            routes=[
                Route("/stream", self.stream),
                Route("/moved", lambda _request: RedirectResponse("/elsewhere", 307)),
                Route("/cookies", self.cookies),
                Route("/fails", lambda _request: JSONResponse({"code": "x"}, 503, {"retry-after": "7"})),
                Route("/{path:path}", self.echo, methods=["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD"]),
                WebSocketRoute("/ws/echo", self.talk),
                WebSocketRoute("/ws/refused", self.refuse),
                WebSocketRoute("/ws/ends", self.end),
            ]
        )

    async def echo(self, request: Request) -> Response:
        body = await request.body()
        return JSONResponse(
            {
                "method": request.method,
                "path": request.scope["raw_path"].decode(),
                "query": request.scope["query_string"].decode(),
                "headers": sorted([name, value] for name, value in request.headers.items()),
                "size": len(body),
                "body": body[:100].decode("latin-1"),
            },
            201 if request.method == "POST" else 200,
            {"x-from": "service"},
        )

    async def cookies(self, _request: Request) -> Response:
        response = Response("ok")
        response.set_cookie("a", "1")
        response.set_cookie("b", "2")
        return response

    async def stream(self, _request: Request) -> Response:
        async def events() -> AsyncIterator[str]:
            self.readers += 1
            try:
                for number in range(1_000):
                    yield f"data: {number}\n\n"
                    await asyncio.sleep(0.3)
            finally:
                self.readers -= 1
                self.reader_left.set()

        return StreamingResponse(events(), media_type="text/event-stream")

    async def talk(self, socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_json({"query": socket.scope["query_string"].decode(), "headers": dict(socket.headers)})
        while True:
            message = await socket.receive()
            if message["type"] == "websocket.disconnect":
                self.closed_with.put_nowait(message["code"])
                return
            if message.get("text") is not None:
                await socket.send_text(message["text"].upper())
            else:
                await socket.send_bytes(message["bytes"][::-1])

    async def refuse(self, socket: WebSocket) -> None:
        await socket.close()

    async def end(self, socket: WebSocket) -> None:
        await socket.accept()
        await socket.send_text("hello")
        await socket.close(4401, "the session has ended")


@pytest.fixture
def service() -> Service:
    return Service()


@pytest.fixture
async def gateway(service: Service) -> AsyncIterator[str]:
    async with serving(service.app) as address:
        remote = Remote("news", lambda: address, LIMIT)
        async with serving(remote) as front:
            yield front
        await remote.close()


@pytest.fixture
async def client(gateway: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=gateway, trust_env=False, timeout=10) as client:
        yield client


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE"])
async def test_method_path_query_body_and_headers_arrive_as_they_were_sent(
    client: httpx.AsyncClient, method: str
) -> None:
    content = b"" if method in ("GET", "DELETE") else b'{"a": 1}'
    headers = {"authorization": "Bearer t", "idempotency-key": "k", "x-more": "Ã¼"}
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
    answer = await client.request(method, "/articles/x?limit=2&cursor=a%2Bb&niche=", content=content, headers=raw)
    assert answer.status_code == (201 if method == "POST" else 200)
    assert answer.headers["x-from"] == "service"
    got = answer.json()
    assert (got["method"], got["path"], got["query"]) == (method, "/articles/x", "limit=2&cursor=a%2Bb&niche=")
    assert got["body"].encode("latin-1") == content
    for name, value in headers.items():
        assert [name, value] in got["headers"]


@pytest.mark.parametrize(
    "path", ["/niches/a%2Fb", "/niches/a%3Fb%23c", "/niches/%C3%BC", "/niches/a%20b", "/niches/%25"]
)
async def test_what_is_encoded_in_a_path_stays_encoded(client: httpx.AsyncClient, path: str) -> None:
    got = (await client.get(path)).json()
    assert (got["path"], got["query"]) == (path, "")


async def test_bodies_of_any_bytes_pass_up_to_the_limit(client: httpx.AsyncClient) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield bytes(range(256)) * 39

    answer = await client.post("/raw", content=parts())
    assert answer.json()["size"] == 99_840
    answer = await client.post("/raw", content=b"x" * LIMIT)
    assert answer.json()["size"] == LIMIT


@pytest.mark.parametrize("announced", [True, False], ids=["content-length", "chunked"])
async def test_a_body_beyond_the_limit_is_refused_before_the_service(
    client: httpx.AsyncClient, announced: bool
) -> None:
    async def parts() -> AsyncIterator[bytes]:
        for _ in range(11):
            yield b"x" * 10_000

    answer = await client.post("/raw", content=b"x" * (LIMIT + 1) if announced else parts())
    assert (answer.status_code, answer.json()["code"]) == (413, "http.body_too_large")


async def test_answers_pass_as_they_are(client: httpx.AsyncClient) -> None:
    moved = await client.get("/moved")
    assert (moved.status_code, moved.headers["location"]) == (307, "/elsewhere")
    assert (await client.get("/cookies")).headers.get_list("set-cookie") == [
        "a=1; Path=/; SameSite=lax",
        "b=2; Path=/; SameSite=lax",
    ]
    failed = await client.get("/fails")
    assert (failed.status_code, failed.json(), failed.headers["retry-after"]) == (503, {"code": "x"}, "7")
    head = await client.head("/articles")
    assert (head.status_code, head.content) == (200, b"")


async def test_events_pass_at_once_and_a_reader_who_leaves_is_noticed(
    client: httpx.AsyncClient, service: Service
) -> None:
    async with client.stream("GET", "/stream", headers={"accept": "text/event-stream"}) as answer:
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = answer.aiter_lines()
        at: list[float] = []
        while len(at) < 3:
            if (await anext(lines)).startswith("data:"):
                at.append(time.monotonic())
    assert at[1] - at[0] > 0.15, "they came one by one"
    assert at[2] - at[0] < 2
    await asyncio.wait_for(service.reader_left.wait(), 5)


async def test_many_readers_of_events_leave_room_for_others(gateway: str, service: Service) -> None:
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=gateway, trust_env=False, timeout=10, limits=limits) as client:
        events = {"accept": "text/event-stream"}
        readers = [client.send(client.build_request("GET", "/stream", headers=events), stream=True) for _ in range(110)]
        answers = await asyncio.gather(*readers)
        assert service.readers == 110
        assert (await client.get("/articles")).status_code == 200
        for answer in answers:
            await answer.aclose()


@pytest.mark.parametrize("address", [None, "http://127.0.0.1:1"])
async def test_a_service_that_is_away_is_a_problem_that_says_so(address: str | None) -> None:
    remote = Remote("news", lambda: address, LIMIT)
    async with serving(remote) as front, httpx.AsyncClient(base_url=front, trust_env=False) as client:
        answer = await client.get("/articles")
        assert (answer.status_code, answer.json()["code"]) == (503, "gateway.service_unreachable")
        assert answer.headers["content-type"] == "application/problem+json"
        assert "the news service does not answer" in answer.json()["detail"]
        with pytest.raises(InvalidStatus) as refused:
            await connect(front.replace("http", "ws") + "/ws/dashboard", proxy=None)
        assert refused.value.response.status_code == 503
    await remote.close()


async def test_a_service_that_comes_back_elsewhere_is_found(service: Service) -> None:
    addresses: list[str | None] = [None]
    remote = Remote("news", lambda: addresses[0], LIMIT)
    async with serving(remote) as front, httpx.AsyncClient(base_url=front, trust_env=False) as client:
        for _ in range(2):
            async with serving(service.app) as addresses[0]:
                assert (await client.get("/articles")).status_code == 200
            assert (await client.get("/articles")).status_code == 503
    await remote.close()


def ws(gateway: str, path: str, **more: Any) -> connect:
    return connect(gateway.replace("http", "ws", 1) + path, proxy=None, **more)


async def test_messages_pass_both_ways(gateway: str) -> None:
    headers = {"cookie": "pulse_session=t", "authorization": "Bearer t", "x-pulse-host": "evil.example"}
    origin: Any = "https://news.example"
    async with ws(gateway, "/ws/echo?niche=a%2Fb", additional_headers=headers, origin=origin) as socket:
        hello = json.loads(await socket.recv())
        assert hello["query"] == "niche=a%2Fb"
        assert hello["headers"]["cookie"] == "pulse_session=t"
        assert hello["headers"]["authorization"] == "Bearer t"
        assert hello["headers"]["origin"] == "https://news.example"
        assert hello["headers"]["x-pulse-host"] == gateway.removeprefix("http://"), "no page chooses it"
        for word in ("one", "zwei ü", "x" * 4_000):
            await socket.send(word)
            assert await socket.recv() == word.upper()
        await socket.send(b"\x00\x01\xff")
        assert await socket.recv() == b"\xff\x01\x00"


@pytest.mark.parametrize(("code", "seen"), [(1000, 1000), (1001, 1001), (4000, 4000)])
async def test_the_callers_close_code_reaches_the_service(gateway: str, service: Service, code: int, seen: int) -> None:
    async with ws(gateway, "/ws/echo") as socket:
        await socket.recv()
        await socket.close(code)
    assert await asyncio.wait_for(service.closed_with.get(), 5) == seen


async def test_a_caller_who_vanishes_is_noticed(gateway: str, service: Service) -> None:
    socket = await ws(gateway, "/ws/echo")
    await socket.recv()
    socket.transport.abort()
    assert await asyncio.wait_for(service.closed_with.get(), 5) in (1000, 1005, 1012)


async def test_the_services_close_code_and_reason_reach_the_caller(gateway: str) -> None:
    async with ws(gateway, "/ws/ends") as socket:
        assert await socket.recv() == "hello"
        with pytest.raises(ConnectionClosed):
            await socket.recv()
        assert (socket.close_code, socket.close_reason) == (4401, "the session has ended")


async def test_a_service_that_dies_closes_the_callers_socket(service: Service) -> None:
    async with serving(service.app) as address:
        remote = Remote("news", lambda: address, LIMIT)
        front = serving(remote)
        gateway = await front.__aenter__()
        socket = await ws(gateway, "/ws/echo")
        await socket.recv()
    with pytest.raises(ConnectionClosed):
        await asyncio.wait_for(socket.recv(), 5)
    assert socket.close_code == 1012
    await front.__aexit__(None, None, None)
    await remote.close()


async def test_a_refused_handshake_is_refused(gateway: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        await ws(gateway, "/ws/refused")
    assert refused.value.response.status_code == 403
