"""OpenAI's batches: many questions in one file, answered within a day at a lower price.

https://platform.openai.com/docs/guides/batch. A batch carries our name for it, so that one whose creation was not heard
of is found again and not paid for twice.
"""

from collections.abc import Mapping
from typing import Any

import httpx
import orjson

from pulse.llm.errors import AnswerUnreadable, NotInBatch, ProviderError
from pulse.llm.providers.failures import excerpt, of_status
from pulse.llm.providers.openai_compatible import OpenAiCompatible
from pulse.llm.providers.port import Answer, Completion

_OWN_NAME = "pulse_batch"
_MOST_BYTES = 200_000_000
_PAGE, _PAGES = 100, 20
_ENDED = frozenset({"completed", "failed", "expired", "cancelled"})


class OpenAiBatches:
    """The batches of the models that `chat` asks."""

    def __init__(self, chat: OpenAiCompatible) -> None:
        self._chat = chat

    async def submit(self, name: str, questions: Mapping[str, Completion]) -> str:
        """Hand questions in under our own name of the batch; return the provider's. Raises a `ProviderError`."""
        lines = [
            orjson.dumps(
                {"custom_id": key, "method": "POST", "url": "/v1/chat/completions", "body": self._chat.body(question)}
            )
            for key, question in questions.items()
        ]
        file = {"file": (f"{name}.jsonl", b"\n".join(lines), "application/jsonl")}
        uploaded = await self._ask("POST", "/files", data={"purpose": "batch"}, files=file)
        wanted = {
            "input_file_id": _text(uploaded, "id"),
            "endpoint": "/v1/chat/completions",
            "completion_window": "24h",
            "metadata": {_OWN_NAME: name},
        }
        return _text(await self._ask("POST", "/batches", json=wanted), "id")

    async def find(self, name: str) -> str | None:
        """Return the provider's name of a batch that was handed in under ours, if there is one."""
        after: dict[str, str] = {}
        for _ in range(_PAGES):
            page = await self._ask("GET", "/batches", params={"limit": _PAGE} | after)
            batches = page.get("data")
            if not isinstance(batches, list):
                raise AnswerUnreadable(f"{self._chat.model} lists no batches: {excerpt(str(page))}")
            for batch in batches:
                if isinstance(batch, dict) and (batch.get("metadata") or {}).get(_OWN_NAME) == name:
                    return _text(batch, "id")
            if not page.get("has_more") or not batches:
                return None
            after = {"after": _text(batches[-1], "id")}
        return None

    async def look(
        self, batch: str, questions: Mapping[str, Completion]
    ) -> Mapping[str, Answer | ProviderError] | None:
        """Return what came of every question, None while the batch is not done. Raises a `ProviderError`."""
        told = await self._ask("GET", f"/batches/{batch}")
        if _text(told, "status") not in _ENDED:
            return None
        found: dict[str, Answer | ProviderError] = {}
        for file in (told.get("output_file_id"), told.get("error_file_id")):
            if isinstance(file, str) and file:
                for line in (await self._read(f"/files/{file}/content")).splitlines():
                    found |= self._outcome(line, questions)
        missing = NotInBatch(f"the batch {batch} ended ({told['status']}) without an answer")
        return {key: found.get(key, missing) for key in questions}

    def _outcome(self, line: bytes, questions: Mapping[str, Completion]) -> dict[str, Answer | ProviderError]:
        """Return what a line of a file says of a question; nothing where it is about none of ours."""
        try:
            document = orjson.loads(line)
            key, response = document["custom_id"], document.get("response") or {}
            question = questions[key]
            status, body = response.get("status_code"), orjson.dumps(response.get("body"))
        except (orjson.JSONDecodeError, KeyError, TypeError, AttributeError):
            return {}
        if status != 200:
            said = excerpt(str((document.get("error") or {}) or response.get("body")))
            return {key: NotInBatch(f"{self._chat.model} answered {status} in a batch: {said}")}
        try:
            return {key: self._chat.answer(question, body, response.get("request_id"))}
        except ProviderError as error:
            return {key: error}

    async def _ask(self, method: str, path: str, **more: Any) -> dict[str, Any]:
        body = await self._read(path, method, **more)
        try:
            document = orjson.loads(body)
        except orjson.JSONDecodeError:
            document = None
        if not isinstance(document, dict):
            raise AnswerUnreadable(f"{self._chat.model} sent no JSON: {excerpt(body)}")
        return document

    async def _read(self, path: str, method: str = "GET", **more: Any) -> bytes:
        response: httpx.Response
        response, body = await self._chat.send(method, path, most=_MOST_BYTES, **more)
        if response.status_code != 200:
            raise of_status(self._chat.model, response.status_code, body, response.headers.get("retry-after"))
        return body


def _text(document: Mapping[str, Any], name: str) -> str:
    value = document.get(name)
    if not isinstance(value, str) or not value:
        raise AnswerUnreadable(f"no {name} where one belongs: {excerpt(str(dict(document)))}")
    return value
