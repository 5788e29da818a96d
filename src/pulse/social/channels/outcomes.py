"""How an attempt to publish can end. Values, not exceptions: each of them is an ordinary end."""

from dataclasses import dataclass

from pulse.kernel.errors import PulseError


@dataclass(frozen=True, slots=True)
class Published:
    """The post is there: the platform said so, or it was found by reading back."""

    remote_id: str
    url: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The platform said no to this attempt, and would say no again."""

    code: str
    message: str
    next_step: str

    @classmethod
    def because(cls, error: PulseError) -> "Refused":
        """Make the value of a named error."""
        return cls(error.code, error.message, error.next_step)


@dataclass(frozen=True, slots=True)
class Retry:
    """Nothing was done, for certain. Try again `after` seconds, or when you see fit if None."""

    reason: str
    after: float | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """The attempt may have published the post, or may yet: ask `check`."""

    reason: str


@dataclass(frozen=True, slots=True)
class NotPublished:
    """A promise: delivering the same frozen post now cannot make a second one."""

    reason: str


@dataclass(frozen=True, slots=True)
class StillUnknown:
    """Not known yet. Check again `after` seconds; None: only a person can say."""

    reason: str
    after: float | None


Outcome = Published | Refused | Retry | Unknown
Reading = Published | NotPublished | StillUnknown | Refused
