"""HTTP shapes of the news room."""

from typing import Annotated, Any, Literal
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from pulse.http.access import may
from pulse.http.errors import BadRequest
from pulse.http.idempotency import Answer, Once
from pulse.http.tokens import Permission, Principal
from pulse.news.handlers import articles, niches, sources
from pulse.news.models import Article, FullText, Niche, Source, Story
from pulse.news.room import NewsRoom
from pulse.storage.engine import Transaction

Reader = Annotated[Principal, Depends(may(Permission.READ))]
Writer = Annotated[Principal, Depends(may(Permission.WRITE))]
Limit = Annotated[int, Query(ge=1, le=200)]
Cursor = Annotated[str | None, Query(max_length=400)]
ToneName = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
"""Which tones there are is for the llm service to know: one that it does not know is no tone, and it says so."""
NicheFilter = Annotated[str | None, Query(max_length=64)]


class Body(BaseModel):
    """A request's body; unknown fields are refused."""

    model_config = ConfigDict(extra="forbid")


class NewNiche(Body):
    """A niche to create."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"name": "technology", "title": "Technology", "keywords": ["chips", "open source"]}]
        },
    )
    name: str = Field(max_length=64)
    title: str | None = Field(None, max_length=200)
    keywords: list[Annotated[str, Field(max_length=100)]] = Field([], max_length=200)
    language: str | None = Field(None, max_length=35)
    tone: ToneName | None = None


class NicheChange(Body):
    """What to change in a niche."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"keywords": ["chips", "robots"]}]})
    title: str | None = Field(None, min_length=1, max_length=200)
    keywords: list[Annotated[str, Field(max_length=100)]] = Field([], max_length=200)
    language: str | None = Field(None, max_length=35)
    tone: ToneName | None = None


class NewSource(Body):
    """A feed, or a site whose feed is to be found."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"url": "https://example.org/feed.xml", "niche": "technology"}]}
    )
    url: str = Field(max_length=4_000)
    niche: str = Field(max_length=64)
    title: str | None = Field(None, max_length=300)
    full_text: FullText = "auto"


class AddedSource(Source):
    """A source that was added, and the other feeds its site names."""

    other_feeds: list[str] = Field(default_factory=list)


class SourceChange(Body):
    """What to change in a source."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"authority": 0.8}]})
    paused: bool = False
    full_text: FullText = "auto"
    authority: float = Field(0.5, ge=0, le=1)
    title: str = Field("", min_length=1, max_length=300)


class Niches(BaseModel):
    """All niches."""

    niches: list[Niche]


class Sources(BaseModel):
    """All sources, of a niche or of all."""

    sources: list[Source]


class ArticlePage(BaseModel):
    """Articles, those that came last first; content is cut to 500 characters."""

    articles: list[Article]
    next_cursor: str | None


class StoryPage(BaseModel):
    """Stories; `articles` is filled where stories are asked for by id."""

    stories: list[Story]
    next_cursor: str | None


class Imported(BaseModel):
    """What became of the feeds of an OPML document."""

    added: int
    known: int
    errors: list[str]


def router(room: NewsRoom) -> APIRouter:
    """Return the routes of the room."""
    router = APIRouter(tags=["news"])
    _niche_routes(router, room)
    _source_routes(router, room)
    _reading_routes(router, room)
    return router


def _niche_routes(router: APIRouter, room: NewsRoom) -> None:
    @router.get("/niches", response_model=Niches, summary="List the niches")
    async def list_niches(principal: Reader) -> Response:
        found = await niches.list_niches(room, principal.tenant)
        return _json({"niches": [niche.model_dump() for niche in found]})

    @router.post("/niches", response_model=Niche, status_code=201, summary="Create a niche")
    async def create_niche(request: NewNiche, principal: Writer, once: Annotated[Once, Depends()]) -> JSONResponse:
        async def work(tx: Transaction) -> Answer:
            niche = await niches.create_niche(room, tx, **request.model_dump())
            return 201, niche.model_dump(mode="json")

        return await once.run(room.database, principal.tenant, work)

    @router.get("/niches/{name}", response_model=Niche, summary="Show a niche")
    async def show_niche(name: str, principal: Reader) -> Niche:
        async with room.database.transaction(principal.tenant) as tx:
            return await niches.get_niche(tx, name)

    @router.patch("/niches/{name}", response_model=Niche, summary="Change a niche")
    async def change_niche(name: str, request: NicheChange, principal: Writer) -> Niche:
        return await niches.change_niche(room, principal.tenant, name, request.model_dump(exclude_unset=True))


