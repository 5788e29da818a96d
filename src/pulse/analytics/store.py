"""All SQL of the analytics room."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import RowMapping

from pulse.storage.engine import Transaction


async def add_articles(tx: Transaction, niche: str, minute: datetime, articles: int) -> None:
    """Count articles into a minute."""
    await tx.execute(
        """INSERT INTO analytics.articles AS known (niche, minute, articles) VALUES (:niche, :minute, :articles)
           ON CONFLICT (tenant_id, niche, minute) DO UPDATE SET articles = known.articles + excluded.articles""",
        niche=niche,
        minute=minute,
        articles=articles,
    )


async def add_delivery(
    tx: Transaction,
    *,
    event_id: UUID,
    post_id: UUID,
    niche: str | None,
    channel_kind: str | None,
    published: bool,
    at: datetime,
) -> None:
    """Record how a delivery ended."""
    await tx.execute(
        """INSERT INTO analytics.deliveries (event_id, post_id, niche, channel_kind, published, at)
           VALUES (:event_id, :post_id, :niche, :channel_kind, :published, :at)""",
        event_id=event_id,
        post_id=post_id,
        niche=niche,
        channel_kind=channel_kind,
        published=published,
        at=at,
    )


async def articles_by_minute(tx: Transaction, after: datetime) -> list[tuple[datetime, int]]:
    """Return (start of the minute, articles) for the minutes that begin after a moment."""
    rows = await tx.rows(
        """SELECT minute, sum(articles)::bigint AS articles FROM analytics.articles
           WHERE tenant_id = :tenant AND minute > :after GROUP BY minute""",
        tenant=tx.tenant,
        after=after,
    )
    return [(row["minute"], row["articles"]) for row in rows]


async def outcomes(tx: Transaction, since: datetime) -> tuple[int, int]:
    """Return how many deliveries were published and how many failed since a moment."""
    row = await tx.row(
        """SELECT count(*) FILTER (WHERE published) AS published, count(*) FILTER (WHERE NOT published) AS failed
           FROM analytics.deliveries WHERE tenant_id = :tenant AND at >= :since""",
        tenant=tx.tenant,
        since=since,
    )
    return (row["published"], row["failed"]) if row else (0, 0)


async def days(tx: Transaction, since: date, niche: str | None) -> Sequence[RowMapping]:
    """Return the tenant's daily statistics since a day, newest first; of one niche if named."""
    return await tx.rows(
        """SELECT date, niche, article_count, posts, avg_engagement FROM analytics.daily_stats_of_tenant
           WHERE date >= :since AND (CAST(:niche AS text) IS NULL OR niche = :niche) ORDER BY date DESC, niche""",
        since=since,
        niche=niche,
    )


async def refresh_daily_stats(tx: Transaction) -> bool:
    """Bring the daily statistics of all tenants up to date; False when another process is at it. Readers never wait."""
    return bool(await tx.scalar("SELECT analytics.refresh_daily_stats()"))
