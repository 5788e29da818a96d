"""What went wrong, in words for a person: a headline, what happened, and what to do next. Pure."""

from dataclasses import dataclass

from pulse.http.errors import PeerRefused
from pulse.http.problems import STATUS
from pulse.i18n import message
from pulse.kernel.errors import PulseError

_TITLES = {
    400: message("That cannot be"),
    401: message("Please sign in"),
    403: message("You may not do this"),
    404: message("Nothing here"),
    405: message("Nothing here"),
    409: message("Things have moved on"),
    413: message("Too large"),
    415: message("That cannot be"),
    422: message("That cannot be"),
    429: message("Too many at once"),
    503: message("A part of Pulse does not answer"),
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
    status, code, said, next_step = STATUS[error.kind], error.code, error.message, error.next_step
    if isinstance(error, PeerRefused):
        problem = error.details.get("problem") or {}
        status = int(error.details.get("status") or 500)
        code = str(problem.get("code") or code)
        next_step = str(
            problem.get("next_step")
            or (next_step if status >= 500 else message("Check what you entered, and try again."))
        )
    return Trouble(status, _TITLES.get(status, message("Something went wrong")), sentence(said), next_step, code)


def sentence(text: str) -> str:
    """Return `text` as a sentence: with a capital first and a full stop at its end."""
    text = text.strip()
    if not text:
        return ""
    return text[0].upper() + text[1:] + ("" if text[-1] in ".!?…。！？" else ".")
