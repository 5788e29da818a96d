"""What a log line is about: tenant, queue, aggregate. Follows the call, also across `await`."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_bound: ContextVar[dict[str, str]] = ContextVar("pulse_log_context", default={})  # noqa: B039 - never mutated


@contextmanager
def bound(**names: str) -> Iterator[None]:
    """Add names to every log line written inside the block."""
    token = _bound.set(_bound.get() | names)
    try:
        yield
    finally:
        _bound.reset(token)


def current() -> dict[str, str]:
    """Return the names bound here."""
    return _bound.get()
