"""How other rooms ask the analytics room."""

from pulse.analytics.models import DailyStats, LiveStats
from pulse.http.client import Peer
from pulse.http.tokens import Principal
from pulse.kernel.tenant import TenantId


class AnalyticsClient:
    """Asks the analytics service. Raises what `Peer.ask` raises."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def live(self, tenant: TenantId, *, on_behalf: Principal | None = None) -> LiveStats:
        """Return the figures of this moment."""
        return LiveStats.model_validate(await self._peer.ask("GET", "/stats/live", tenant, on_behalf=on_behalf))

    async def daily(
        self, tenant: TenantId, *, niche: str | None = None, days: int = 30, on_behalf: Principal | None = None
    ) -> DailyStats:
        """Return the statistics of the last `days` days, newest first."""
        answer = await self._peer.ask(
            "GET", "/stats/daily", tenant, query={"niche": niche, "days": days}, on_behalf=on_behalf
        )
        return DailyStats.model_validate(answer)