def _source_routes(router: APIRouter, room: NewsRoom) -> None:
    @router.get("/sources", response_model=Sources, summary="List the sources and their health")
    async def list_sources(principal: Reader, niche: NicheFilter = None) -> Response:
        found = await sources.list_sources(room, principal.tenant, niche)
        return _json({"sources": [source.model_dump() for source in found]})

    @router.post("/sources", response_model=AddedSource, status_code=201, summary="Add a feed, or a site by its feed")
    async def add_source(request: NewSource, principal: Writer, once: Annotated[Once, Depends()]) -> JSONResponse:
        if answered := await once.earlier(room.database, principal.tenant):
            return answered
        found = await sources.find_source(room, request.url)

        async def work(tx: Transaction) -> Answer:
            source = await sources.create_source(
                room, tx, found, niche=request.niche, title=request.title, full_text=request.full_text
            )
            return 201, source.model_dump(mode="json") | {"other_feeds": found.other_feeds}

        return await once.run(room.database, principal.tenant, work)

    @router.post("/sources/import", response_model=Imported, summary="Add the feeds of an OPML document")
    async def import_sources(
        request: Request,
        principal: Writer,
        once: Annotated[Once, Depends()],
        niche: Annotated[str, Query(max_length=64)],
    ) -> JSONResponse:
        body = await request.body()

        async def work(tx: Transaction) -> Answer:
            result = await sources.import_into(room, tx, niche, body)
            return 200, result | {"errors": list(result["errors"].values())}

        return await once.run(room.database, principal.tenant, work)

    @router.get("/sources/export", summary="Give the sources as OPML", response_class=Response)
    async def export_sources(principal: Reader, niche: NicheFilter = None) -> Response:
        return Response(await sources.export_opml(room, principal.tenant, niche), media_type="text/x-opml")

    @router.patch("/sources/{source_id}", response_model=Source, summary="Change, pause or resume a source")
    async def change_source(source_id: UUID, request: SourceChange, principal: Writer) -> Source:
        return await sources.change_source(room, principal.tenant, source_id, request.model_dump(exclude_unset=True))

    @router.delete("/sources/{source_id}", status_code=204, summary="Stop polling a source; its articles stay")
    async def delete_source(source_id: UUID, principal: Writer) -> Response:
        await sources.remove_source(room, principal.tenant, source_id)
        return Response(status_code=204)

    @router.post("/sources/{source_id}/poll", response_model=Source, status_code=202, summary="Poll a source now")
    async def poll_source(source_id: UUID, principal: Writer, once: Annotated[Once, Depends()]) -> JSONResponse:
        async def work(tx: Transaction) -> Answer:
            return 202, (await sources.poll_soon(room, tx, source_id)).model_dump(mode="json")

        return await once.run(room.database, principal.tenant, work)


def _reading_routes(router: APIRouter, room: NewsRoom) -> None:
    async def page(
        principal: Principal, niche: str | None, status: str | None, limit: int, cursor: str | None
    ) -> Response:
        found = await articles.list_articles(room, principal.tenant, niche, status=status, limit=limit, cursor=cursor)
        return _json({"articles": found.rows, "next_cursor": found.next_cursor})

    @router.get("/articles", response_model=ArticlePage, summary="List articles")
    async def list_articles(
        principal: Reader,
        niche: NicheFilter = None,
        status: Literal["new", "backlog"] | None = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Response:
        return await page(principal, niche, status, limit, cursor)

    @router.get("/articles/{niche}", response_model=ArticlePage, summary="List the articles of a niche")
    async def list_articles_of_niche(
        niche: str,
        principal: Reader,
        status: Literal["new", "backlog"] | None = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Response:
        return await page(principal, niche, status, limit, cursor)

    @router.get("/articles/{niche}/{article_id}", response_model=Article, summary="Show an article; niche `-` is any")
    async def show_article(niche: str, article_id: UUID, principal: Reader) -> Response:
        return _json(await articles.get_article(room, principal.tenant, article_id, None if niche == "-" else niche))

    @router.get("/stories", response_model=StoryPage, summary="List stories, or show some with their articles")
    async def list_stories(
        principal: Reader,
        niche: NicheFilter = None,
        order: Literal["score", "new"] = "score",
        limit: Limit = 50,
        cursor: Cursor = None,
        ids: Annotated[
            str | None,
            Query(max_length=4_000, description="ids with commas between: these stories, with whole articles"),
        ] = None,
    ) -> Response:
        if ids is not None:
            found = await articles.get_stories(room, principal.tenant, _ids(ids))
            return _json({"stories": found, "next_cursor": None})
        listed = await articles.list_stories(
            room, principal.tenant, niche, by_score=order == "score", limit=limit, cursor=cursor
        )
        return _json({"stories": listed.rows, "next_cursor": listed.next_cursor})

    @router.get("/stories/{story_id}", response_model=Story, summary="Show a story with its articles")
    async def show_story(story_id: UUID, principal: Reader) -> Response:
        return _json(await articles.get_story(room, principal.tenant, story_id))


def _ids(text: str) -> list[UUID]:
    try:
        return [UUID(part) for part in text.split(",") if part]
    except ValueError:
        raise BadRequest("ids is not a list of ids with commas between") from None


def _plain(value: Any) -> str:
    if isinstance(value, UUID):  # the driver's own class of it
        return str(value)
    raise TypeError(f"{type(value)} has no form in JSON")


def _json(value: Any) -> Response:
    """Answer with rows as they are: the database made them, checking them again would cost more than making them."""
    return Response(orjson.dumps(value, default=_plain), media_type="application/json")
