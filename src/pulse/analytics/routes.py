"""HTTP shapes of the analytics room."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from pulse.analytics import handlers
from pulse.analytics.models import DailyStats, LiveStats
from pulse.analytics.room import AnalyticsRoom
from pulse.http.access import may
from pulse.http.tokens import Permission, Principal

Reader = Annotated[Principal, Depends(may(Permission.READ))]


def router(room: AnalyticsRoom) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(tags=["stats"])

    @routes.get("/stats/live", summary="The figures of this moment")
    async def live(reader: Reader) -> LiveStats:
        return await handlers.live(room, reader.tenant)

    @routes.get("/stats/daily", summary="Articles and posts by day and niche")
    async def daily(
        reader: Reader,
        niche: Annotated[str | None, Query(max_length=200, description="only this niche")] = None,
        days: Annotated[int, Query(ge=1, le=366, description="how many days back, today included")] = 30,
    ) -> DailyStats:
        return await handlers.daily(room, reader.tenant, niche, days)

    return routes
