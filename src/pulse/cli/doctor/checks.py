"""What a check finds."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at: `ok`; `warn` when Pulse works, but not all of it; `fail` when it does not work."""

    name: str
    state: Literal["ok", "warn", "fail"]
    message: str
    next_step: str = ""


def ok(name: str, message: str) -> Check:
    """Return a check that found nothing wrong."""
    return Check(name, "ok", message)


def warn(name: str, message: str, next_step: str) -> Check:
    """Return a check that found what does not stop Pulse."""
    return Check(name, "warn", message, next_step)


def fail(name: str, message: str, next_step: str) -> Check:
    """Return a check that found what stops Pulse."""
    return Check(name, "fail", message, next_step)
