"""A server of language models on loopback that can misbehave in every way real ones do, whatever format it speaks."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

Request = dict[str, Any]


class Format(Protocol):
    """How a vendor's answers look, as its public documentation says."""

    prefix: str
    """What its address ends with."""
    refusals: tuple[str, ...]
    """The behaviours by which it declines."""

    def answer(self, behaviour: str, request: Request, text: str) -> Request:
        """Return an answer of 20 tokens asked and 10 written, with what `behaviour` takes away or puts in."""

    def error(self, status: int, message: str) -> tuple[Request, dict[str, str]]:
        """Return the body and the headers of a failure."""

    def nothing(self) -> Request:
        """Return an answer without one."""

    def asked(self, request: Request) -> tuple[str, str]:
        """Return the system's text and the user's."""

    def key(self, headers: dict[str, str]) -> str:
        """Return the key that was sent."""


@dataclass
class ModelServer:
    """What to answer next, and what was asked. `behaviour` is a name below; `reply` writes the text of an answer."""

    format: Format
    behaviour: str = "answer"
    reply: Callable[[Request], str] = lambda request: "{}"
    requests: list[Request] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    billed: int = 0
    url: str = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read one request and answer it as `behaviour` says."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            first, *lines = head.split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
            body = json.loads(await reader.readexactly(int(headers["content-length"])))
            self.paths.append(first.split(" ")[1])
            self.requests.append(body)
            self.headers.append(headers)
            await self.answer(writer, body)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def answer(self, writer: asyncio.StreamWriter, request: Request) -> None:
        """Send what `behaviour` names."""
        if self.behaviour == "time_out":
            self.completion(request)
            await asyncio.sleep(30)
        elif self.behaviour == "drop":
            return
        elif self.behaviour == "limit":
            await self._fail(writer, 429, "slow down", {"retry-after": "7"})
        elif self.behaviour == "fault":
            await self._fail(writer, 500, "internal error")
        elif self.behaviour == "broken":
            await _send(writer, 503, b"<html>overloaded</html>")
        elif self.behaviour == "bad_key":
            await self._fail(writer, 401, "no such key")
        elif self.behaviour == "unknown_model":
            await self._fail(writer, 404, "no such model")
        elif self.behaviour == "redirect":
            await _send(writer, 302, b"", {"location": "http://127.0.0.1:1/"})
        elif self.behaviour == "half_connection":
            await _send(writer, 200, json.dumps(self.completion(request)).encode(), cut=True)
        elif self.behaviour == "flood":
            await _send(writer, 200, b" " * 3_000_000)
        elif self.behaviour == "nonsense":
            await _send(writer, 200, b"\xff\xfe<html>")
        elif self.behaviour == "no_choices":
            await _send(writer, 200, json.dumps(self.format.nothing()).encode())
        else:
            await _send(writer, 200, json.dumps(self.completion(request)).encode())

    def completion(self, request: Request) -> Request:
        """Do the work: return an answer, and bill it."""
        self.billed += 30
        return self.format.answer(self.behaviour, request, self.reply(request))

    async def _fail(
        self, writer: asyncio.StreamWriter, status: int, message: str, headers: dict[str, str] | None = None
    ) -> None:
        body, its = self.format.error(status, message)
        await _send(writer, status, json.dumps(body).encode(), its | (headers or {}))


async def _send(
    writer: asyncio.StreamWriter, status: int, body: bytes, headers: dict[str, str] | None = None, cut: bool = False
) -> None:
    lines = [
        f"HTTP/1.1 {status} Any",
        f"content-length: {len(body)}",
        "content-type: application/json",
        "connection: close",
    ]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    writer.write("\r\n".join([*lines, "", ""]).encode() + (body[: len(body) // 2] if cut else body))
    await writer.drain()


@asynccontextmanager
async def model_server(format: Format) -> AsyncIterator[ModelServer]:
    """Serve on a free port of loopback until the block ends."""
    double = ModelServer(format)
    server = await asyncio.start_server(double.handle, "127.0.0.1", 0)
    double.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}{format.prefix}"
    try:
        yield double
    finally:
        server.close()
