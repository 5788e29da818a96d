"""What the llm room needs to do its work."""

from dataclasses import dataclass

from pulse.bus.bus import Bus
from pulse.kernel.clock import Clock, utc_now
from pulse.llm.providers.port import Provider
from pulse.llm.verify.gate import RULES, Gate
from pulse.news.client import NewsClient
from pulse.settings import LlmSettings
from pulse.storage.engine import Database


@dataclass(frozen=True, slots=True)
class LlmRoom:
    """The room's dependencies. Without a provider the extractive engine writes; `gate` checks whoever does."""

    database: Database
    bus: Bus
    settings: LlmSettings
    news: NewsClient
    provider: Provider | None = None
    gate: Gate = RULES
    clock: Clock = utc_now
