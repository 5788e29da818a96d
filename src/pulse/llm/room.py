"""What the llm room needs to do its work."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pulse.bus.bus import Bus
from pulse.kernel.clock import Clock, utc_now
from pulse.llm.engines import Engines
from pulse.llm.extract import count_characters
from pulse.llm.providers.port import Provider
from pulse.llm.verify.gate import RULES, Gate
from pulse.news.client import NewsClient
from pulse.settings import LlmSettings
from pulse.storage.engine import Database


@dataclass(frozen=True, slots=True)
class LlmRoom:
    """The room's dependencies. Without a provider the extractive engine writes; `gate` checks whoever does.

    `counts` measure a text, by name: as readers count, in code points, and as each platform does.
    """

    database: Database
    bus: Bus
    settings: LlmSettings
    news: NewsClient
    provider: Provider | Engines | None = None
    gate: Gate = RULES
    clock: Clock = utc_now
    counts: Mapping[str, Callable[[str], int]] = field(
        default_factory=lambda: {"graphemes": count_characters, "characters": len}
    )
