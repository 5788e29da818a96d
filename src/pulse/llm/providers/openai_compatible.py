"""OpenAI's chat completions, as spoken by OpenAI, vLLM, Ollama, the llama.cpp server, OpenRouter and others.

https://platform.openai.com/docs/api-reference/chat
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Literal

import httpx
import orjson

from pulse.llm.errors import (
    AnswerIncomplete,
    AnswerRefused,
    AnswerTooLarge,
    AnswerUnreadable,
    ProviderTimedOut,
    ProviderUnavailable,
    ProviderUnreachable,
    UsageMissing,
)
from pulse.llm.providers.failures import excerpt, of_status, of_usage
from pulse.llm.providers.port import Answer, Completion
from pulse.llm.shapes import Usage


class OpenAiCompatible:
    """A provider at `base_url` (up to and with `/v1`).

    `answer_format`: `schema` asks for strict JSON schema, `object` for any JSON object, `text` asks for nothing, for
    servers that know no `response_format`. `timeout_seconds` is for the whole call. Give a `client` to share
    connections; its owner closes it.
    """

    name = "openai"

    def __init__(
        self,
        base_url: str,
        model: str,
        api_key: str = "",
        timeout_seconds: float = 60,
        max_bytes: int = 1_000_000,
        answer_format: Literal["schema", "object", "text"] = "schema",
        client: httpx.AsyncClient | None = None,
    ) -> None:
        self.model = model
        self._url = base_url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {api_key}"} if api_key else {}
        self._timeout = timeout_seconds
        self._max_bytes = max_bytes
        self._answer_format = answer_format
        self._client = client

    async def complete(self, request: Completion) -> Answer:
        """Ask once and return the answer's text. Raises a `ProviderError`, never another exception of the network."""
        response, body = await self.send("POST", "/chat/completions", json=self.body(request))
        if response.status_code != 200:
            raise of_status(self.model, response.status_code, body, response.headers.get("retry-after"))
        return self.answer(request, body, response.headers.get("x-request-id"))

    async def send(self, method: str, path: str, *, most: int = 0, **more: Any) -> tuple[httpx.Response, bytes]:
        """Send a request and return the response with its body, of `most` bytes (0: as many as an answer may have).

        `more` is as httpx takes it. Raises a `ProviderError` where no whole response came, whatever its status.
        """
        url = self._url + path
        try:
            async with asyncio.timeout(self._timeout):
                if self._client is not None:
                    return await self._sent(self._client, method, url, most or self._max_bytes, more)
                async with httpx.AsyncClient() as client:
                    return await self._sent(client, method, url, most or self._max_bytes, more)
        except (TimeoutError, httpx.TimeoutException) as error:
            raise ProviderTimedOut(f"{self.model} gave no answer within {self._timeout:g} s") from error
        except httpx.ConnectError as error:
            raise ProviderUnreachable(f"{url} cannot be reached: {error or type(error).__name__}") from error
        except httpx.RemoteProtocolError as error:
            raise AnswerIncomplete(f"the connection to {self.model} broke off: {error}") from error
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            # Only its kind: what is wrong with a header, or with a key, is told with the key.
            raise ProviderUnavailable(f"{url} cannot be reached: {type(error).__name__}") from error

    async def _sent(
        self, client: httpx.AsyncClient, method: str, url: str, most: int, more: dict[str, Any]
    ) -> tuple[httpx.Response, bytes]:
        async with client.stream(method, url, headers=self._headers, timeout=self._timeout, **more) as response:
            chunks, size = [], 0
            async for chunk in response.aiter_bytes():
                size += len(chunk)
                if size > most:
                    raise AnswerTooLarge(f"{self.model} sent more than {most} bytes")
                chunks.append(chunk)
        return response, b"".join(chunks)

    def body(self, request: Completion) -> dict[str, Any]:
        """Return what is sent to ask for a completion."""
        body: dict[str, Any] = {
            "model": self.model,
            "messages": [{"role": "system", "content": request.system}, {"role": "user", "content": request.user}],
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            "stream": False,
        }
        if request.logprobs:
            body |= {"logprobs": True, "top_logprobs": request.logprobs}
        if request.schema is not None and self._answer_format == "schema":
            schema = {"name": "answer", "strict": True, "schema": dict(request.schema)}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        elif request.schema is not None and self._answer_format == "object":
            body["response_format"] = {"type": "json_object"}
        return body

    def answer(self, request: Completion, body: bytes, request_id: str | None) -> Answer:
        """Return the answer that a body of status 200 holds. Raises a `ProviderError`."""
        try:
            document = orjson.loads(body)
            choice = document["choices"][0]
            message = choice["message"]
            finish, refusal, text = choice.get("finish_reason"), message.get("refusal"), message.get("content")
            model = document.get("model")
        except (orjson.JSONDecodeError, KeyError, IndexError, TypeError, AttributeError) as error:
            raise AnswerUnreadable(f"{self.model} sent no chat completion: {excerpt(body)}") from error
        usage = _usage(document.get("usage"))
        billed = of_usage(usage)
        if refusal or finish == "content_filter":
            raise AnswerRefused(f"{self.model} declines: {excerpt(str(refusal or 'content filter'))}", **billed)
        if finish == "length" and not request.logprobs:
            raise AnswerIncomplete(f"{self.model} was cut off in the middle of its answer", **billed)
        if not isinstance(text, str) or not text.strip():
            raise AnswerUnreadable(f"{self.model} sent an empty answer", **billed)
        if usage is None:
            raise UsageMissing(f"{self.model} does not say how many tokens it used")
        logprobs = _first_token(choice.get("logprobs")) if request.logprobs else None
        return Answer(text, model if isinstance(model, str) else self.model, usage, finish, request_id, logprobs)


def _usage(value: object) -> Usage | None:
    if not isinstance(value, Mapping):
        return None
    prompt, completion = value.get("prompt_tokens"), value.get("completion_tokens")
    for count in (prompt, completion):
        if isinstance(count, bool) or not isinstance(count, int) or count < 0:
            return None
    details = value.get("prompt_tokens_details")
    cached = details.get("cached_tokens") if isinstance(details, Mapping) else None
    known = isinstance(cached, int) and not isinstance(cached, bool) and 0 <= cached <= prompt  # type: ignore[operator]
    return Usage(prompt, completion, cached_tokens=cached if known else 0)  # type: ignore[arg-type]


def _first_token(value: object) -> dict[str, float] | None:
    """Return the alternatives to the first token; None where there are none, or they cannot be read."""
    try:
        found = value["content"][0]["top_logprobs"]  # type: ignore[index]
        return {str(entry["token"]): float(entry["logprob"]) for entry in found}
    except (KeyError, IndexError, TypeError, ValueError):
        return None
