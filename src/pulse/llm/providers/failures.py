"""What a provider's answer of another status than 200 means, whoever the provider is. Pure."""

import email.utils
import time
from typing import Any

from pulse.llm.errors import (
    ProviderError,
    ProviderLimited,
    ProviderRefusedKey,
    ProviderRejected,
    ProviderUnavailable,
)
from pulse.llm.folding import strip_hidden
from pulse.llm.shapes import Usage

_SHOWN = 200
_LONGEST_WAIT = 3600.0


def of_status(model: str, status: int, body: bytes, retry_after: str | None) -> ProviderError:
    """Return the error that a status stands for; `retry_after` is the header of that name, if it was sent."""
    said = f"{model} answered {status}: {excerpt(body)}"
    if status == 429:
        return ProviderLimited(said, retry_after=seconds(retry_after))
    if status in {401, 403}:
        return ProviderRefusedKey(said)
    if status == 408 or status >= 500:
        return ProviderUnavailable(said, retry_after=seconds(retry_after))
    return ProviderRejected(said)


def of_usage(usage: Usage | None) -> dict[str, Any]:
    """Return what an error says of the tokens that were billed for it; nothing where they are not known."""
    if usage is None:
        return {}
    counts = {"prompt": usage.prompt_tokens, "completion": usage.completion_tokens, "cached": usage.cached_tokens}
    return {"usage": counts}


def excerpt(body: bytes | str) -> str:
    """Return the beginning of what was sent, fit to be shown."""
    text = body if isinstance(body, str) else body[: 4 * _SHOWN].decode("utf-8", "replace")
    return " ".join(strip_hidden(text).split())[:_SHOWN]


def seconds(retry_after: str | None) -> float | None:
    """Seconds from a Retry-After header, which is a number or a date; None where it says nothing sensible."""
    if not retry_after:
        return None
    try:
        found = float(retry_after)
    except ValueError:
        try:
            found = email.utils.parsedate_to_datetime(retry_after).timestamp() - time.time()
        except (ValueError, TypeError, OverflowError):
            return None
    return min(max(found, 0.0), _LONGEST_WAIT) if found == found else None
