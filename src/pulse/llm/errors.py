"""What can go wrong between Pulse and a language model. `transient` errors are worth another try later."""

from typing import ClassVar

from pulse.kernel.errors import Kind, PulseError


class ProviderError(PulseError):
    """The base of every failure of a model provider. `details` may hold `usage`: what the failed call was billed."""

    code = "llm.provider"
    kind = Kind.UNAVAILABLE
    next_step = "Look at the provider's status page and the settings PULSE_LLM__*."
    transient: ClassVar[bool] = False
    free: ClassVar[bool] = False
    """Whether such a call surely cost nothing: the provider did not begin to answer."""


class ProviderTimedOut(ProviderError):
    """No whole answer came within the time allowed. Whether it was billed is not known."""

    code = "llm.provider_timed_out"
    next_step = "It is tried again later; raise PULSE_LLM__TIMEOUT_SECONDS if the model is slow."
    transient = True


class ProviderUnavailable(ProviderError):
    """The provider cannot be reached or says that it is broken."""

    code = "llm.provider_unavailable"
    next_step = "It is tried again later; check PULSE_LLM__BASE_URL and the provider's status."
    transient = True


class ProviderUnreachable(ProviderUnavailable):
    """No connection to the provider came about: the call was never made."""

    code = "llm.provider_unreachable"
    next_step = "It is tried again later; check PULSE_LLM__BASE_URL and that something listens there."
    free = True


class ProviderLimited(ProviderError):
    """The provider asks to slow down; `details["retry_after"]` holds the seconds it named, if it did."""

    code = "llm.provider_limited"
    kind = Kind.TOO_MANY
    next_step = "It is tried again later; ask the provider for a higher limit if this goes on."
    transient = True
    free = True


class ProviderRefusedKey(ProviderError):
    """The provider does not accept the key, or the account may not use the model."""

    code = "llm.provider_refused_key"
    kind = Kind.FORBIDDEN
    next_step = "Check PULSE_LLM__API_KEY and that the account may use PULSE_LLM__MODEL."
    free = True


class ProviderRejected(ProviderError):
    """The provider does not understand the request: an unknown model, address or option."""

    code = "llm.provider_rejected"
    kind = Kind.INVALID
    next_step = "Check PULSE_LLM__MODEL and that PULSE_LLM__BASE_URL ends with /v1."
    free = True


class ModelFileWrong(ProviderError):
    """The file of a model on this machine is not there, not the one that was meant, or not one that runs."""

    code = "llm.model_file_wrong"
    kind = Kind.INVALID
    next_step = "Check the path in PULSE_LLM__MODEL and its sha256, and that pulse[local] is installed."
    free = True


class AnswerIncomplete(ProviderError):
    """The answer stops in the middle: cut off by a length limit or by a lost connection."""

    code = "llm.answer_incomplete"
    next_step = "It is tried again later; if it goes on, choose a model that answers more briefly."
    transient = True


class AnswerUnreadable(ProviderError):
    """What came is no answer of a chat model: another format, another shape, or nothing."""

    code = "llm.answer_unreadable"
    next_step = "It is tried again later; if it goes on, check what listens at PULSE_LLM__BASE_URL."
    transient = True


class DraftUnreadable(ProviderError):
    """The model answered, and what it wrote is not the JSON that was asked for. It is stored, and not asked again."""

    code = "llm.draft_unreadable"
    kind = Kind.CONFLICT
    next_step = "The offline engine takes over for this story; if it goes on, choose a model that keeps to a schema."


class AnswerRefused(ProviderError):
    """The model declines to answer, or the provider's filter stopped it."""

    code = "llm.answer_refused"
    kind = Kind.CONFLICT
    next_step = "The offline engine takes over for this story."


class AnswerTooLarge(ProviderError):
    """The answer has more bytes than any honest one."""

    code = "llm.answer_too_large"
    kind = Kind.TOO_LARGE
    next_step = "Check what listens at PULSE_LLM__BASE_URL."


class UsageMissing(ProviderError):
    """The provider does not say how many tokens it billed, so that no budget could be kept."""

    code = "llm.usage_missing"
    kind = Kind.CONFLICT
    next_step = "Use a server that reports usage."


class SummaryNotFound(PulseError):
    """There is no such summary."""

    code = "llm.summary_not_found"
    kind = Kind.NOT_FOUND
    next_step = "List the summaries with GET /summaries."


class AnswerLater(PulseError):
    """The question waits for a batch. It is no failure: what asked is done again when the answer is there."""

    code = "llm.answer_later"
    kind = Kind.UNAVAILABLE
    next_step = "Wait: a batch takes up to a day. A model that is asked at once is one without `batch`."


class NotInBatch(ProviderError):
    """A batch ended without an answer to this question. The next model is asked for it."""

    code = "llm.not_in_batch"
    next_step = "Look at the batch at the provider; a model without `batch` after it in the settings takes over."
    free = True


class BudgetExhausted(ProviderError):
    """The cap on what models may cost leaves no room for the call. It was not made."""

    code = "llm.budget_exhausted"
    kind = Kind.TOO_MANY
    next_step = "The offline engine takes over until the period ends; `pulse llm budget` shows and raises the caps."
    free = True


class BadPrompt(PulseError):
    """A prompt holds a placeholder that nothing is put into."""

    code = "llm.bad_prompt"
    kind = Kind.INVALID
    next_step = "Write {{ and }} for braces, and the names of the prompt in use for everything else."


class NoModel(PulseError):
    """Prompts are for models, and none is configured."""

    code = "llm.no_model"
    kind = Kind.CONFLICT
    next_step = "Set PULSE_LLM__PROVIDER, PULSE_LLM__BASE_URL and PULSE_LLM__MODEL."


class UnknownTone(PulseError):
    """There is no tone of this name in the niche."""

    code = "llm.unknown_tone"
    kind = Kind.NOT_FOUND
    next_step = "List the tones with GET /llm/tones?niche=NAME."


class UnknownCount(PulseError):
    """Nothing here counts a text in this way."""

    code = "llm.unknown_count"
    kind = Kind.INVALID
    next_step = "Say characters, graphemes, mastodon or bluesky."
