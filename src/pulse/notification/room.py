"""What the notification room needs to do its work."""

from dataclasses import dataclass

from pulse.bus.bus import Bus
from pulse.http.client import Peer
from pulse.http.tokens import Tokens
from pulse.kernel.clock import Clock, utc_now
from pulse.storage.engine import Database


@dataclass(frozen=True, slots=True)
class NotificationRoom:
    """The room's dependencies."""

    database: Database
    bus: Bus
    analytics: Peer
    tokens: Tokens
    clock: Clock = utc_now
