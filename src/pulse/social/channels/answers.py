"""Reading platforms' answers, of which nothing is believed until it is parsed."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pulse.fetch import retry_after
from pulse.fetch.errors import FetchError
from pulse.kernel.errors import Kind
from pulse.social.channels.outcomes import Refused, Retry, Unknown
from pulse.social.channels.port import HttpAnswer
from pulse.social.shapes import clean

LONGEST_WAIT = 7 * 86_400.0
"""Seconds; a platform that asks for more is asked again after this."""


def json_of(answer: HttpAnswer) -> Any:
    """Return the body as JSON, None if it is not JSON."""
    try:
        return json.loads(answer.body)
    except (ValueError, RecursionError):
        return None


def object_of(answer: HttpAnswer) -> Mapping[str, Any]:
    """Return the body as a JSON object, an empty one if it is anything else."""
    value = json_of(answer)
    return value if isinstance(value, dict) else {}


def text_at(value: Any, *path: str) -> str:
    """Return the text at a path of member names, empty if there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value if isinstance(value, str) else ""


def wait_asked_for(answer: HttpAnswer, now: datetime) -> float | None:
    """Return the seconds the answer asks to wait, None if it does not say.

    Understands Retry-After, Bluesky's `RateLimit-Reset` (Unix seconds) and Mastodon's `X-RateLimit-Reset` (ISO 8601).
    """
    asked = retry_after(answer.headers, now)
    if asked is not None:
        return asked.total_seconds()
    for name in ("ratelimit-reset", "x-ratelimit-reset"):
        moment = _moment(answer.headers.get(name, ""))
        if moment is not None:
            return min(max((moment - now).total_seconds(), 0.0), LONGEST_WAIT)
    return None


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromtimestamp(float(text), UTC) if text.isdigit() else datetime.fromisoformat(text)
    except (ValueError, OverflowError, OSError):
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment


def outcome_of_error(error: FetchError) -> Refused | Retry | Unknown:
    """Say what a request that got no answer means: a request that may have arrived may have been carried out."""
    if error.sent:
        return Unknown(error.message)
    if error.kind in (Kind.INVALID, Kind.FORBIDDEN):
        return Refused.because(error)
    return Retry(error.message)


def words_of(answer: HttpAnswer) -> str:
    """Return the platform's own words about a failure, short enough to show."""
    body = object_of(answer)
    said = ": ".join(text for name in ("error", "message", "error_description") if (text := text_at(body, name)))
    return f"HTTP {answer.status}" + (f", {clean(said)[:300]}" if said else "")
