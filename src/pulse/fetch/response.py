"""What came back."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Redirect:
    """One hop: who answered, with which status, and where it pointed."""

    url: str
    status: int
    location: str

    @property
    def permanent(self) -> bool:
        """Tell whether the server said that the old address need not be asked again."""
        return self.status in (301, 308)


@dataclass(frozen=True, slots=True)
class Response:
    """A complete answer: its body is decompressed and within the limit.

    `headers` finds names in any case. `url_final` is the address that answered, without credentials.
    """

    status: int
    url_final: str
    headers: Mapping[str, str]
    body: bytes
    redirects: tuple[Redirect, ...] = ()

    @property
    def moved_to(self) -> str | None:
        """The address to ask from now on, if a chain of permanent redirects led there from the start, else None."""
        moved = None
        for redirect in self.redirects:
            if not redirect.permanent:
                break
            moved = redirect.location
        return moved
