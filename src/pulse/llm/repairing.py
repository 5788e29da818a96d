"""One more chance for an answer that is not the JSON that was asked for."""

import hashlib
from dataclasses import dataclass, replace

from pulse.llm import prompts
from pulse.llm.drafting import parse
from pulse.llm.errors import DraftUnreadable
from pulse.llm.folding import strip_hidden
from pulse.llm.providers.port import Answer, Completion, Provider
from pulse.llm.shapes import Usage

_LONGEST_ANSWER = 8_000


@dataclass(frozen=True)
class Repairing:
    """`provider`, asked once more where its answer does not keep to the schema: a call of its own, paid as any other.

    The second answer is returned as it is. Where it cannot be read either, whoever reads it finds out.
    """

    provider: Provider

    @property
    def name(self) -> str:
        """The provider's."""
        return self.provider.name

    @property
    def model(self) -> str:
        """The provider's."""
        return self.provider.model

    async def complete(self, request: Completion) -> Answer:
        """Return the answer, with the tokens of all that was asked for it. Raises what the provider raises."""
        answer = await self.provider.complete(request)
        if request.schema is None:
            return answer
        try:
            parse(answer.text)
        except DraftUnreadable as error:
            again = await self.provider.complete(request_repair(request, answer.text, error))
            return replace(again, usage=_together(answer.usage, again.usage))
        return answer


def request_repair(request: Completion, answer: str, error: DraftUnreadable) -> Completion:
    """Return the completion that gives a model its answer back, with what is wrong with it.

    What was asked stands first and unchanged, so that a vendor's cache still knows it.
    """
    written = strip_hidden(answer)[:_LONGEST_ANSWER]
    marker = hashlib.sha256(written.encode()).hexdigest()[:16]
    values = {"marker": marker, "error": error.details.get("why", error.code), "answer": written.replace(marker, "")}
    user = f"{request.user}\n\n{prompts.fill(prompts.load(prompts.REPAIR), **values)}"
    return replace(request, user=user, prompt_version=prompts.REPAIR)


def _together(first: Usage, second: Usage) -> Usage:
    return Usage(
        first.prompt_tokens + second.prompt_tokens,
        first.completion_tokens + second.completion_tokens,
        first.estimated or second.estimated,
        first.cached_tokens + second.cached_tokens,
    )
