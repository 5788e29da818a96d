"""Anthropic, Google, Mistral, Azure OpenAI and Amazon Bedrock, through Pydantic AI. No other file knows that library.

It knows the vendors' formats; when to ask again, for how long, and what a failure means is ours (`wire.py`).
https://ai.pydantic.dev/direct/
"""

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import orjson
from pydantic_ai import ModelRequest, ModelResponse
from pydantic_ai.direct import model_request
from pydantic_ai.exceptions import ModelAuthenticationError
from pydantic_ai.models import Model, ModelRequestParameters
from pydantic_ai.output import OutputObjectDefinition
from pydantic_ai.settings import ModelSettings

from pulse.llm.errors import (
    AnswerIncomplete,
    AnswerRefused,
    AnswerTooLarge,
    AnswerUnreadable,
    ProviderError,
    ProviderRefusedKey,
    ProviderRejected,
    ProviderTimedOut,
    ProviderUnreachable,
    UsageMissing,
)
from pulse.llm.providers.failures import excerpt, of_status, of_usage
from pulse.llm.providers.port import Answer, Completion
from pulse.llm.providers.wire import Call, Wire, call
from pulse.llm.shapes import Usage
from pulse.settings import BadSettings


class Vendor:
    """A model of the vendor `name`, one of `VENDORS`. No `base_url`: the vendor's own address.

    `timeout_seconds` is for the whole call. Bedrock takes a Bedrock API key, and without one the credentials that the
    AWS tools would use. Raises `BadSettings`, and `ImportError` where the extra `providers` is not installed.
    """

    def __init__(
        self,
        name: str,
        model: str,
        api_key: str = "",
        base_url: str = "",
        timeout_seconds: float = 60,
        max_bytes: int = 1_000_000,
    ) -> None:
        self.name = name
        self.model = model
        self._format = VENDORS[name]
        self._timeout = timeout_seconds
        self._max_bytes = max_bytes
        wire = Wire(timeout_seconds, max_bytes)
        self._library = self._format.build(model, api_key, base_url or self._format.address, wire)

    async def complete(self, request: Completion) -> Answer:
        """Ask once and return the answer's text. Raises a `ProviderError`, never another exception of a library."""
        if request.logprobs and self._format.logprobs is None:
            raise ProviderRejected(f"{self.name} tells no log probabilities of {self.model}")
        this = Call()
        token = call.set(this)
        try:
            async with asyncio.timeout(self._timeout):
                response = await self._ask(request)
        except TimeoutError as error:
            raise ProviderTimedOut(f"{self.model} gave no answer within {self._timeout:g} s") from error
        except Exception as error:  # whatever a library makes of what a server sent
            raise self._failure(this, error) from error
        finally:
            call.reset(token)
            if this.waiting is not None:
                this.waiting.cancel()
        return self._answer(request, response)

    async def _ask(self, request: Completion) -> ModelResponse:
        parameters = ModelRequestParameters()
        if request.schema is not None and self._library.profile.get("supports_json_schema_output"):
            schema = OutputObjectDefinition(dict(request.schema), name="answer", strict=True)
            parameters = ModelRequestParameters(output_mode="native", output_object=schema)
        settings: dict[str, Any] = {
            "max_tokens": request.max_tokens,
            "temperature": request.temperature,
            "thinking": False,
            # The system prompt is ours, word for word: its worst cost is set aside before the call.
            "framing_announcement": "never",
        }
        if self.name != "bedrock":  # its client was told when it was made
            settings |= {"timeout": self._timeout, "max_retries": 0}
        if request.logprobs and self._format.logprobs is not None:
            flag, count = self._format.logprobs
            settings |= {flag: True, count: request.logprobs}
        messages = [ModelRequest.user_text_prompt(request.user, instructions=request.system)]
        return await model_request(
            self._library,
            messages,
            model_settings=ModelSettings(**settings),  # type: ignore[typeddict-item]
            model_request_parameters=parameters,
        )

    def _failure(self, this: Call, error: Exception) -> ProviderError:
        if this.too_large:
            return AnswerTooLarge(f"{self.model} sent more than {self._max_bytes} bytes")
        if isinstance(this.error, httpx2.TimeoutException):
            return ProviderTimedOut(f"{self.model} gave no answer within {self._timeout:g} s")
        if isinstance(this.error, httpx2.ConnectError):
            return ProviderUnreachable(f"{self.name} cannot be reached: {this.error}")
        # Only the kind of an error: what is wrong with a header, or with a key, may be told with the key.
        if this.error is not None:
            return AnswerIncomplete(f"the connection to {self.model} broke off: {type(this.error).__name__}")
        if this.status is None:
            return ProviderRejected(f"{self.name} cannot be asked: {type(error).__name__}")
        if isinstance(error, ModelAuthenticationError):
            return ProviderRefusedKey(f"{self.model} answered {this.status}: {excerpt(this.body)}")
        if this.status != 200:
            return of_status(self.model, this.status, this.body, this.retry_after)
        if self._lacks_usage(this.body):
            return UsageMissing(f"{self.model} does not say how many tokens it used")
        return AnswerUnreadable(f"{self.model} sent no answer of {self.name}: {excerpt(this.body)}")

    def _lacks_usage(self, body: bytes) -> bool:
        """Say whether an answer came, and no count of tokens that can be true."""
        try:
            document = orjson.loads(body)
            told = document.get(self._format.usage[0]) or {}
            counts = [told.get(name) for name in self._format.usage[1:]]
        except (orjson.JSONDecodeError, AttributeError):
            return False
        return bool(document.get(self._format.answer)) and not all(isinstance(n, int) and n >= 0 for n in counts)

    def _answer(self, request: Completion, response: ModelResponse) -> Answer:
        usage = _usage(response)
        billed = of_usage(usage)
        details = response.provider_details or {}
        if response.finish_reason == "content_filter":
            said = details.get("refusal") or details.get("finish_reason") or "content filter"
            raise AnswerRefused(f"{self.model} declines: {excerpt(str(said))}", **billed)
        if response.finish_reason == "length" and not request.logprobs:
            raise AnswerIncomplete(f"{self.model} was cut off in the middle of its answer", **billed)
        text = response.text
        if not text or not text.strip():
            raise AnswerUnreadable(f"{self.model} sent an empty answer", **billed)
        if usage is None:
            raise UsageMissing(f"{self.model} does not say how many tokens it used")
        logprobs = _first_token(details.get("logprobs")) if request.logprobs else None
        return Answer(
            text.encode("utf-8", "replace").decode(),  # half a character can be neither stored nor sent again
            response.model_name or self.model,
            usage,
            response.finish_reason,
            response.provider_response_id,
            logprobs,
        )


