"""What the analytics room shows."""

import datetime as time

from pydantic import BaseModel, ConfigDict, Field


class LiveStats(BaseModel):
    """The figures of this moment."""

    model_config = ConfigDict(frozen=True)
    articles_per_minute: float = Field(description="articles taken in, average of the last 5 minutes", examples=[12.4])
    active_jobs: int = Field(description="work that is being done or due", examples=[3])
    success_rate: float | None = Field(
        description="of the deliveries that ended in the last 24 hours, the share that was published, 0 to 1; "
        "null when none ended",
        examples=[0.98],
    )
    engagement_score: float | None = Field(description="null: engagement is not collected yet", examples=[None])
    at: time.datetime = Field(examples=["2026-11-03T09:00:00Z"])


class DayStats(BaseModel):
    """One niche on one day (UTC)."""

    model_config = ConfigDict(frozen=True)
    date: time.date = Field(examples=["2026-11-03"])
    niche: str = Field(examples=["technology"])
    article_count: int = Field(description="articles taken in", examples=[412])
    posts: int = Field(description="posts published", examples=[9])
    avg_engagement: float | None = Field(description="null: engagement is not collected yet", examples=[None])


class DailyStats(BaseModel):
    """Days, newest first; days without articles and posts are left out."""

    model_config = ConfigDict(frozen=True)
    days: list[DayStats]
