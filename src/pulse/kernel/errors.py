"""Named errors: what happened, to what, and what the person who reads it can do.

Errors know nothing of HTTP or of exit codes. They carry a `Kind`; `http/` and `cli/` each hold one table
from kinds to their own words.
"""

from enum import StrEnum
from typing import Any, ClassVar


class Kind(StrEnum):
    """What sort of failure it is, from the point of view of whoever asked."""

    INVALID = "invalid"
    NOT_FOUND = "not_found"
    CONFLICT = "conflict"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    TOO_LARGE = "too_large"
    WRONG_TYPE = "wrong_type"
    TOO_MANY = "too_many"
    UNAVAILABLE = "unavailable"
    INTERNAL = "internal"


class PulseError(Exception):
    """The base of every error Pulse raises on purpose.

    A subclass sets `code` (stable, `room.snake_case`, part of the public contract), `kind` and `next_step`
    (one sentence: what to do). The instance says what happened to what.
    """

    code: ClassVar[str] = "pulse.error"
    kind: ClassVar[Kind] = Kind.INTERNAL
    next_step: ClassVar[str] = "Look at the log for the trace id and report it."

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details

    def as_dict(self) -> dict[str, Any]:
        """Return the error as a value for JSON output: code, message, next step and details."""
        return {"code": self.code, "message": self.message, "next_step": self.next_step} | (
            {"details": self.details} if self.details else {}
        )
