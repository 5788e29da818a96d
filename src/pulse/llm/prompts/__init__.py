"""Prompts as files. A prompt's version is its file's name and stands on every summary written with it."""

from functools import cache
from importlib.resources import files

DRAFT = "draft-1"
JUDGE = "judge-1"


@cache
def load(version: str) -> str:
    """Return the text of a prompt."""
    return files(__name__).joinpath(f"{version}.txt").read_text(encoding="utf-8")
