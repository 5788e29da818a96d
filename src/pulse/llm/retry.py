"""How long to wait before a model is asked again in place. No input or output."""

from pulse.llm.errors import ProviderError, ProviderLimited, ProviderUnavailable

ATTEMPTS = 3
BASE_SECONDS = 0.5
LONGEST_SECONDS = 8.0
"""A job has a lease: what asks for a longer wait is tried again by the queue."""


def wait(error: ProviderError, attempt: int, random: float) -> float | None:
    """Return the seconds to wait after attempt number `attempt` (from 1), None to give up here.

    Full jitter (M. Brooker, "Exponential Backoff and Jitter", 2015) with `random` from 0 to 1, on top of what the
    provider asks for. Only what was surely not answered is asked again: a call that timed out may have been billed.
    """
    if attempt >= ATTEMPTS or not isinstance(error, ProviderLimited | ProviderUnavailable):
        return None
    asked = error.details.get("retry_after") or 0.0
    seconds = float(asked + random * min(LONGEST_SECONDS, BASE_SECONDS * 2 ** (attempt - 1)))
    return seconds if seconds <= LONGEST_SECONDS else None
