"""Stories and their scores."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pulse.news import rank
from pulse.news.store.articles import THERE
from pulse.storage.engine import Transaction, arrays

# Of a story's row, what follows from its articles.
COLUMNS = {
    "id": "uuid",
    "title": "text",
    "language": "text",
    "updated_at": "timestamptz",
    "reported_at": "timestamptz",
    "article_count": "integer",
    "independent_sources": "integer",
    "model": "double precision",
    "relevance": "double precision",
    "freshness": "double precision",
    "authority": "double precision",
    "total": "double precision",
    "reasons": "jsonb",
}
_SCORE = ("model", "relevance", "freshness", "authority", "reasons")


def _parameters(names: Sequence[str]) -> str:
    return ", ".join(f"${place}::{COLUMNS[name]}[]" for place, name in enumerate(names, 1))


_INSERT = f"""
    INSERT INTO news.stories ({", ".join(COLUMNS)}, niche, first_seen_at) SELECT *, ${len(COLUMNS) + 1}, updated_at
    FROM unnest({_parameters(list(COLUMNS))}) AS begun ({", ".join(COLUMNS)})"""

# Freshness at the moment $1, and the total that follows; the same formula as rank.total, in the database so that it
# can sort by it.
_AGE = "greatest(0, extract(epoch FROM $1 - reported_at))::double precision"
_FRESH = f"power(0.5::double precision, {_AGE} / {rank.HALF_LIFE.total_seconds()})"
_TOTAL = (
    f"{rank.MODEL} * model + {rank.RELEVANCE} * relevance + {rank.FRESHNESS} * {_FRESH} + {rank.AUTHORITY} * authority"
)
_SHOWN = f"""id, niche, title, language, first_seen_at, updated_at, article_count, independent_sources,
    model, relevance, {_FRESH} AS freshness, authority, {_TOTAL} AS total, reasons"""
_RANKED = 5_000
"""Stories of a niche, the ones changed last, that are ranked by score."""

BY_SCORE = f"""
    SELECT * FROM (
        SELECT {_SHOWN} FROM unnest($2::text[]) AS wanted (name),
        LATERAL (
            SELECT * FROM news.stories WHERE tenant_id = $3 AND niche = wanted.name
            ORDER BY updated_at DESC, id DESC LIMIT {_RANKED}
        ) AS stories
    ) AS ranked
    WHERE (total, id) < ($4, $5) ORDER BY total DESC, id DESC LIMIT $6"""
BY_TIME = f"""
    SELECT {_SHOWN} FROM (
        SELECT page.* FROM unnest($2::text[]) AS wanted (name),
        LATERAL (
            SELECT * FROM news.stories
            WHERE tenant_id = $3 AND niche = wanted.name AND (updated_at, id) < ($4, $5)
            ORDER BY updated_at DESC, id DESC LIMIT $6
        ) AS page
    ) AS stories ORDER BY updated_at DESC, id DESC LIMIT $6"""


async def insert(tx: Transaction, niche: str, stories: Sequence[dict[str, Any]]) -> None:
    """Insert stories of a niche that begin now."""
    if stories:
        driver = await tx.driver()
        await driver.execute(_INSERT, *_columns(list(COLUMNS), stories), niche)


async def update(tx: Transaction, stories: Sequence[dict[str, Any]]) -> None:
    """Write what changed in stories."""
    await _write(tx, list(COLUMNS), stories)


async def rescore(tx: Transaction, stories: Sequence[dict[str, Any]]) -> None:
    """Write new scores of stories that have not changed otherwise; they keep their place in time."""
    await _write(tx, ["id", *_SCORE, "total"], stories)


async def _write(tx: Transaction, names: Sequence[str], stories: Sequence[dict[str, Any]]) -> None:
    if not stories:
        return
    driver = await tx.driver()
    await driver.execute(
        f"""UPDATE news.stories SET {", ".join(f"{name} = changed.{name}" for name in names[1:])}
            FROM unnest({_parameters(names)}) AS changed ({", ".join(names)}) WHERE stories.id = changed.id""",
        *_columns(names, stories),
    )


def _columns(names: Sequence[str], stories: Sequence[dict[str, Any]]) -> list[list[Any]]:
    return arrays([COLUMNS[name] for name in names], [[story[name] for name in names] for story in stories])


MEMBERS = f"""
    SELECT story_id, source_id, text_id, published_at, articles.language, authority, articles.title,
        left(content, $3) AS content
    FROM news.articles JOIN news.sources ON sources.id = source_id
    WHERE articles.tenant_id = $1 AND story_id = ANY($2::uuid[]) AND {THERE}
    ORDER BY published_at, articles.id"""


async def members(tx: Transaction, stories: Collection[UUID], characters: int) -> list[Any]:
    """Return what the scores of stories follow from, oldest article first.

    Rows of (story_id, source_id, text_id, published_at, language, authority, title, content cut to `characters`).
    """
    driver = await tx.driver()
    rows: list[Any] = await driver.fetch(MEMBERS, tx.tenant, list(stories), characters)
    return rows


async def recent_ids(tx: Transaction, niche: str, since: datetime) -> list[UUID]:
    """Return the stories of a niche that changed since a moment."""
    rows = await tx.rows(
        """SELECT id FROM news.stories WHERE tenant_id = :tenant AND niche = :niche AND updated_at >= :since
           ORDER BY updated_at DESC, id DESC""",
        tenant=tx.tenant,
        niche=niche,
        since=since,
    )
    return [row["id"] for row in rows]


async def by_score(
    tx: Transaction, niches: Sequence[str], at: datetime, before: tuple[float, UUID], limit: int
) -> list[dict[str, Any]]:
    """Return stories by their score at the moment `at`, best first, after the place `before`."""
    return await _shown(tx, BY_SCORE, at, niches, tx.tenant, before[0], before[1], limit)


async def by_time(
    tx: Transaction, niches: Sequence[str], at: datetime, before: tuple[datetime, UUID], limit: int
) -> list[dict[str, Any]]:
    """Return stories, the one changed last first, after the place `before`, with scores at the moment `at`."""
    return await _shown(tx, BY_TIME, at, niches, tx.tenant, before[0], before[1], limit)


async def some(tx: Transaction, stories: Sequence[UUID], at: datetime) -> list[dict[str, Any]]:
    """Return stories, without their articles, with their scores at the moment `at`."""
    return await _shown(tx, f"SELECT {_SHOWN} FROM news.stories WHERE id = ANY($2::uuid[])", at, stories)


async def _shown(tx: Transaction, statement: str, *values: Any) -> list[dict[str, Any]]:
    driver = await tx.driver()
    return [_nested(dict(row)) for row in await driver.fetch(statement, *values)]


def _nested(row: dict[str, Any]) -> dict[str, Any]:
    row["score"] = {
        name: row.pop(name) for name in ("model", "relevance", "freshness", "authority", "total", "reasons")
    }
    return row
