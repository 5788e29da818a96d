"""OpenAI's files and batches, from https://platform.openai.com/docs/api-reference/batch, as a transport of httpx.

Faults come before or after the work is done: `faults` maps a method and a path to what happens at its next request.
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any, Literal

import httpx

Fault = Literal["429", "500", "500 after", "cut after", "time out after", "400", "nonsense"]
Line = dict[str, Any]


def completion(text: str) -> Line:
    """Return a chat completion of 100 tokens in and 10 out."""
    return {
        "id": "chatcmpl-1",
        "model": "double-1",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}],
        "usage": {"prompt_tokens": 100, "completion_tokens": 10},
    }


@dataclass
class OpenAiBatchesDouble(httpx.AsyncBaseTransport):
    """What was handed in, and what to answer: `reply` makes the line of a question's outcome from its request."""

    reply: Callable[[Line], Line] = lambda request: {"response": {"status_code": 200, "body": completion("{}")}}
    status: str = "completed"
    """What a batch is once it is looked at; `in_progress`: not done."""
    faults: dict[tuple[str, str], Fault] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    batches: list[Line] = field(default_factory=list)

    @property
    def questions(self) -> list[Line]:
        """Return every question of every batch: what is billed."""
        lines = (self.files[batch["input_file_id"]].splitlines() for batch in self.batches)
        return [json.loads(line) for batch in lines for line in batch]

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        body = await request.aread()
        path = request.url.path.removeprefix("/v1")
        kind = re.sub(r"^/batches/.+", "/batches/…", re.sub(r"^/files/.+", "/files/…", path))
        fault = self.faults.pop((request.method, kind), None)
        if fault in {"429", "500", "400"}:
            return httpx.Response(int(fault), json={"error": {"message": "no"}}, request=request)
        if fault == "nonsense":
            return httpx.Response(200, content=b"<html>", request=request)
        answer = self._do(request, path, body)
        if fault == "500 after":
            return httpx.Response(500, json={"error": {"message": "late"}}, request=request)
        if fault == "cut after":
            raise httpx.RemoteProtocolError("cut", request=request)
        if fault == "time out after":
            raise httpx.ReadTimeout("slow", request=request)
        return answer

    def _do(self, request: httpx.Request, path: str, body: bytes) -> httpx.Response:
        if request.headers.get("authorization") != "Bearer secret-key":
            return httpx.Response(401, json={"error": {"message": "no such key"}})
        match request.method, path:
            case "POST", "/files":
                head = f"content-type: {request.headers['content-type']}\r\n\r\n".encode()
                parts = {
                    part.get_param("name", header="content-disposition"): part.get_payload(decode=True)
                    for part in message_from_bytes(head + body).walk()
                    if not part.is_multipart()
                }
                assert parts["purpose"] == b"batch"
                assert isinstance(parts["file"], bytes)
                return self._file(parts["file"])
            case "POST", "/batches":
                batch = json.loads(body)
                assert batch["endpoint"] == "/v1/chat/completions"
                assert batch["completion_window"] == "24h"
                self.batches.append(batch | {"id": f"batch_{len(self.batches)}", "status": "validating"})
                return httpx.Response(200, json=self.batches[-1])
            case "GET", "/batches":
                after = request.url.params.get("after")
                newest = list(reversed(self.batches))
                start = next((n for n, batch in enumerate(newest, 1) if batch["id"] == after), 0)
                page = newest[start : start + 1]
                return httpx.Response(200, json={"data": page, "has_more": start + 1 < len(newest)})
        if path.startswith("/files/"):
            return httpx.Response(200, content=self.files[path.split("/")[2]])
        found = next((batch for batch in self.batches if path == f"/batches/{batch['id']}"), None)
        if found is None:
            return httpx.Response(404, json={"error": {"message": "no such batch"}})
        return httpx.Response(200, json=self._look(found))

    def _look(self, batch: Line) -> Line:
        batch["status"] = self.status
        if self.status in {"completed", "expired"} and "output_file_id" not in batch:
            asked = [json.loads(line) for line in self.files[batch["input_file_id"]].splitlines()]
            lines = [{"custom_id": one["custom_id"], "error": None} | self.reply(one) for one in asked]
            good = [line for line in lines if (line.get("response") or {}).get("status_code") == 200]
            bad = [line for line in lines if line not in good]
            for name, content in (("output_file_id", good), ("error_file_id", bad)):
                batch[name] = json.loads(self._file("\n".join(map(json.dumps, content)).encode()).content)["id"]
        return batch

    def _file(self, content: bytes) -> httpx.Response:
        name = f"file-{len(self.files)}"
        self.files[name] = content
        return httpx.Response(200, json={"id": name, "object": "file"})
