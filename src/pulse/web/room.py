"""What the pages need to do their work."""

from collections.abc import Mapping
from dataclasses import dataclass

from pulse.http.client import Peer
from pulse.http.tokens import Tokens
from pulse.kernel.clock import Clock, utc_now
from pulse.settings import Settings


@dataclass(frozen=True, slots=True)
class WebRoom:
    """The room's dependencies. `peers` has the keys news, llm, social, analytics and notification."""

    peers: Mapping[str, Peer]
    tokens: Tokens
    settings: Settings
    clock: Clock = utc_now
