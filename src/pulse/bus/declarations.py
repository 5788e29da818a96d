"""What a service declares to the bus: reactions, jobs, schedules, projections. Tables, no side effects."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from pulse.bus.events import Event, StoredEvent
from pulse.kernel.tenant import TenantId
from pulse.storage.engine import Transaction

Priority = Literal["high", "normal", "low"]
PRIORITIES: tuple[Priority, ...] = ("high", "normal", "low")

Reaction = Callable[[Transaction, StoredEvent], Awaitable[None]]
"""Runs in the transaction that records that it ran: done twice, it acts once. No network in it."""
Work = Callable[[TenantId, dict[str, Any]], Awaitable[None]]
"""Opens its own transactions and may use the network. May run again after a crash: it must settle that itself."""
Tick = Callable[[TenantId], Awaitable[None]]
"""Runs in every process of the service: it must claim what it works on."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A reaction to every event of one kind."""

    event: type[Event]
    react: Reaction
    priority: Priority = "normal"


@dataclass(frozen=True, slots=True)
class Job:
    """A named kind of work that is put into the queue by `Bus.enqueue`."""

    name: str
    work: Work
    priority: Priority = "normal"


@dataclass(frozen=True, slots=True)
class Every:
    """A handler that runs again and again, once for each tenant."""

    name: str
    seconds: float
    tick: Tick


@dataclass(frozen=True, slots=True)
class Projection:
    """Tables that hold nothing but what the log says: `apply` folds one event into them.

    Live handlers go through the same `apply`, so that a rebuild equals the live rows.
    """

    tables: tuple[str, ...]
    events: tuple[type[Event], ...]
    apply: Reaction


@dataclass(frozen=True, slots=True)
class Declarations:
    """All that one service asks of the bus."""

    service: str
    publishes: tuple[type[Event], ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    jobs: tuple[Job, ...] = ()
    schedules: tuple[Every, ...] = ()
    projections: tuple[Projection, ...] = ()

    def reaction_queue(self, subscription: Subscription) -> str:
        """Return the name of the queue that holds the service's work for one kind of event."""
        return f"{self.service}/{subscription.event.name}"
