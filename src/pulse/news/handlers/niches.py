"""Niches: create, change, list."""

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from pulse.kernel.ids import new_id
from pulse.kernel.tenant import TenantId
from pulse.news import fold, store
from pulse.news.errors import BadNiche, NicheExists, UnknownNiche
from pulse.news.language import primary
from pulse.news.models import Niche
from pulse.news.room import NewsRoom
from pulse.storage.engine import Transaction

RESCORE = "news/rescore"
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
_RESCORED = timedelta(days=7)
_AT_ONCE = 200


async def list_niches(room: NewsRoom, tenant: TenantId) -> list[Niche]:
    """Return the tenant's niches by name."""
    async with room.database.transaction(tenant) as tx:
        return await store.niches.all_niches(tx)


async def get_niche(tx: Transaction, name: str) -> Niche:
    """Return one niche. Raises `UnknownNiche`."""
    niche = await store.niches.niche(tx, name)
    if niche is None:
        raise UnknownNiche(f"there is no niche {name!r}")
    return niche


async def add_niche(
    room: NewsRoom,
    tenant: TenantId,
    *,
    name: str,
    title: str | None = None,
    keywords: Sequence[str] = (),
    language: str | None = None,
    tone: str | None = None,
) -> Niche:
    """Create a niche. Raises `BadNiche`, `NicheExists`."""
    async with room.database.transaction(tenant) as tx:
        return await create_niche(room, tx, name=name, title=title, keywords=keywords, language=language, tone=tone)


async def create_niche(
    room: NewsRoom,
    tx: Transaction,
    *,
    name: str,
    title: str | None = None,
    keywords: Sequence[str] = (),
    language: str | None = None,
    tone: str | None = None,
) -> Niche:
    """Create a niche in a transaction. Raises `BadNiche`, `NicheExists`."""
    if not _NAME.fullmatch(name):
        raise BadNiche(f"{name!r} cannot be the name of a niche")
    _check_language(language)
    words = _keywords(keywords)
    shown = title or name.replace("-", " ").capitalize()
    niche = Niche(name=name, title=shown, keywords=words, language=language, tone=tone)
    if not await store.niches.insert(tx, new_id(), niche, room.clock()):
        raise NicheExists(f"there is a niche {name!r} already")
    return niche


async def change_niche(room: NewsRoom, tenant: TenantId, name: str, changes: dict[str, Any]) -> Niche:
    """Set title, keywords, language or tone. New keywords change the scores of recent stories, by a job.

    Raises `UnknownNiche`, `BadNiche`.
    """
    async with room.database.transaction(tenant) as tx:
        niche = await get_niche(tx, name)
        if "language" in changes:
            _check_language(changes["language"])
        if "keywords" in changes:
            changes = {**changes, "keywords": _keywords(changes["keywords"])}
        changed = niche.model_copy(
            update={key: changes[key] for key in changes.keys() & {"title", "keywords", "language", "tone"}}
        )
        await store.niches.update(
            tx,
            name,
            title=changed.title or niche.title,
            keywords=changed.keywords,
            language=changed.language,
            tone=changed.tone,
        )
        if changed.keywords != niche.keywords:
            await room.bus.enqueue(tx, RESCORE, {"niche": name}, key=f"rescore/{name}")
        return await get_niche(tx, name)


async def rescore(room: NewsRoom, tenant: TenantId, payload: dict[str, Any]) -> None:
    """Score the stories of the last days again, for keywords or authorities that were changed."""
    name = payload["niche"]
    now = room.clock()
    async with room.database.transaction(tenant) as tx:
        stories = await store.stories.recent_ids(tx, name, now - _RESCORED)
    for start in range(0, len(stories), _AT_ONCE):
        async with room.database.transaction(tenant) as tx:
            locked = await store.niches.lock(tx, name)
            if locked is not None:
                part = stories[start : start + _AT_ONCE]
                await store.stories.rescore(tx, await fold.appraise_again(tx, name, locked[1], part, now))


def _keywords(keywords: Sequence[str]) -> list[str]:
    plain = (" ".join(word.split()) for word in keywords)
    return list(dict.fromkeys(word for word in plain if word))


def _check_language(language: str | None) -> None:
    if language is not None and primary(language) is None:
        raise BadNiche(f"{language!r} is no language tag")
