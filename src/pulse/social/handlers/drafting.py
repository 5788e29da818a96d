"""From a summary to drafts: one for each channel of its niche."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from pulse.bus.events import StoredEvent
from pulse.http.errors import PeerRefused
from pulse.kernel.errors import PulseError
from pulse.kernel.ids import new_id
from pulse.kernel.tenant import TenantId
from pulse.llm.errors import SummaryNotFound
from pulse.llm.models import Summary
from pulse.news.errors import UnknownStory
from pulse.news.models import Story
from pulse.social import events, posts, store
from pulse.social.content import about, by_hand, content_of, doubts_of, doubts_of_a_person
from pulse.social.errors import NothingToPublish, StoryHasPost, UnknownPlatform
from pulse.social.handlers import life
from pulse.social.handlers.channels import UNUSABLE, kind_named, open_channel
from pulse.social.handlers.judging import judged
from pulse.social.room import SocialRoom
from pulse.social.shapes import PostContent
from pulse.storage.engine import Transaction

DRAFT = "social/draft"


async def on_summarized(room: SocialRoom, tx: Transaction, event: StoredEvent) -> None:
    """React to `article.summarized`: drafts are made by a job, because they ask other services."""
    await room.bus.enqueue(tx, DRAFT, {"summary": event.data["summary_id"], "score": event.data["score"]})


async def draft(room: SocialRoom, tenant: TenantId, payload: dict[str, Any]) -> None:
    """Make the drafts of a summary, and let them go where autopilot is on."""
    summary, story = await material(room, tenant, UUID(payload["summary"]))
    if summary.niche is None or not summary.sentences:
        return
    content = content_of(summary, story)
    async with room.database.transaction(tenant) as tx:
        channels = [row for row in await store.channels(tx, niche=summary.niche) if not row["paused"]]
    for row in channels:
        text, problem = await preview(room, tenant, row["id"], content)
        async with room.database.transaction(tenant) as tx:
            await _put(room, tx, summary, content, row, text, payload["score"], doubts_of(summary, problem))


async def material(room: SocialRoom, tenant: TenantId, summary_id: UUID) -> tuple[Summary, Story | None]:
    """Return a summary and its story, if that is still there. Raises `SummaryNotFound`."""
    try:
        summary = await room.llm.summary(tenant, summary_id)
    except PeerRefused as error:
        if error.details["status"] == 404:
            raise SummaryNotFound(error.message) from error
        raise
    try:
        return summary, await room.news.story(tenant, summary.story_id) if summary.story_id else None
    except PeerRefused as error:
        if error.details["status"] == 404:
            return summary, None
        raise


async def asked_material(
    room: SocialRoom, tenant: TenantId, summary_id: UUID | None, story_id: UUID | None
) -> tuple[Summary | None, Story | None]:
    """Return what a request to publish names. Raises `SummaryNotFound`, `UnknownStory`."""
    if summary_id is not None:
        return await material(room, tenant, summary_id)
    try:
        return None, await room.news.story(tenant, story_id) if story_id else None
    except PeerRefused as error:
        if error.details["status"] == 404:
            raise UnknownStory(error.message) from error
        raise


async def preview(room: SocialRoom, tenant: TenantId, channel_id: UUID, content: PostContent) -> tuple[str, str]:
    """Return a post's text as its channel will show it, and what keeps it from being shown so, if anything does."""
    try:
        channel = await open_channel(room, tenant, channel_id)
    except UNUSABLE as error:
        return content.title, f"{error.message} {error.next_step}"
    await channel.prepare()
    rendered = channel.render(content)
    if isinstance(rendered, PulseError):
        return content.title, f"{rendered.message} {rendered.next_step}"
    return rendered.text, ""


