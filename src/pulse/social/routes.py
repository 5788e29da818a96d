"""HTTP shapes of the social room."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Self
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from fastapi.responses import JSONResponse, Response
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, SecretStr, model_validator

from pulse.http.access import may
from pulse.http.errors import BadRequest
from pulse.http.idempotency import Answer, Once
from pulse.http.pages import decode_cursor, encode_cursor
from pulse.http.tokens import Permission, Principal
from pulse.social import store
from pulse.social.handlers import channels, drafting, editing, explaining, life
from pulse.social.models import ChannelShown, Post, Publishing
from pulse.social.posts import State
from pulse.social.room import SocialRoom
from pulse.social.shapes import SaidText, Text, WebAddress
from pulse.storage.engine import Transaction

Reader = Annotated[Principal, Depends(may(Permission.READ))]
Writer = Annotated[Principal, Depends(may(Permission.WRITE))]
Approver = Annotated[Principal, Depends(may(Permission.APPROVE))]
Manager = Annotated[Principal, Depends(may(Permission.MANAGE))]
OnlyOnce = Annotated[Once, Depends()]


def _storable(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("outside of the calendar") from None


Moment = Annotated[AwareDatetime, AfterValidator(_storable)]
NicheName = Annotated[Text, Path(max_length=63)]


class Body(BaseModel):
    """Requests: what is not known is refused."""

    model_config = ConfigDict(extra="forbid")


class PublishRequest(Body):
    """What to publish, and where."""

    content: SaidText | None = Field(None, max_length=5_000, examples=["Test post"])
    summary_id: UUID | None = None
    story_id: UUID | None = Field(None, description="with `content`: the story whose sources it is checked against")
    platform: str = Field(
        max_length=40, examples=["site"], description="the kind of a channel: site, mastodon, bluesky"
    )
    schedule_at: Moment | None = Field(None, description="with a time zone; empty: as soon as it is approved")
    niche: SaidText | None = Field(None, max_length=63)

    @model_validator(mode="after")
    def not_both(self) -> Self:
        """Refuse a request that names a text and a summary: one of them would not be published."""
        if self.content is not None and self.summary_id is not None:
            raise ValueError("name either content or summary_id")
        if self.content is None and self.story_id is not None:
            raise ValueError("story_id goes with content")
        return self


class EditRequest(Body):
    """A draft's new text."""

    text: SaidText = Field(max_length=5_000, examples=["The council approved the bridge on Monday."])
    version: int = Field(ge=1, description="the draft's `version` that was read for this edit", examples=[1])


class RestoreRequest(Body):
    """Which text to take back."""

    version: int = Field(ge=1, description="the draft's `version` as it is now", examples=[3])
    former: int = Field(
        ge=1, description="the version at which it got the text, as its history (`/why`) counts", examples=[1]
    )


class ApproveRequest(Body):
    """When to send; empty: now."""

    schedule_at: Moment | None = None


class ReasonRequest(Body):
    """Why."""

    reason: Text = Field("", max_length=500, examples=["We ran this yesterday"])


class SettleRequest(Body):
    """What a person saw on the platform: the post's address, or nothing."""

    url: WebAddress | None = Field(None, max_length=2_000)


class ChannelRequest(Body):
    """An account to publish to."""

    kind: str = Field(max_length=40, examples=["mastodon"])
    name: SaidText = Field(max_length=80, examples=["Tech on Mastodon"])
    niches: list[SaidText] = Field([], max_length=100, examples=[["technology"]], description="empty: all niches")
    settings: dict[Text, Text] = Field({}, examples=[{"server": "https://mastodon.example"}])
    secret: SecretStr | None = Field(
        None, max_length=4_000, description="app password or access token; never shown again"
    )


class ChannelChange(Body):
    """What to change; what is left out stays."""

    name: SaidText | None = Field(None, max_length=80)
    niches: list[SaidText] | None = Field(None, max_length=100)
    settings: dict[Text, Text] | None = None
    paused: bool | None = None
    secret: SecretStr | None = Field(None, max_length=4_000)


class PublishingRequest(Body):
    """How far a niche may go without a person."""

    autopilot: bool = False
    daily_limit: int = Field(24, ge=0, le=1_000)


