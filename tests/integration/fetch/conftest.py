"""A web server of bare sockets, so that a test can answer any bytes at all and see every connection."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest

from pulse.fetch import Fetcher
from pulse.settings import FetchSettings

Answer = bytes | Callable[["Request", asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Request:
    """What a client sent."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes
    connection: int


@dataclass
class WebServer:
    """Answers by path; counts connections and keeps the requests. An empty answer is silence."""

    port: int = 0
    answers: dict[str, Answer] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    connections: int = 0
    open_connections: int = 0

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def redirect(self, path: str, location: str, status: int = 302) -> None:
        self.answers[path] = f"HTTP/1.1 {status} Moved\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n".encode()

    def serve(self, path: str, body: bytes, *headers: str) -> None:
        lines = ["HTTP/1.1 200 OK", *headers, f"Content-Length: {len(body)}", "", ""]
        self.answers[path] = "\r\n".join(lines).encode() + body

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open_connections += 1
        number = self.connections
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
                method, path, _ = head[0].split(" ", 2)
                headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                request = Request(method, path, headers, body, number)
                self.requests.append(request)
                answer = self.answers.get(path, b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
                if isinstance(answer, bytes):
                    writer.write(answer)
                else:
                    await answer(request, writer)
                if headers.get("connection") == "close" and answer:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self.open_connections -= 1
            writer.close()


async def _running() -> AsyncIterator[WebServer]:
    web = WebServer()
    server = await asyncio.start_server(web.handle, "127.0.0.1", 0)
    web.port = server.sockets[0].getsockname()[1]
    yield web
    server.close()


@pytest.fixture
async def web() -> AsyncIterator[WebServer]:
    """A server that the fetcher is allowed to reach."""
    async for server in _running():
        yield server


@pytest.fixture
async def other_web() -> AsyncIterator[WebServer]:
    """Another origin, allowed as well."""
    async for server in _running():
        yield server


@pytest.fixture
async def private_web() -> AsyncIterator[WebServer]:
    """A server on the same loopback that nobody allowed."""
    async for server in _running():
        yield server


@pytest.fixture
async def fetcher(web: WebServer, other_web: WebServer) -> AsyncIterator[Fetcher]:
    """A fetcher for these servers, with limits small enough to reach."""
    settings = FetchSettings(
        allow_hosts=f"127.0.0.1:{web.port}, 127.0.0.1:{other_web.port}", max_bytes=100_000, timeout_seconds=1.0
    )
    async with Fetcher(settings) as fetcher:
        yield fetcher
