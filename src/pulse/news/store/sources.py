"""Sources: what is polled, when, and how it went."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pulse.news.models import FullText, Source
from pulse.storage.engine import Transaction

_COLUMNS = """id, niche, url, title, home_url, language, full_text, authority, paused, state, last_error, failures,
    interval_seconds, last_polled_at, next_poll_at, articles"""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A source that this process polls now, for as long as its lease lasts."""

    id: UUID
    niche: str
    url: str
    title: str
    home_url: str | None
    language: str | None
    full_text: FullText
    authority: float
    fresh: bool
    """It has never been read with success."""
    failures: int
    interval_seconds: float
    etag: str | None
    last_modified: str | None
    body_hash: UUID | None


@dataclass(frozen=True, slots=True)
class Polled:
    """The new state of a polled source: one row of the bulk update, in the order of `_POLLED`."""

    id: UUID
    url: str
    title: str
    home_url: str | None
    language: str | None
    state: str
    paused: bool
    last_error: str | None
    failures: int
    interval_seconds: float
    last_polled_at: datetime
    next_poll_at: datetime
    etag: str | None
    last_modified: str | None
    body_hash: UUID | None
    new_articles: int


_POLLED = {
    "id": "uuid",
    "url": "text",
    "title": "text",
    "home_url": "text",
    "language": "text",
    "state": "text",
    "paused": "boolean",
    "last_error": "text",
    "failures": "integer",
    "interval_seconds": "double precision",
    "last_polled_at": "timestamptz",
    "next_poll_at": "timestamptz",
    "etag": "text",
    "last_modified": "text",
    "body_hash": "uuid",
    "new_articles": "bigint",
}
_SET = ", ".join(f"{name} = polled.{name}" for name in _POLLED if name not in ("id", "paused", "new_articles"))
_UPDATE_POLLED = f"""
    UPDATE news.sources SET {_SET}, paused = sources.paused OR polled.paused, poll_lease_until = NULL,
        articles = articles + polled.new_articles
    FROM unnest({", ".join(f"${place}::{kind}[]" for place, kind in enumerate(_POLLED.values(), 1))})
        AS polled ({", ".join(_POLLED)})
    WHERE sources.id = polled.id AND sources.deleted_at IS NULL"""


async def listed(tx: Transaction, niche: str | None = None) -> list[Source]:
    """Return the tenant's sources, of one niche or all, by niche and title."""
    rows = await tx.rows(
        f"""SELECT {_COLUMNS} FROM news.sources
            WHERE deleted_at IS NULL AND (CAST(:niche AS text) IS NULL OR niche = :niche)
            ORDER BY niche, lower(title), id""",
        niche=niche,
    )
    return [Source(**row) for row in rows]


async def source(tx: Transaction, source_id: UUID) -> Source | None:
    """Return one source."""
    row = await tx.row(f"SELECT {_COLUMNS} FROM news.sources WHERE id = :id AND deleted_at IS NULL", id=source_id)
    return Source(**row) if row else None


async def insert(tx: Transaction, sources: Sequence[Source], now: datetime) -> set[UUID]:
    """Add sources; return the ids of those whose URL the niche did not have."""
    added: set[UUID] = set()
    for source in sources:
        result = await tx.execute(
            """INSERT INTO news.sources (id, niche, url, title, home_url, language, full_text, authority,
                                         interval_seconds, next_poll_at, created_at)
               VALUES (:id, :niche, :url, :title, :home_url, :language, :full_text, :authority, :interval, :next, :now)
               ON CONFLICT (tenant_id, niche, url) WHERE deleted_at IS NULL DO NOTHING""",
            id=source.id,
            niche=source.niche,
            url=source.url,
            title=source.title,
            home_url=source.home_url,
            language=source.language,
            full_text=source.full_text,
            authority=source.authority,
            interval=source.interval_seconds,
            next=source.next_poll_at,
            now=now,
        )
        if result.rowcount:
            added.add(source.id)
    return added


