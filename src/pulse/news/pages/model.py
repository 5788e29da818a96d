"""What a page says about its article."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Method = Literal["container", "agreement", "thorough", "remainder", "none"]


@dataclass(frozen=True, slots=True)
class Page:
    """An article as its page shows it. Texts are plain; what is not there is empty or None."""

    title: str
    text: str
    """A line for each paragraph."""
    author: str | None
    published: datetime | None
    """UTC; never more than a day ahead of the moment of reading."""
    language: str | None
    canonical_url: str | None
    image_url: str | None
    description: str
    method: Method
    """How the text was found; `remainder` is the quick reading where the thorough one failed."""
