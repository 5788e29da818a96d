"""Prompts as files. A prompt's version is its file's name and stands on every summary and every call made with it.

What is put into a prompt is the same for all stories of a niche, and what is different follows in the material: so a
vendor's cache, or that of a server of one's own, has read the prompt before.
"""

import re
from functools import cache
from importlib.resources import files

from pulse.llm.errors import BadPrompt

DRAFT = "draft-2"
JUDGE = "judge-2"
REPAIR = "repair-1"


_PLACE = re.compile(r"\{\{|\}\}|\{(\w*)\}")


@cache
def load(version: str) -> str:
    """Return the text of a prompt."""
    return files(__name__).joinpath(f"{version}.txt").read_text(encoding="utf-8")


def fill(prompt: str, **values: object) -> str:
    """Put values into `{name}`; `{{` and `}}` are braces. Raises `BadPrompt` where a name is unknown."""

    def value(match: re.Match[str]) -> str:
        if match[0] in {"{{", "}}"}:
            return match[0][0]
        if match[1] not in values:
            raise BadPrompt(f"the prompt holds {match[0]!r}; known are {', '.join(f'{{{name}}}' for name in values)}")
        return str(values[match[1]])

    return _PLACE.sub(value, prompt)
