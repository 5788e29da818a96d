"""The port to language models: one completion asked, one answer or one named error."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pulse.llm.shapes import Usage


@dataclass(frozen=True, slots=True)
class Completion:
    """What is asked: instructions, the material, and the JSON schema that the answer must have (None: free text).

    `logprobs` asks for that many alternatives to the answer's first token, with their log probabilities. The rest no
    model is told: `stage` is what the answer is for, where that is not the stage its provider was chosen for,
    `prompt_version` names the prompt, and `sentence` is the one sentence that the call is about, if it is one.
    """

    system: str
    user: str
    schema: Mapping[str, Any] | None = None
    max_tokens: int = 1_000
    temperature: float = 0.0
    logprobs: int = 0
    stage: str | None = None
    prompt_version: str | None = None
    sentence: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a model wrote, which model it says it was, and what it was billed.

    `logprobs` are the alternatives to the first token (natural logarithms), where they were asked for and given;
    `engine` is `provider:model` of the one that answered, where several were asked in turn.
    """

    text: str
    model: str
    usage: Usage
    finish_reason: str | None = None
    request_id: str | None = None
    logprobs: Mapping[str, float] | None = None
    engine: str | None = None


class Provider(Protocol):
    """A source of completions. Implementations try once; when to try again is the queue's business."""

    @property
    def name(self) -> str:
        """The kind of provider, as in the settings."""

    @property
    def model(self) -> str:
        """The model that is asked for."""

    async def complete(self, request: Completion) -> Answer:
        """Ask once. Raises a `pulse.llm.errors.ProviderError`."""
