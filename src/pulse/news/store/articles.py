"""Articles, the keys they are recognised by, and their earlier texts."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pulse.storage.engine import Transaction

TEASER = 500
"""Characters of content that a list shows."""

_ARTICLE_COLUMNS = {
    "id": "uuid",
    "created_at": "timestamptz",
    "published_at": "timestamptz",
    "dated": "boolean",
    "niche": "text",
    "source_id": "uuid",
    "story_id": "uuid",
    "text_id": "uuid",
    "status": "text",
    "language": "text",
    "url": "text",
    "title": "text",
    "author": "text",
    "image_url": "text",
    "content": "text",
}
_KEY_COLUMNS = {"key": "uuid", "article_id": "uuid", "text_hash": "uuid"}

_SHOWN = """articles.id, articles.niche, source_id, sources.title AS source, articles.url, articles.title, author,
    articles.language, image_url, published_at, dated, articles.created_at, story_id, status, revision,
    nullif(text_id, articles.id) AS copy_of"""

THERE = "coalesce(articles.deleted_at, 'infinity') = 'infinity'"
"""Not deleted, said so that idx_articles_composite cannot serve: while a table has no statistics, Postgres takes that
index for tiny, and would read a whole month to find an article by its id or its story."""

# One ordered scan of idx_articles_composite for each niche and status, each ended by the limit; then merged.
LIST = f"""
    SELECT {_SHOWN}, left(content, {TEASER}) AS content
    FROM (
        SELECT page.* FROM unnest($1::text[]) AS wanted (niche), unnest($2::text[]) AS state (status),
        LATERAL (
            SELECT * FROM news.articles
            WHERE tenant_id = $3 AND niche = wanted.niche AND status = state.status AND deleted_at IS NULL
              AND created_at <= $4 AND (created_at, id) < ($4, $5)
            ORDER BY created_at DESC, id DESC LIMIT $6
        ) AS page
        ORDER BY created_at DESC, id DESC LIMIT $6
    ) AS articles
    JOIN news.sources ON sources.id = source_id
    ORDER BY articles.created_at DESC, articles.id DESC"""


@dataclass(frozen=True, slots=True)
class Known:
    """What a key leads to."""

    article: UUID
    text_hash: UUID | None
    """Of the text the feed showed last; on a guid's key only."""


async def known(tx: Transaction, keys: Sequence[UUID]) -> dict[UUID, Known]:
    """Return which of the keys were seen before."""
    driver = await tx.driver()
    rows = await driver.fetch(
        "SELECT key, article_id, text_hash FROM news.article_keys WHERE tenant_id = $1 AND key = ANY($2::uuid[])",
        tx.tenant,
        keys,
    )
    return {row[0]: Known(row[1], row[2]) for row in rows}


async def insert(tx: Transaction, articles: Sequence[Sequence[Any]]) -> int:
    """Insert articles, given in the order of the columns above; return how many."""
    return await tx.insert_many("news.articles", _ARTICLE_COLUMNS, articles)


async def insert_keys(tx: Transaction, keys: Sequence[tuple[UUID, UUID, UUID | None]]) -> int:
    """Insert (key, article, text hash) rows."""
    return await tx.insert_many("news.article_keys", _KEY_COLUMNS, keys, conflict="ON CONFLICT DO NOTHING")


async def set_text_hashes(tx: Transaction, hashes: Sequence[tuple[UUID, UUID]]) -> None:
    """Set the text hash of guid keys, given as (key, hash)."""
    driver = await tx.driver()
    await driver.execute(
        """UPDATE news.article_keys SET text_hash = changed.hash
           FROM unnest($1::uuid[], $2::uuid[]) AS changed (key, hash)
           WHERE tenant_id = $3 AND article_keys.key = changed.key""",
        [key for key, _ in hashes],
        [text for _, text in hashes],
        tx.tenant,
    )


async def sources_of(tx: Transaction, articles: Collection[UUID]) -> dict[UUID, UUID]:
    """Return the source of each article."""
    rows = await tx.rows(
        "SELECT id, source_id FROM news.articles WHERE tenant_id = :tenant AND id = ANY(CAST(:ids AS uuid[]))",
        tenant=tx.tenant,
        ids=list(articles),
    )
    return {row["id"]: row["source_id"] for row in rows}


@dataclass(frozen=True, slots=True)
class Revision:
    """A new text of an article. Content None: the title only; the page will be read again."""

    article: UUID
    title: str
    content: str | None


