"""How other rooms ask the news room."""

from collections.abc import Sequence
from typing import Literal
from uuid import UUID

from pulse.http.client import Peer
from pulse.kernel.tenant import TenantId
from pulse.news.models import Article, Niche, Source, Story


class NewsClient:
    """The news service, over its HTTP interface."""

    def __init__(self, peer: Peer) -> None:
        self._peer = peer

    async def niches(self, tenant: TenantId) -> list[Niche]:
        """Return the niches."""
        answer = await self._peer.ask("GET", "/niches", tenant)
        return [Niche.model_validate(item) for item in answer["niches"]]

    async def niche(self, tenant: TenantId, name: str) -> Niche:
        """Return one niche. Raises `PeerRefused` (404) when it is not there."""
        return Niche.model_validate(await self._peer.ask("GET", f"/niches/{name}", tenant))

    async def sources(self, tenant: TenantId, niche: str | None = None) -> list[Source]:
        """Return the sources, of one niche or all."""
        answer = await self._peer.ask("GET", "/sources", tenant, query={"niche": niche})
        return [Source.model_validate(item) for item in answer["sources"]]

    async def articles(
        self, tenant: TenantId, niche: str | None = None, *, limit: int = 50, cursor: str | None = None
    ) -> tuple[list[Article], str | None]:
        """Return a page of articles, content cut to a teaser, and the cursor of the next page."""
        query = {"niche": niche, "limit": limit, "cursor": cursor}
        answer = await self._peer.ask("GET", "/articles", tenant, query=query)
        return [Article.model_validate(item) for item in answer["articles"]], answer["next_cursor"]

    async def article(self, tenant: TenantId, article_id: UUID) -> Article:
        """Return one article, whole. Raises `PeerRefused` (404) when it is not there."""
        return Article.model_validate(await self._peer.ask("GET", f"/articles/-/{article_id}", tenant))

    async def list_stories(
        self,
        tenant: TenantId,
        niche: str | None = None,
        *,
        order: Literal["score", "new"] = "score",
        limit: int = 50,
        cursor: str | None = None,
    ) -> tuple[list[Story], str | None]:
        """Return a page of stories without their articles, and the cursor of the next page."""
        query = {"niche": niche, "order": order, "limit": limit, "cursor": cursor}
        answer = await self._peer.ask("GET", "/stories", tenant, query=query)
        return [Story.model_validate(item) for item in answer["stories"]], answer["next_cursor"]

    async def stories(self, tenant: TenantId, story_ids: Sequence[UUID]) -> list[Story]:
        """Return those of the stories that are there, with whole articles, at most 100 of them."""
        if not story_ids:
            return []
        answer = await self._peer.ask("GET", "/stories", tenant, query={"ids": ",".join(map(str, story_ids))})
        return [Story.model_validate(item) for item in answer["stories"]]

    async def story(self, tenant: TenantId, story_id: UUID) -> Story:
        """Return one story with whole articles. Raises `PeerRefused` (404) when it is not there."""
        return Story.model_validate(await self._peer.ask("GET", f"/stories/{story_id}", tenant))
