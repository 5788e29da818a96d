"""HTTP shapes of the llm room."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, model_validator

from pulse.http.access import may
from pulse.http.idempotency import Answer, Once
from pulse.http.pages import encode_cursor
from pulse.http.tokens import Permission, Principal
from pulse.llm import handlers, store
from pulse.llm.models import Summary, SummarySentence, Tried
from pulse.llm.room import LlmRoom
from pulse.llm.routes import streaming
from pulse.llm.routes.budget import moment_and_id
from pulse.llm.work import Progress
from pulse.storage.engine import Transaction

__all__ = ["budget", "router"]

Reader = Annotated[Principal, Depends(may(Permission.READ))]
Writer = Annotated[Principal, Depends(may(Permission.WRITE))]


class SummarizeRequest(BaseModel):
    """What to summarise (an article, a story, or a text), and what it is to be like."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"article_id": "01890a5d-ac96-774b-bcce-b302099a8057", "max_length": 280}]},
    )
    article_id: UUID | None = None
    story_id: UUID | None = None
    text: str | None = Field(None, min_length=1, max_length=100_000, description="a text that is its own source")
    max_length: int | None = Field(
        None, ge=40, le=5_000, description="characters, as `count` counts them; empty: PULSE_LLM__MAX_LENGTH"
    )
    count: Literal["graphemes", "characters", "mastodon", "bluesky"] = Field(
        "graphemes", description="how length is counted: as readers do, in code points, or as a platform does"
    )
    tone: str | None = Field(
        None, min_length=1, max_length=63, description="one of GET /llm/tones, or plain for none; empty: the niche's"
    )
    language: str | None = Field(
        None, pattern=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$", description="empty: the niche's, or the sources' own"
    )

    @model_validator(mode="after")
    def one_source(self) -> Self:
        """Refuse a request that names no source, or several."""
        if sum(given is not None for given in (self.article_id, self.story_id, self.text)) != 1:
            raise ValueError("name one of article_id, story_id and text")
        return self


class CheckRequest(BaseModel):
    """A text to check against the sources of a story, an article, or a summary."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"story_id": "01890a5d-ac96-774b-bcce-b302099a8057", "text": "The council approved 40 homes."}]
        },
    )
    article_id: UUID | None = None
    story_id: UUID | None = None
    summary_id: UUID | None = None
    text: str = Field(min_length=1, max_length=20_000)

    @model_validator(mode="after")
    def one_source(self) -> Self:
        """Refuse a request that names no source, or several."""
        if sum(given is not None for given in (self.article_id, self.story_id, self.summary_id)) != 1:
            raise ValueError("name one of article_id, story_id and summary_id")
        return self


class Checked(BaseModel):
    """Every sentence of the text with its verdict, in order."""

    sentences: list[SummarySentence]


class TryRequest(BaseModel):
    """A story, and a prompt to try on it."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"story_id": "01890a5d-ac96-774b-bcce-b302099a8057", "prompt": "Write {maximum} sentences."}]
        },
    )
    story_id: UUID
    prompt: str = Field(min_length=1, max_length=20_000)


class Tries(BaseModel):
    """The story's summary with the prompt in use, and with the other one."""

    current: Tried
    other: Tried


class SummaryPage(BaseModel):
    """Summaries, newest first."""

    summaries: list[Summary]
    next_cursor: str | None


def router(room: LlmRoom) -> APIRouter:
    """Return the routes of the room."""
    router = APIRouter(tags=["llm"])

    @router.post(
        "/summarize",
        response_model=Summary,
        summary="Summarise an article, a story or a text",
        responses={200: {"content": {streaming.MEDIA_TYPE: {}}}},
    )
    async def summarize(
        request: SummarizeRequest,
        principal: Writer,
        once: Annotated[Once, Depends()],
        accept: Annotated[str, Header()] = "*/*",
    ) -> Response:
        if answered := await once.earlier(room.database, principal.tenant):
            return answered

        async def summarized(progress: Progress | None = None) -> JSONResponse:
            found = await handlers.asked_for(room, principal.tenant, **request.model_dump(), progress=progress)

            async def work(tx: Transaction) -> Answer:
                if isinstance(found, Summary):
                    return 200, found.model_dump(mode="json")
                await handlers.keep(room, tx, found)
                stored: Any = await store.summaries.summary_of(tx, found.row["input_hash"])
                return 200, Summary.model_validate(dict(stored)).model_dump(mode="json")

            return await once.run(room.database, principal.tenant, work)

        return streaming.stream(summarized) if streaming.MEDIA_TYPE in accept else await summarized()

    @router.post("/llm/check", response_model=Checked, summary="Check a text against the sources of a story")
    async def check(request: CheckRequest, principal: Reader, once: Annotated[Once, Depends()]) -> Response:
        if answered := await once.earlier(room.database, principal.tenant):
            return answered
        found = Checked(sentences=await handlers.check(room, principal.tenant, **request.model_dump()))
        return await once.run(room.database, principal.tenant, _giving(found))

    @router.post("/llm/try", response_model=Tries, summary="Compare a prompt with the one in use")
    async def attempt(request: TryRequest, principal: Writer, once: Annotated[Once, Depends()]) -> Response:
        if answered := await once.earlier(room.database, principal.tenant):
            return answered
        found = Tries(**await handlers.attempt(room, principal.tenant, **request.model_dump()))
        return await once.run(room.database, principal.tenant, _giving(found))

    @router.get("/summaries", response_model=SummaryPage, summary="List summaries")
    async def summaries(
        principal: Reader,
        story_id: UUID | None = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: Annotated[str | None, Query(max_length=400)] = None,
    ) -> SummaryPage:
        before = moment_and_id(cursor) if cursor else None
        async with room.database.transaction(principal.tenant) as tx:
            rows = await store.summaries.summaries(tx, story_id=story_id, before=before, limit=limit + 1)
        page = [Summary.model_validate(dict(row)) for row in rows[:limit]]
        more = encode_cursor(page[-1].created_at, page[-1].id) if len(rows) > limit else None
        return SummaryPage(summaries=page, next_cursor=more)

    @router.get("/summaries/{summary_id}", response_model=Summary, summary="Show one summary with its stages")
    async def summary(summary_id: UUID, principal: Reader) -> Summary:
        async with room.database.transaction(principal.tenant) as tx:
            return await handlers.summary(tx, summary_id)

    return router


def _giving(found: BaseModel) -> Callable[[Transaction], Awaitable[Answer]]:
    """Return the work of a request that stores nothing but its answer, under its key."""

    async def work(_tx: Transaction) -> Answer:
        return 200, found.model_dump(mode="json")

    return work
