"""What the notification room shows."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Model(BaseModel):
    """Frozen, as everything that travels."""

    model_config = ConfigDict(frozen=True)


class Notice(Model):
    """Something that the people of a workspace may want to look at."""

    id: UUID = Field(description="that of the event it tells of")
    kind: Literal["summary", "post"] = Field(examples=["post"])
    title: str = Field(examples=["Published on mastodon"])
    text: str = Field(examples=["technology: https://social.example/@pulse/1"])
    link: str | None = Field(description="a path of Pulse, or an http(s) address", examples=["/stories/0199..."])
    created_at: datetime
    read_at: datetime | None


class Notices(Model):
    """A page of notices, newest first."""

    notices: list[Notice]
    next_cursor: str | None = None
    unread: int = Field(description="of all notices, not only of this page", examples=[2])


class Figures(Model):
    """One message to the dashboards: the live figures of analytics; null where they are not known."""

    articles_per_minute: float | None = None
    active_jobs: int | None = None
    success_rate: float | None = None
    engagement_score: float | None = None
    at: datetime