async def revise(tx: Transaction, revisions: Sequence[Revision], now: datetime) -> list[Any]:
    """Keep the old texts, write the new ones; return (id, story_id, status) of the articles."""
    driver = await tx.driver()
    ids = [revision.article for revision in revisions]
    await driver.execute(
        """INSERT INTO news.revisions (article_id, revision, title, content, replaced_at)
           SELECT id, revision, title, content, $3 FROM news.articles WHERE tenant_id = $1 AND id = ANY($2::uuid[])""",
        tx.tenant,
        ids,
        now,
    )
    rows: list[Any] = await driver.fetch(
        """UPDATE news.articles SET title = changed.title, content = coalesce(changed.content, articles.content),
                  revision = revision + 1
           FROM unnest($2::uuid[], $3::text[], $4::text[]) AS changed (id, title, content)
           WHERE tenant_id = $1 AND articles.id = changed.id RETURNING articles.id, story_id, status""",
        tx.tenant,
        ids,
        [revision.title for revision in revisions],
        [revision.content for revision in revisions],
    )
    return rows


@dataclass(frozen=True, slots=True)
class Stored:
    """An article as folding and page reading need it."""

    id: UUID
    created_at: datetime
    published_at: datetime
    source_id: UUID
    story_id: UUID | None
    status: str
    language: str | None
    url: str
    title: str
    content: str


STORED = f"""
    SELECT id, created_at, published_at, source_id, story_id, status, language, url, title, left(content, $3) AS content
    FROM news.articles WHERE tenant_id = $1 AND id = ANY($2::uuid[]) AND created_at >= $4 AND {THERE}
    ORDER BY created_at"""


async def stored(
    tx: Transaction, articles: Collection[UUID], characters: int, since: datetime | None = None
) -> list[Stored]:
    """Return articles with the first `characters` of their content; `since` spares a look into older partitions."""
    driver = await tx.driver()
    earliest = since or datetime.fromisoformat("0001-01-01T00:00:00+00:00")
    return [Stored(*row) for row in await driver.fetch(STORED, tx.tenant, list(articles), characters, earliest)]


async def unfolded(tx: Transaction, before: datetime, limit: int) -> list[tuple[str, UUID]]:
    """Return (niche, id) of articles that still wait for their page although they came before this moment."""
    rows = await tx.rows(
        """SELECT niche, id FROM news.articles WHERE tenant_id = :tenant AND story_id IS NULL AND created_at < :before
           AND deleted_at IS NULL ORDER BY niche, created_at LIMIT :limit""",
        tenant=tx.tenant,
        before=before,
        limit=limit,
    )
    return [(row["niche"], row["id"]) for row in rows]


async def complete(tx: Transaction, articles: Sequence[tuple[Any, ...]]) -> None:
    """Write (id, created_at, story, text, content, language, author, image) of articles whose page was read.

    None leaves story, text and language as they are; author and image are set only where there was none.
    """
    if not articles:
        return
    driver = await tx.driver()
    columns = [list(column) for column in zip(*articles, strict=True)]
    await driver.execute(
        """UPDATE news.articles SET story_id = coalesce(read.story, story_id),
                  text_id = coalesce(read.text, text_id), content = read.content,
                  language = coalesce(read.language, articles.language),
                  author = coalesce(articles.author, read.author),
                  image_url = coalesce(articles.image_url, read.image)
           FROM unnest($2::uuid[], $3::timestamptz[], $4::uuid[], $5::uuid[], $6::text[], $7::text[], $8::text[],
                       $9::text[]) AS read (id, created, story, text, content, language, author, image)
           WHERE tenant_id = $1 AND articles.id = read.id AND articles.created_at = read.created""",
        tx.tenant,
        *columns,
    )


async def listed(
    tx: Transaction, niches: Sequence[str], states: Sequence[str], before: tuple[datetime, UUID], limit: int
) -> list[dict[str, Any]]:
    """Return up to `limit` articles, newest first, that come after the place `before`, content cut to a teaser."""
    driver = await tx.driver()
    rows = await driver.fetch(LIST, niches, states, tx.tenant, before[0], before[1], limit)
    return [dict(row) for row in rows]


ONE = f"""
    SELECT {_SHOWN}, content FROM news.articles JOIN news.sources ON sources.id = source_id
    WHERE articles.tenant_id = $1 AND articles.id = $2 AND ($3::text IS NULL OR articles.niche = $3) AND {THERE}"""


async def article(tx: Transaction, article_id: UUID, niche: str | None) -> dict[str, Any] | None:
    """Return one article, whole, of one niche or any."""
    driver = await tx.driver()
    row = await driver.fetchrow(ONE, tx.tenant, article_id, niche)
    return dict(row) if row else None


OF_STORIES = f"""
    SELECT {_SHOWN}, content FROM news.articles JOIN news.sources ON sources.id = source_id
    WHERE articles.tenant_id = $1 AND story_id = ANY($2::uuid[]) AND {THERE}
    ORDER BY text_id <> articles.id, authority DESC, length(content) DESC, published_at, articles.id"""


async def of_stories(tx: Transaction, stories: Sequence[UUID]) -> list[dict[str, Any]]:
    """Return the whole articles of stories: first prints before copies, then by authority, length and time."""
    driver = await tx.driver()
    return [dict(row) for row in await driver.fetch(OF_STORIES, tx.tenant, stories)]
