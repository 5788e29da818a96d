"""What an event is: a fact in the past tense, frozen, with a versioned wire name."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from pulse.kernel.tenant import TenantId


class Event(BaseModel):
    """The base of every fact a room publishes. A subclass sets `name` (`room.past_tense`) and `wire_version`."""

    model_config = ConfigDict(frozen=True, extra="ignore")
    name: ClassVar[str]
    wire_version: ClassVar[int] = 1


@dataclass(frozen=True, slots=True)
class Aggregate:
    """The thing an event is about: its type ("post") and its id."""

    type: str
    id: UUID


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as it stands in the log."""

    id: UUID
    name: str
    wire_version: int
    aggregate: Aggregate
    version: int
    """Of the aggregate: 1 for its first event."""
    tenant: TenantId
    occurred_at: datetime
    data: dict[str, Any]
    headers: dict[str, str]
    position: str = ""
    """Where the log continues after this event: opaque, ordered by commit; set on events that were read."""
