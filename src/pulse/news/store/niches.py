"""Niches, and the lock that gives their articles an order."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from pulse.news.models import Niche
from pulse.storage.engine import Transaction

_COLUMNS = """name, title, keywords, language, tone, articles, stories,
    (SELECT count(*) FROM news.sources WHERE sources.tenant_id = niches.tenant_id AND niche = name
        AND deleted_at IS NULL) AS sources"""


async def all_niches(tx: Transaction) -> list[Niche]:
    """Return the tenant's niches by name."""
    return [Niche(**row) for row in await tx.rows(f"SELECT {_COLUMNS} FROM news.niches ORDER BY name")]


async def names(tx: Transaction) -> list[str]:
    """Return the names of the tenant's niches."""
    driver = await tx.driver()
    return [
        row[0]
        for row in await driver.fetch("SELECT name FROM news.niches WHERE tenant_id = $1 ORDER BY name", tx.tenant)
    ]


async def niche(tx: Transaction, name: str) -> Niche | None:
    """Return one niche."""
    row = await tx.row(
        f"SELECT {_COLUMNS} FROM news.niches WHERE tenant_id = :tenant AND name = :name", tenant=tx.tenant, name=name
    )
    return Niche(**row) if row else None


async def insert(tx: Transaction, niche_id: UUID, niche: Niche, now: datetime) -> bool:
    """Add a niche; False when one of that name is there."""
    result = await tx.execute(
        """INSERT INTO news.niches (id, name, title, keywords, language, tone, created_at)
           VALUES (:id, :name, :title, CAST(:keywords AS text[]), :language, :tone, :now) ON CONFLICT DO NOTHING""",
        id=niche_id,
        name=niche.name,
        title=niche.title,
        keywords=niche.keywords,
        language=niche.language,
        tone=niche.tone,
        now=now,
    )
    return bool(result.rowcount)


async def update(
    tx: Transaction, name: str, *, title: str, keywords: Sequence[str], language: str | None, tone: str | None
) -> None:
    """Change what a person may change."""
    await tx.execute(
        """UPDATE news.niches
           SET title = :title, keywords = CAST(:keywords AS text[]), language = :language, tone = :tone
           WHERE tenant_id = :tenant AND name = :name""",
        tenant=tx.tenant,
        name=name,
        title=title,
        keywords=list(keywords),
        language=language,
        tone=tone,
    )


async def lock(tx: Transaction, name: str) -> tuple[UUID, list[str]] | None:
    """Wait until no other transaction takes articles into the niche; return its id and keywords.

    Until this transaction ends, no other one changes the niche's articles, keys, stories and folds.
    """
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))", key=f"news/{tx.tenant}/{name}")
    row = await tx.row(
        "SELECT id, keywords FROM news.niches WHERE tenant_id = :tenant AND name = :name", tenant=tx.tenant, name=name
    )
    return (row["id"], row["keywords"]) if row else None


async def count(tx: Transaction, name: str, *, articles: int, stories: int) -> None:
    """Add to the niche's counters."""
    await tx.execute(
        """UPDATE news.niches SET articles = articles + :articles, stories = stories + :stories
           WHERE tenant_id = :tenant AND name = :name""",
        tenant=tx.tenant,
        name=name,
        articles=articles,
        stories=stories,
    )


async def folds_after(tx: Transaction, name: str, number: int) -> list[Any]:
    """Return (number, id, format, entries) of the niche's folds from `number` on, in order."""
    driver = await tx.driver()
    rows: list[Any] = await driver.fetch(
        """SELECT number, id, format, entries FROM news.folds
           WHERE tenant_id = $1 AND niche = $2 AND number >= $3 ORDER BY number""",
        tx.tenant,
        name,
        number,
    )
    return rows


async def insert_fold(
    tx: Transaction, name: str, number: int, fold_id: UUID, now: datetime, form: int, entries: bytes
) -> None:
    """Write down what a fold added to the search."""
    await tx.execute(
        """INSERT INTO news.folds (niche, number, id, created_at, format, entries)
           VALUES (:niche, :number, :id, :now, :form, :entries)""",
        niche=name,
        number=number,
        id=fold_id,
        now=now,
        form=form,
        entries=entries,
    )


async def delete_folds(tx: Transaction, before: datetime) -> None:
    """Forget folds that are too old for any story, all but the newest of each niche."""
    await tx.execute(
        """DELETE FROM news.folds old WHERE created_at < :before AND EXISTS
           (SELECT FROM news.folds newer WHERE newer.tenant_id = old.tenant_id AND newer.niche = old.niche
            AND newer.number > old.number)""",
        before=before,
    )
