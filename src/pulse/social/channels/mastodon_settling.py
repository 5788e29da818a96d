"""When a Mastodon post whose delivery ended in doubt may be sent again. Pure.

An `Idempotency-Key` is remembered for 3,600 s, but Mastodon writes it down only after the work is done: a request that
was cut off in between leaves a post without a key, and two requests with one key that overlap are two posts on older
versions. GoToSocial, Takahē, snac and others ignore it altogether. So the account's statuses are read first, always;
the key only shortens how long their silence must last before it is believed.

| the account's statuses            | key remembered | seconds since the last attempt | then                        |
|-----------------------------------|----------------|--------------------------------|-----------------------------|
| show the post                     | any            | any                            | it is published             |
| do not show it                    | yes            | `quiet` or more                | it may be sent again        |
| do not show it                    | no             | `silence` or more              | it may be sent again        |
| do not show it                    | any            | fewer                          | wait for the rest           |
| cannot be read at the moment      | any            | any                            | wait                        |
| may not be read by this token     | any            | any                            | only a person can tell      |
"""

from dataclasses import dataclass
from enum import StrEnum

KEY_SECONDS = 3_600.0
"""How long Mastodon remembers a key."""

KEY_MARGIN_SECONDS = 60.0
"""A key this near its end counts as forgotten."""


class Sighting(StrEnum):
    """What reading the account's statuses showed."""

    FOUND = "found"
    ABSENT = "absent"
    UNREADABLE = "unreadable"
    FORBIDDEN = "forbidden"


class Action(StrEnum):
    """What to do with a post in doubt."""

    PUBLISHED = "published"
    SEND_AGAIN = "send_again"
    WAIT = "wait"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Patience:
    """How long an attempt may go on unseen, in seconds.

    `quiet`: how long a server may work on a request nobody waits for any more. `silence`: the same, and how long a post
    may be missing from the account's statuses although it is made (queues, replicas), with a wide margin, since nothing
    else protects from a second post. `again`: between two readings while they fail.
    """

    quiet: float = 60.0
    silence: float = 180.0
    again: float = 30.0


@dataclass(frozen=True, slots=True)
class Doubt:
    """What is known of a post in doubt. Times are in seconds before now."""

    sighting: Sighting
    honours_keys: bool
    since_frozen: float
    """No attempt can be older than this, so no key can."""
    since_last_attempt: float


@dataclass(frozen=True, slots=True)
class Settlement:
    """An action, and for `WAIT` how many seconds."""

    action: Action
    wait: float = 0.0


def settle(doubt: Doubt, patience: Patience) -> Settlement:
    """Decide by the table above."""
    match doubt.sighting:
        case Sighting.FOUND:
            return Settlement(Action.PUBLISHED)
        case Sighting.FORBIDDEN:
            return Settlement(Action.ASK)
        case Sighting.UNREADABLE:
            return Settlement(Action.WAIT, patience.again)
    protected = doubt.honours_keys and doubt.since_frozen < KEY_SECONDS - KEY_MARGIN_SECONDS
    remaining = (patience.quiet if protected else patience.silence) - doubt.since_last_attempt
    return Settlement(Action.WAIT, remaining) if remaining > 0 else Settlement(Action.SEND_AGAIN)