async def _put(
    room: SocialRoom,
    tx: Transaction,
    summary: Summary,
    content: PostContent,
    channel: Any,
    text: str,
    score: float,
    doubts: list[str],
) -> None:
    """Write the draft; a draft of an older summary of the story makes way, anything further along stays.

    So does a draft that a person has written in: nobody's work is thrown away.
    """
    if summary.story_id is not None:
        earlier = await store.post_of_story(tx, channel["id"], summary.story_id)
        if earlier is not None:
            if earlier["state"] != posts.State.DRAFT or earlier["summary_id"] == summary.id:
                return
            if earlier["content"].get("written_by"):
                return
            overtaken = events.PostCancelled(by="pulse", reason="a newer summary of the story took its place")
            await life.record(room, tx, earlier, overtaken)
    post_id = new_id()
    drafted = events.PostDrafted(
        niche=content.niche,
        channel_id=channel["id"],
        channel_kind=channel["kind"],
        summary_id=summary.id,
        story_id=summary.story_id,
        score=score,
        content=content.model_dump(mode="json"),
        text=text,
        doubts=doubts,
    )
    await room.bus.append(tx, drafted, life.aggregate(post_id), expected_version=0)
    autopilot, daily_limit = await store.publishing(tx, content.niche)
    if autopilot and not doubts:
        since = room.clock() - timedelta(days=1)
        if await store.let_go_since(tx, content.niche, channel["id"], since) < daily_limit:
            await life.approve(room, tx, post_id, by="autopilot")


async def publish(
    room: SocialRoom,
    tenant: TenantId,
    *,
    platform: str,
    content: str | None,
    summary: Summary | None,
    story: Story | None,
    niche: str | None,
    by: str,
) -> tuple[Any, PostContent, str, list[str]]:
    """Prepare what POST /publish asked for: the channel, the content, its text there, and the doubts about it.

    A text of one's own about a `story` is checked against its sources. Raises `UnknownPlatform`, `NothingToPublish`.
    """
    kind_named(room, platform)
    wanted = niche or (summary.niche if summary else None) or (story.niche if story else None)
    async with room.database.transaction(tenant) as tx:
        candidates = await store.channels(tx, kind=platform, niche=wanted)
    if not candidates:
        raise UnknownPlatform(f"there is no {platform} channel yet; `pulse channel add {platform}` makes one")
    channel = next((row for row in candidates if not row["paused"]), None)
    if channel is None:
        raise UnknownPlatform(f"every {platform} channel is paused; `pulse channel resume` lets one go on")
    if summary is not None:
        body, doubts = content_of(summary, story), doubts_of(summary)
    elif content:
        said = await judged(room, tenant, content, story_id=story.id if story else None)
        doubts = doubts_of_a_person(said)
        if story is not None:
            body = about(story, said, by)
        else:
            own = niche or next(iter(channel["niches"]), "general")
            body = by_hand(said, niche=own, url=room.public_url(), by=by)
    else:
        raise NothingToPublish("neither `content` nor `summary_id` was given")
    text, problem = await preview(room, tenant, channel["id"], body)
    return channel, body, text, doubts + ([problem] if problem else [])


async def put_requested(
    room: SocialRoom,
    tx: Transaction,
    channel: Any,
    body: PostContent,
    text: str,
    doubts: list[str],
    *,
    summary: Summary | None,
    story_id: UUID | None,
) -> UUID:
    """Write the draft that POST /publish asked for and return its id.

    A draft of the same story is taken as it is; a person's own text takes the place of that draft's, in its history.
    Raises `StoryHasPost` where there is more than a draft.
    """
    if story_id is not None:
        earlier = await store.post_of_story(tx, channel["id"], story_id)
        if earlier is not None and summary is not None:
            return UUID(str(earlier["id"]))
        if earlier is not None:
            if earlier["state"] != posts.State.DRAFT:
                raise StoryHasPost(f"post {earlier['id']} of this story there is {earlier['state']}")
            edited = events.PostEdited(
                by=str(body.written_by),
                before=earlier["text"],
                content=body.model_dump(mode="json"),
                text=text,
                doubts=doubts,
            )
            await life.record(room, tx, earlier, edited)
            return UUID(str(earlier["id"]))
    post_id = new_id()
    drafted = events.PostDrafted(
        niche=body.niche,
        channel_id=channel["id"],
        channel_kind=channel["kind"],
        summary_id=summary.id if summary else None,
        story_id=story_id,
        score=0.0,
        content=body.model_dump(mode="json"),
        text=text,
        doubts=doubts,
    )
    await room.bus.append(tx, drafted, life.aggregate(post_id), expected_version=0)
    return post_id
