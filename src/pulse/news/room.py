"""What the news room needs to do its work."""

from dataclasses import dataclass, field

from pulse.bus.bus import Bus
from pulse.fetch.fetcher import Fetcher
from pulse.kernel.clock import Clock, utc_now
from pulse.news.searches import Searches
from pulse.settings import NewsSettings
from pulse.storage.engine import Database


@dataclass(frozen=True, slots=True)
class NewsRoom:
    """The room's dependencies."""

    database: Database
    bus: Bus
    fetcher: Fetcher
    settings: NewsSettings
    clock: Clock = utc_now
    searches: Searches = field(default_factory=Searches)
    """What this process remembers of `news.folds`; always checked against it."""
