"""How the vendors of language models answer, written from their public documentation."""

from tests.doubles.model_server import Format, Request

FALSE = {"false_usage": (-5, "many")}
CACHED = 15
"""Of the 20 tokens asked, how many were read before, where `behaviour` is `cached`."""
LOGPROBS = {"yes": -0.1, "no": -2.5}
_ERRORS = {
    401: ("authentication_error", "UNAUTHENTICATED", "UnrecognizedClientException"),
    404: ("not_found_error", "NOT_FOUND", "ResourceNotFoundException"),
    429: ("rate_limit_error", "RESOURCE_EXHAUSTED", "ThrottlingException"),
    500: ("api_error", "INTERNAL", "InternalServerException"),
}


def _written(behaviour: str, text: str) -> str:
    return {"half_answer": text[:10], "empty": "  "}.get(behaviour, text)


class OpenAi:
    """https://platform.openai.com/docs/api-reference/chat"""

    prefix = "/v1"
    refusals: tuple[str, ...] = ("refuse", "filter")

    def answer(self, behaviour: str, request: Request, text: str) -> Request:
        prompt, completion = FALSE.get(behaviour, (20, 10))
        choice: Request = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        choice["message"]["content"] = _written(behaviour, text)
        if behaviour == "half_answer":
            choice["finish_reason"] = "length"
        elif behaviour == "refuse":
            choice["message"] = {"role": "assistant", "content": None, "refusal": "I cannot help with that."}
        elif behaviour == "filter":
            choice["finish_reason"] = "content_filter"
        elif behaviour == "logprobs":
            alternatives = [{"token": token, "logprob": logprob, "bytes": None} for token, logprob in LOGPROBS.items()]
            choice["logprobs"] = {"content": [alternatives[0] | {"top_logprobs": alternatives}], "refusal": None}
        usage: Request = {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": 30}
        if behaviour == "cached":
            usage["prompt_tokens_details"] = {"cached_tokens": CACHED}
        return {
            "id": "chatcmpl-1",
            "object": "chat.completion",
            "created": 1_790_000_000,
            "model": "double-1",
            "choices": [choice],
            "usage": None if behaviour == "omit_usage" else usage,
        }

    def error(self, status: int, message: str) -> tuple[Request, dict[str, str]]:
        return {"error": {"message": message, "type": "error", "code": None, "param": None}}, {}

    def nothing(self) -> Request:
        return {"choices": [], "usage": None}

    def asked(self, request: Request) -> tuple[str, str]:
        system, user = request["messages"]
        return system["content"], user["content"]

    def key(self, headers: dict[str, str]) -> str:
        return _bearer(headers)


class Azure(OpenAi):
    """https://learn.microsoft.com/azure/ai-foundry/openai/reference"""

    prefix = "/openai/v1"

    def key(self, headers: dict[str, str]) -> str:
        return headers.get("api-key") or _bearer(headers)


class Mistral(OpenAi):
    """https://docs.mistral.ai/api

    It has no word for a refusal: a model that declines says so in its answer.
    """

    prefix = ""
    refusals: tuple[str, ...] = ()


class Anthropic:
    """https://docs.anthropic.com/en/api/messages"""

    prefix = ""
    refusals: tuple[str, ...] = ("refuse",)

    def answer(self, behaviour: str, request: Request, text: str) -> Request:
        prompt, completion = FALSE.get(behaviour, (20, 10))
        answer: Request = {
            "id": "msg_1",
            "type": "message",
            "role": "assistant",
            "model": "double-1",
            "content": [{"type": "text", "text": _written(behaviour, text)}],
            "stop_reason": {"half_answer": "max_tokens", "refuse": "refusal"}.get(behaviour, "end_turn"),
            "stop_sequence": None,
            "usage": {"input_tokens": prompt, "output_tokens": completion},
        }
        if behaviour == "omit_usage":
            del answer["usage"]
        if behaviour == "cached":
            answer["usage"] |= {"input_tokens": prompt - CACHED, "cache_read_input_tokens": CACHED}
        return answer

    def error(self, status: int, message: str) -> tuple[Request, dict[str, str]]:
        return {"type": "error", "error": {"type": _ERRORS[status][0], "message": message}}, {}

    def nothing(self) -> Request:
        return {"type": "message", "content": [], "usage": None}

    def asked(self, request: Request) -> tuple[str, str]:
        return _joined(request["system"]), _joined(request["messages"][0]["content"])

    def key(self, headers: dict[str, str]) -> str:
        return headers.get("x-api-key") or _bearer(headers)


class Google:
    """https://ai.google.dev/api/generate-content"""

    prefix = ""
    refusals: tuple[str, ...] = ("refuse", "filter")

    def answer(self, behaviour: str, request: Request, text: str) -> Request:
        prompt, completion = FALSE.get(behaviour, (20, 10))
        finish = {"half_answer": "MAX_TOKENS", "filter": "SAFETY"}.get(behaviour, "STOP")
        content = {"role": "model", "parts": [{"text": _written(behaviour, text)}]}
        answer: Request = {
            "candidates": [{"index": 0, "finishReason": finish, "content": content}],
            "usageMetadata": {"promptTokenCount": prompt, "candidatesTokenCount": completion, "totalTokenCount": 30},
            "modelVersion": "double-1",
            "responseId": "1",
        }
        if behaviour == "logprobs":
            alternatives = [{"token": token, "logProbability": logprob} for token, logprob in LOGPROBS.items()]
            answer["candidates"][0]["logprobsResult"] = {"topCandidates": [{"candidates": alternatives}]}
        if behaviour == "refuse":
            answer |= {"candidates": [], "promptFeedback": {"blockReason": "SAFETY"}}
        if behaviour == "omit_usage":
            del answer["usageMetadata"]
        if behaviour == "cached":
            answer["usageMetadata"]["cachedContentTokenCount"] = CACHED
        return answer

    def error(self, status: int, message: str) -> tuple[Request, dict[str, str]]:
        return {"error": {"code": status, "message": message, "status": _ERRORS[status][1]}}, {}

    def nothing(self) -> Request:
        return {"modelVersion": "double-1"}

    def asked(self, request: Request) -> tuple[str, str]:
        return _joined(request["systemInstruction"]["parts"]), _joined(request["contents"][0]["parts"])

    def key(self, headers: dict[str, str]) -> str:
        return headers["x-goog-api-key"]


class Bedrock:
    """https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_Converse.html"""

    prefix = ""
    refusals: tuple[str, ...] = ("refuse", "filter")

    def answer(self, behaviour: str, request: Request, text: str) -> Request:
        prompt, completion = FALSE.get(behaviour, (20, 10))
        stops = {"half_answer": "max_tokens", "refuse": "guardrail_intervened", "filter": "content_filtered"}
        answer: Request = {
            "output": {"message": {"role": "assistant", "content": [{"text": _written(behaviour, text)}]}},
            "stopReason": stops.get(behaviour, "end_turn"),
            "usage": {"inputTokens": prompt, "outputTokens": completion, "totalTokens": 30},
            "metrics": {"latencyMs": 5},
        }
        if behaviour == "omit_usage":
            del answer["usage"]
        if behaviour == "cached":
            answer["usage"] |= {"inputTokens": prompt - CACHED, "cacheReadInputTokens": CACHED}
        return answer

    def error(self, status: int, message: str) -> tuple[Request, dict[str, str]]:
        return {"message": message}, {"x-amzn-errortype": _ERRORS[status][2]}

    def nothing(self) -> Request:
        return {"metrics": {"latencyMs": 5}}

    def asked(self, request: Request) -> tuple[str, str]:
        return _joined(request["system"]), _joined(request["messages"][0]["content"])

    def key(self, headers: dict[str, str]) -> str:
        return _bearer(headers)


def _bearer(headers: dict[str, str]) -> str:
    return headers["authorization"].removeprefix("Bearer ")


def _joined(parts: str | list[Request]) -> str:
    return parts if isinstance(parts, str) else "".join(part.get("text", "") for part in parts)


FORMATS: dict[str, Format] = {
    "openai": OpenAi(),
    "anthropic": Anthropic(),
    "google": Google(),
    "mistral": Mistral(),
    "azure": Azure(),
    "bedrock": Bedrock(),
}
