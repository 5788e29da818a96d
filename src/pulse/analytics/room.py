"""What the analytics room needs to do its work."""

from dataclasses import dataclass

from pulse.bus.bus import Bus
from pulse.kernel.clock import Clock, utc_now
from pulse.storage.engine import Database


@dataclass(frozen=True, slots=True)
class AnalyticsRoom:
    """The room's dependencies."""

    database: Database
    bus: Bus
    clock: Clock = utc_now