def _usage(response: ModelResponse) -> Usage | None:
    """Return what was billed; None where it was not told, or cannot be: no question has no tokens."""
    told = response.usage
    if told.unmeasured_requests or told.input_tokens <= 0 or told.output_tokens < 0:
        return None
    return Usage(
        told.input_tokens, told.output_tokens, cached_tokens=min(max(told.cache_read_tokens, 0), told.input_tokens)
    )


def _first_token(value: Any) -> dict[str, float] | None:
    """Return the alternatives to the first token, as Azure or Google tell them; None where they cannot be read."""
    try:
        if isinstance(value, Mapping):
            found = value["top_candidates"][0]["candidates"]
            return {str(entry["token"]): float(entry["log_probability"]) for entry in found}
        return {str(entry["token"]): float(entry["logprob"]) for entry in value[0]["top_logprobs"]}
    except (KeyError, IndexError, TypeError, ValueError):
        return None


def _anthropic(model: str, key: str, address: str, wire: Wire) -> Model[Any]:
    from pydantic_ai.models.anthropic import AnthropicModel
    from pydantic_ai.providers.anthropic import AnthropicProvider

    return AnthropicModel(model, provider=AnthropicProvider(api_key=key, base_url=address, http_client=wire))


def _google(model: str, key: str, address: str, wire: Wire) -> Model[Any]:
    from pydantic_ai.models.google import GoogleModel
    from pydantic_ai.providers.google import GoogleProvider

    return GoogleModel(model, provider=GoogleProvider(api_key=key, base_url=address, http_client=wire))


