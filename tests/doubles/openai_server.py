"""A chat-completions server on loopback that can misbehave in every way real ones do."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

Request = dict[str, Any]


@dataclass
class OpenAiServer:
    """What to answer next, and what was asked. `behaviour` is a name below; `reply` writes the content of an answer."""

    behaviour: str = "answer"
    reply: Callable[[Request], str] = lambda request: "{}"
    requests: list[Request] = field(default_factory=list)
    authorizations: list[str] = field(default_factory=list)
    billed: int = 0
    url: str = ""

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Read one request and answer it as `behaviour` says."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
            body = json.loads(await reader.readexactly(int(headers["content-length"])))
            self.requests.append(body)
            self.authorizations.append(headers.get("authorization", ""))
            await self.answer(writer, body)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def answer(self, writer: asyncio.StreamWriter, request: Request) -> None:
        """Send what `behaviour` names."""
        if self.behaviour == "time_out":
            await asyncio.sleep(30)
        elif self.behaviour == "drop":
            return
        elif self.behaviour == "limit":
            await _send(writer, 429, b'{"error": {"message": "slow down"}}', {"retry-after": "7"})
        elif self.behaviour == "broken":
            await _send(writer, 503, b"<html>overloaded</html>")
        elif self.behaviour == "bad_key":
            await _send(writer, 401, b'{"error": {"message": "no such key"}}')
        elif self.behaviour == "unknown_model":
            await _send(writer, 404, b'{"error": {"message": "no such model"}}')
        elif self.behaviour == "redirect":
            await _send(writer, 302, b"", {"location": "http://127.0.0.1:1/"})
        elif self.behaviour == "half_connection":
            await _send(writer, 200, json.dumps(self.completion(request)).encode(), cut=True)
        elif self.behaviour == "flood":
            await _send(writer, 200, b" " * 3_000_000)
        elif self.behaviour == "nonsense":
            await _send(writer, 200, b"\xff\xfe<html>")
        elif self.behaviour == "no_choices":
            await _send(writer, 200, b'{"choices": [], "usage": null}')
        else:
            await _send(writer, 200, json.dumps(self.completion(request)).encode())

    def completion(self, request: Request) -> Request:
        """Return a chat completion, with what `behaviour` takes away or puts in."""
        self.billed += 30
        choice: Request = {"finish_reason": "stop", "message": {"role": "assistant", "content": self.reply(request)}}
        if self.behaviour == "half_answer":
            choice["finish_reason"] = "length"
            choice["message"]["content"] = choice["message"]["content"][:10]
        elif self.behaviour == "refuse":
            choice["message"] = {"role": "assistant", "content": None, "refusal": "I cannot help with that."}
        elif self.behaviour == "filter":
            choice["finish_reason"] = "content_filter"
        elif self.behaviour == "empty":
            choice["message"]["content"] = "  "
        usage: Request | None = {"prompt_tokens": 20, "completion_tokens": 10, "total_tokens": 30}
        if self.behaviour == "omit_usage":
            usage = None
        elif self.behaviour == "false_usage":
            usage = {"prompt_tokens": -5, "completion_tokens": "many"}
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "model": "double-1",
            "choices": [choice],
            "usage": usage,
        }


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
async def openai_server() -> AsyncIterator[OpenAiServer]:
    """Serve on a free port of loopback until the block ends."""
    double = OpenAiServer()
    server = await asyncio.start_server(double.handle, "127.0.0.1", 0)
    double.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield double
    finally:
        server.close()
