"""What went wrong, in words for a person: a headline, what happened, and what to do next. Pure."""

from dataclasses import dataclass

from pulse.http.errors import PeerRefused
from pulse.http.problems import STATUS
from pulse.kernel.errors import PulseError

_TITLES = {
    400: "That cannot be",
    401: "Please sign in",
    403: "You may not do this",
    404: "Nothing here",
    405: "Nothing here",
    409: "Things have moved on",
    413: "Too large",
    422: "That cannot be",
    429: "Too many at once",
    503: "A part of Pulse does not answer",
}


@dataclass(frozen=True, slots=True)
class Trouble:
    """One failure. `status` is the HTTP status the page is answered with."""

    status: int
    title: str
    message: str
    next_step: str
    code: str


def trouble(error: PulseError) -> Trouble:
    """Return a named error in words. What a service said of its own error is taken from its problem document."""
    status, code, message, next_step = STATUS[error.kind], error.code, error.message, error.next_step
    if isinstance(error, PeerRefused):
        problem = error.details.get("problem") or {}
        status = int(error.details.get("status") or 500)
        code = str(problem.get("code") or code)
        next_step = str(
            problem.get("next_step") or (next_step if status >= 500 else "Check what you entered, and try again.")
        )
    return Trouble(status, _TITLES.get(status, "Something went wrong"), sentence(message), next_step, code)


def sentence(text: str) -> str:
    """Return `text` as a sentence: with a capital first and a full stop at its end."""
    text = text.strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?…。！？" else ".")