def _mistral(model: str, key: str, address: str, wire: Wire) -> Model[Any]:
    from pydantic_ai.models.mistral import MistralModel
    from pydantic_ai.providers.mistral import MistralProvider

    return MistralModel(model, provider=MistralProvider(api_key=key, base_url=address, http_client=wire))


def _azure(model: str, key: str, address: str, wire: Wire) -> Model[Any]:
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.azure import AzureProvider

    return OpenAIChatModel(model, provider=AzureProvider(api_key=key, azure_endpoint=address, http_client=wire))


def _bedrock(model: str, key: str, address: str, wire: Wire) -> Model[Any]:
    import boto3
    from botocore import UNSIGNED
    from botocore.awsrequest import AWSPreparedRequest, AWSResponse
    from botocore.config import Config
    from botocore.exceptions import NoRegionError
    from pydantic_ai.models.bedrock import BedrockConverseModel
    from pydantic_ai.providers.bedrock import BedrockProvider

    region = re.search(r"bedrock-runtime(?:-fips)?\.([a-z0-9-]+)\.", address)
    config = Config(retries={"total_max_attempts": 1}, signature_version=UNSIGNED if key else None)
    try:
        session = boto3.Session(region_name=region[1] if region else None)
        client = session.client("bedrock-runtime", endpoint_url=address, config=config)
    except NoRegionError:
        raise BadSettings(f"{address} names no region of AWS, and AWS_DEFAULT_REGION is not set either") from None

    def send(request: AWSPreparedRequest, **_: Any) -> AWSResponse:
        """Send in the place of botocore, which has no limit on what it reads and cannot be cancelled."""
        headers = dict(request.headers.items())
        if key:
            headers["Authorization"] = f"Bearer {key}"
        response = wire.send_from_thread(
            httpx2.Request(request.method, request.url, headers=headers, content=request.body)
        )
        return AWSResponse(request.url, response.status_code, response.headers, _Read(response.content))

    client.meta.events.register("before-send.bedrock-runtime", send)
    return BedrockConverseModel(model, provider=BedrockProvider(bedrock_client=client))


@dataclass(frozen=True, slots=True)
class _Read:
    """A body that was read already, as botocore takes one."""

    content: bytes

    def stream(self) -> list[bytes]:
        return [self.content]


@dataclass(frozen=True, slots=True)
class Format:
    """How a vendor is spoken to, and in which fields its answer and its usage, prompt and completion, stand.

    `logprobs` are the settings that ask for log probabilities; None: it has none.
    """

    build: Callable[[str, str, str, Wire], Model[Any]]
    address: str
    answer: str
    usage: tuple[str, str, str]
    logprobs: tuple[str, str] | None = None


_OPENAI_USAGE = ("usage", "prompt_tokens", "completion_tokens")

VENDORS: Mapping[str, Format] = {
    "anthropic": Format(_anthropic, "https://api.anthropic.com", "content", ("usage", "input_tokens", "output_tokens")),
    "google": Format(
        _google,
        "https://generativelanguage.googleapis.com",
        "candidates",
        ("usageMetadata", "promptTokenCount", "candidatesTokenCount"),
        ("google_logprobs", "google_top_logprobs"),
    ),
    "mistral": Format(_mistral, "https://api.mistral.ai", "choices", _OPENAI_USAGE),
    "azure": Format(_azure, "", "choices", _OPENAI_USAGE, ("openai_logprobs", "openai_top_logprobs")),
    "bedrock": Format(_bedrock, "", "output", ("usage", "inputTokens", "outputTokens")),
}