async def change(tx: Transaction, source_id: UUID, changes: dict[str, Any]) -> None:
    """Set columns that a person may set: paused, full_text, authority, title, next_poll_at."""
    allowed = changes.keys() & {"paused", "full_text", "authority", "title", "next_poll_at"}
    if allowed:
        assignments = ", ".join(f"{name} = :{name}" for name in sorted(allowed))
        await tx.execute(
            f"UPDATE news.sources SET {assignments} WHERE id = :id",
            id=source_id,
            **{name: changes[name] for name in allowed},
        )


async def delete(tx: Transaction, source_id: UUID, now: datetime) -> bool:
    """Stop polling a source for good. Its articles stay."""
    result = await tx.execute(
        "UPDATE news.sources SET deleted_at = :now WHERE id = :id AND deleted_at IS NULL", id=source_id, now=now
    )
    return bool(result.rowcount)


async def claim(
    tx: Transaction, now: datetime, until: datetime, limit: int, only: Collection[UUID] | None = None
) -> list[Claimed]:
    """Take up to `limit` sources that are due, or those of `only` whether due or not, until the lease ends.

    What another process holds is passed over.
    """
    rows = await tx.rows(
        """UPDATE news.sources SET poll_lease_until = :until WHERE id IN (
               SELECT id FROM news.sources
               WHERE deleted_at IS NULL AND (poll_lease_until IS NULL OR poll_lease_until <= :now)
                 AND CASE WHEN CAST(:due AS boolean) THEN NOT paused AND next_poll_at <= :now
                          ELSE id = ANY(CAST(:only AS uuid[])) END
               ORDER BY next_poll_at LIMIT :limit FOR UPDATE SKIP LOCKED)
           RETURNING id, niche, url, title, home_url, language, full_text, authority, body_hash IS NULL AS fresh,
                     failures, interval_seconds, etag, last_modified, body_hash""",
        until=until,
        now=now,
        due=only is None,
        only=list(only or ()),
        limit=limit,
    )
    return [Claimed(**row) for row in rows]


async def release(tx: Transaction, sources: Collection[UUID]) -> None:
    """Give claimed sources back unpolled."""
    await tx.execute(
        "UPDATE news.sources SET poll_lease_until = NULL WHERE id = ANY(CAST(:ids AS uuid[]))", ids=list(sources)
    )


async def still_there(tx: Transaction, sources: Collection[UUID]) -> set[UUID]:
    """Lock the rows of sources and return those that were not deleted meanwhile."""
    rows = await tx.rows(
        """SELECT id FROM news.sources WHERE id = ANY(CAST(:ids AS uuid[])) AND deleted_at IS NULL
           ORDER BY id FOR UPDATE""",
        ids=list(sources),
    )
    return {row["id"] for row in rows}


async def taken_urls(tx: Transaction, niche: str, urls: Collection[str]) -> set[str]:
    """Return which of the addresses belong to sources of the niche."""
    rows = await tx.rows(
        "SELECT url FROM news.sources WHERE niche = :niche AND url = ANY(CAST(:urls AS text[])) AND deleted_at IS NULL",
        niche=niche,
        urls=list(urls),
    )
    return {row["url"] for row in rows}


async def record(tx: Transaction, polled: Sequence[Polled]) -> None:
    """Write how the polls went, and end their leases."""
    driver = await tx.driver()
    columns = [[getattr(row, name) for row in polled] for name in _POLLED]
    await driver.execute(_UPDATE_POLLED, *columns)


async def authorities(tx: Transaction, sources: Collection[UUID]) -> dict[UUID, float]:
    """Return the authority of each source, of deleted ones too."""
    rows = await tx.rows(
        "SELECT id, authority FROM news.sources WHERE id = ANY(CAST(:ids AS uuid[]))", ids=list(sources)
    )
    return {row["id"]: row["authority"] for row in rows}