class PostPage(BaseModel):
    """Posts, newest first."""

    posts: list[Post]
    next_cursor: str | None


class ChannelList(BaseModel):
    """All channels."""

    channels: list[ChannelShown]


def router(room: SocialRoom) -> APIRouter:
    """Return the routes of the room."""
    router = APIRouter(tags=["social"])

    @router.post("/publish", status_code=202, response_model=Post, summary="Publish a summary, or a text of your own")
    async def publish(request: PublishRequest, principal: Writer, once: OnlyOnce) -> JSONResponse:
        if answered := await once.earlier(room.database, principal.tenant):
            return answered
        tenant = principal.tenant
        summary, story = await drafting.asked_material(room, tenant, request.summary_id, request.story_id)
        channel, body, text, doubts = await drafting.publish(
            room,
            tenant,
            platform=request.platform,
            content=request.content,
            summary=summary,
            story=story,
            niche=request.niche,
            by=principal.subject,
        )

        async def work(tx: Transaction) -> Answer:
            post_id = await drafting.put_requested(
                room,
                tx,
                channel,
                body,
                text,
                doubts,
                summary=summary,
                story_id=summary.story_id if summary else request.story_id,
            )
            post = await life.shown(tx, post_id)
            # Whoever may approve has, by asking; but what could not be checked is looked at first.
            if principal.may(Permission.APPROVE) and not doubts and post.state == State.DRAFT:
                await life.approve(room, tx, post_id, principal.subject, request.schedule_at)
            return 202, (await life.shown(tx, post_id)).model_dump(mode="json")

        return await once.run(room.database, tenant, work)

    @router.get("/posts", response_model=PostPage, summary="List posts")
    async def posts(
        principal: Reader,
        niche: Annotated[Text | None, Query(max_length=63)] = None,
        state: Annotated[list[State] | None, Query()] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: Annotated[str | None, Query(max_length=400)] = None,
    ) -> PostPage:
        before = _moment_and_id(cursor) if cursor else None
        async with room.database.transaction(principal.tenant) as tx:
            rows = await store.posts(tx, niche=niche, states=state or (), before=before, limit=limit + 1)
        page = [Post.model_validate(dict(row)) for row in rows[:limit]]
        more = encode_cursor(page[-1].created_at, page[-1].id) if len(rows) > limit else None
        return PostPage(posts=page, next_cursor=more)

    @router.get("/posts/{post_id}", response_model=Post, summary="Show one post with its receipt")
    async def post(post_id: UUID, principal: Reader) -> Post:
        async with room.database.transaction(principal.tenant) as tx:
            return await life.shown(tx, post_id)

    @router.get("/posts/{post_id}/why", summary="Show every decision that led to a post")
    async def why(post_id: UUID, principal: Reader) -> dict[str, Any]:
        return await explaining.why(room, principal.tenant, post_id)

    async def decided(
        once: Once, principal: Principal, post_id: UUID, decide: Callable[..., Awaitable[None]], *details: Any
    ) -> JSONResponse:
        async def work(tx: Transaction) -> Answer:
            await decide(room, tx, post_id, principal.subject, *details)
            return 200, (await life.shown(tx, post_id)).model_dump(mode="json")

        return await once.run(room.database, principal.tenant, work)

    @router.patch("/posts/{post_id}", response_model=Post, summary="Put another text into a draft")
    async def edit(post_id: UUID, request: EditRequest, principal: Writer, once: OnlyOnce) -> JSONResponse:
        if answered := await once.earlier(room.database, principal.tenant):
            return answered
        prepared = await editing.prepare(
            room, principal.tenant, post_id, text=request.text, version=request.version, by=principal.subject
        )
        return await decided(once, principal, post_id, editing.edit, request.version, prepared)

    @router.post("/posts/{post_id}/restore", response_model=Post, summary="Take a draft's former text back")
    async def restore(post_id: UUID, request: RestoreRequest, principal: Writer, once: OnlyOnce) -> JSONResponse:
        return await decided(once, principal, post_id, editing.restore, request.version, request.former)

    @router.post("/posts/{post_id}/approve", response_model=Post, summary="Let a draft go")
    async def approve(
        post_id: UUID, principal: Approver, once: OnlyOnce, request: ApproveRequest | None = None
    ) -> JSONResponse:
        at = request.schedule_at if request else None
        return await decided(once, principal, post_id, life.approve, at)

    @router.post("/posts/{post_id}/reject", response_model=Post, summary="Turn a draft down")
    async def reject(
        post_id: UUID, principal: Approver, once: OnlyOnce, request: ReasonRequest | None = None
    ) -> JSONResponse:
        return await decided(once, principal, post_id, life.reject, request.reason if request else "")

    @router.post("/posts/{post_id}/cancel", response_model=Post, summary="Take back what was not sent yet")
    async def cancel(
        post_id: UUID, principal: Approver, once: OnlyOnce, request: ReasonRequest | None = None
    ) -> JSONResponse:
        return await decided(once, principal, post_id, life.cancel, request.reason if request else "")

    @router.post("/posts/{post_id}/retry", response_model=Post, summary="Send a failed post again")
    async def retry(post_id: UUID, principal: Approver, once: OnlyOnce) -> JSONResponse:
        return await decided(once, principal, post_id, life.retry)

    @router.post("/posts/{post_id}/settle", response_model=Post, summary="Say what became of an uncertain post")
    async def settle(post_id: UUID, principal: Approver, once: OnlyOnce, request: SettleRequest) -> JSONResponse:
        return await decided(once, principal, post_id, life.settle, request.url)

    @router.get("/channels", response_model=ChannelList, summary="List channels")
    async def list_channels(principal: Reader) -> ChannelList:
        async with room.database.transaction(principal.tenant) as tx:
            return ChannelList(channels=await channels.list_channels(tx))

    @router.post("/channels", status_code=201, response_model=ChannelShown, summary="Add a channel")
    async def add_channel(request: ChannelRequest, principal: Manager, once: OnlyOnce) -> JSONResponse:
        if answered := await once.earlier(room.database, principal.tenant):
            return answered
        secret = request.secret.get_secret_value() if request.secret else None
        settings = await channels.verified(room, request.kind, request.settings, secret)

        async def work(tx: Transaction) -> Answer:
            values = request.model_dump(exclude={"secret", "settings"}) | {"settings": settings}
            return 201, (await channels.add_channel(room, tx, **values, secret=secret)).model_dump(mode="json")

        return await once.run(room.database, principal.tenant, work)

    @router.patch("/channels/{channel_id}", response_model=ChannelShown, summary="Change a channel")
    async def change_channel(channel_id: UUID, request: ChannelChange, principal: Manager) -> ChannelShown:
        secret = request.secret.get_secret_value() if request.secret else None
        changes = request.model_dump(exclude={"secret"}, exclude_none=True)
        if secret or request.settings is not None:
            changes["settings"] = await channels.verified_change(
                room, principal.tenant, channel_id, request.settings or {}, secret
            )
        async with room.database.transaction(principal.tenant) as tx:
            return await channels.change_channel(room, tx, channel_id, changes, secret)

    @router.delete("/channels/{channel_id}", status_code=204, summary="Remove a channel")
    async def remove_channel(channel_id: UUID, principal: Manager) -> Response:
        async with room.database.transaction(principal.tenant) as tx:
            await channels.remove_channel(tx, channel_id)
        return Response(status_code=204)

    @router.get("/publishing/{niche}", response_model=Publishing, summary="Show how far a niche may go by itself")
    async def publishing(niche: NicheName, principal: Reader) -> Publishing:
        async with room.database.transaction(principal.tenant) as tx:
            return await channels.publishing(tx, niche)

    @router.put("/publishing/{niche}", response_model=Publishing, summary="Switch autopilot")
    async def set_publishing(niche: NicheName, request: PublishingRequest, principal: Manager) -> Publishing:
        wanted = Publishing(niche=niche, **request.model_dump())
        async with room.database.transaction(principal.tenant) as tx:
            return await channels.set_publishing(tx, wanted)

    return router


def _moment_and_id(cursor: str) -> tuple[datetime, UUID]:
    moment, post_id = decode_cursor(cursor, 2)
    try:
        return datetime.fromisoformat(moment).astimezone(UTC), UUID(post_id)
    except (TypeError, ValueError, AttributeError, OverflowError):
        raise BadRequest("the cursor is not one this list gave out") from None
