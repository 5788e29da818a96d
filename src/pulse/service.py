"""What a service is: what it declares to the bus, its routes, and what it does when it starts and stops."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from fastapi import APIRouter

from pulse.bus.declarations import Declarations

Hook = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Service:
    """One of the six. Built by its room's `service.py`, run by `app.py`."""

    bus: Declarations
    routers: Sequence[APIRouter] = ()
    on_start: Hook | None = None
    on_stop: Hook | None = None
    public_paths: tuple[str, ...] = field(default=())
    """First path segments that the gateway hands to this service: `articles` for `/articles/...`."""

    @property
    def name(self) -> str:
        """Return the service's name."""
        return self.bus.service
