"""Which language to speak. Pure."""

from collections.abc import Iterable

from pulse.i18n.translator import LANGUAGES

_LONGEST_HEADER = 1_000
DEFAULT = next(iter(LANGUAGES))


def choose(accept_language: str, chosen: str | None = None) -> str:
    """Return the language for a reader: the one they chose, else the first of their browser's that Pulse speaks.

    `accept_language` is the header of that name (RFC 9110, 12.5.4); a language with `q=0` is one they do not want.
    """
    if chosen in LANGUAGES:
        return str(chosen)
    wanted = []
    for place, part in enumerate(accept_language[:_LONGEST_HEADER].split(",")):
        tag, _, parameter = part.strip().partition(";")
        quality = _quality(parameter)
        if quality > 0:
            wanted.append((-quality, place, tag.strip().lower().partition("-")[0]))
    return next((language for _, _, language in sorted(wanted) if language in LANGUAGES), DEFAULT)


def shared(languages: Iterable[str | None]) -> str:
    """Return the one language that all of these texts have, where Pulse speaks it, else the default."""
    found = {(language or "").lower().partition("-")[0] for language in languages}
    return next(iter(found)) if len(found) == 1 and found <= set(LANGUAGES) else DEFAULT


def _quality(parameter: str) -> float:
    name, _, value = parameter.strip().partition("=")
    if name.strip().lower() != "q":
        return 1.0
    try:
        quality = float(value)
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0
