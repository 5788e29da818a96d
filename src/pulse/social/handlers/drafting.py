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
from pulse.news.models import Story
from pulse.social import events, posts, store
from pulse.social.errors import NothingToPublish, UnknownPlatform
from pulse.social.handlers import life
from pulse.social.handlers.channels import UNUSABLE, kind_named, open_channel
from pulse.social.room import SocialRoom
from pulse.social.shapes import Citation, PostContent, Sentence, Source, Verdict
from pulse.storage.engine import Transaction

DRAFT = "social/draft"
UNDETERMINED = "und"
"""BCP 47 for a language nobody could tell."""
BY_HAND = "written by a person; no source was given, so nothing in it could be checked"


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
        text, problem = await _preview(room, tenant, row["id"], content)
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


async def _preview(room: SocialRoom, tenant: TenantId, channel_id: UUID, content: PostContent) -> tuple[str, str]:
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
    """Write the draft; a draft of an older summary of the story makes way, anything further along stays."""
    if summary.story_id is not None:
        earlier = await store.post_of_story(tx, channel["id"], summary.story_id)
        if earlier is not None:
            if earlier["state"] != posts.State.DRAFT or earlier["summary_id"] == summary.id:
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


def doubts_of(summary: Summary, problem: str = "") -> list[str]:
    """Return why a person must look at a post of `summary`: sentences the gate leaves to one, and a `problem`. Pure.

    Such a sentence is not in the post; a person who has looked at the sources may write it in.
    """
    waiting = [
        f"not proven, and left out: {sentence.text} ({'; '.join(sentence.verdict.reasons) or 'no verdict'})"
        for sentence in summary.doubtful
    ]
    return waiting + ([problem] if problem else [])


def content_of(summary: Summary, story: Story | None) -> PostContent:
    """Return what a post of `summary` says, with the receipt of every sentence. Pure."""
    cited = {citation.article_id for sentence in summary.sentences for citation in sentence.citations}
    articles = sorted(story.articles, key=lambda article: article.id not in cited) if story else []
    sources = {
        article.url: Source(
            name=article.source, url=article.url, title=article.title, published_at=article.published_at
        )
        for article in articles
    }
    for sentence in summary.sentences:
        for citation in sentence.citations:
            # A text that somebody sent has no address, and nothing of it can be linked.
            if not citation.url:
                raise NothingToPublish(f"summary {summary.id} is of a text without an address")
            sources.setdefault(citation.url, Source(name=citation.source, url=citation.url, title=citation.title))
    if not sources:
        raise NothingToPublish(f"summary {summary.id} cites no source")
    return PostContent(
        niche=summary.niche or "general",
        title=summary.title,
        language=summary.language or UNDETERMINED,
        sentences=tuple(
            Sentence(
                text=sentence.text,
                citations=tuple(
                    Citation(
                        article_id=str(citation.article_id),
                        source_name=citation.source,
                        url=citation.url,
                        title=citation.title,
                        quote=citation.quote,
                        start=citation.start,
                        end=citation.end,
                    )
                    for citation in sentence.citations
                ),
                verdict=Verdict(
                    supported=sentence.verdict.supported,
                    probability=sentence.verdict.probability,
                    verifier=sentence.verdict.verifier,
                    reasons=tuple(sentence.verdict.reasons),
                ),
            )
            for sentence in summary.sentences
        ),
        dropped=tuple(
            Sentence(
                text=dropped.text,
                citations=(),
                verdict=Verdict(supported=False, verifier=summary.verifier, reasons=tuple(dropped.reasons)),
            )
            for dropped in summary.dropped
        ),
        story_url=next(iter(sources)),
        sources=tuple(sources.values()),
    )


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

    Raises `UnknownPlatform`, `NothingToPublish`.
    """
    kind_named(room, platform)
    async with room.database.transaction(tenant) as tx:
        candidates = await store.channels(tx, kind=platform, niche=niche or (summary.niche if summary else None))
    if not candidates:
        raise UnknownPlatform(f"there is no {platform} channel yet; `pulse channel add {platform}` makes one")
    channel = next((row for row in candidates if not row["paused"]), None)
    if channel is None:
        raise UnknownPlatform(f"every {platform} channel is paused; `pulse channel resume` lets one go on")
    if summary is not None:
        body, doubts = content_of(summary, story), doubts_of(summary)
    elif content:
        body, doubts = _by_hand(room, content, niche or next(iter(channel["niches"]), "general"), by), [BY_HAND]
    else:
        raise NothingToPublish("neither `content` nor `summary_id` was given")
    text, problem = await _preview(room, tenant, channel["id"], body)
    return channel, body, text, doubts + ([problem] if problem else [])


def _by_hand(room: SocialRoom, text: str, niche: str, by: str) -> PostContent:
    verdict = Verdict(supported=False, verifier="none", reasons=(BY_HAND,))
    return PostContent(
        niche=niche,
        title=text[:200],
        language=UNDETERMINED,
        sentences=(Sentence(text=text, citations=(), verdict=verdict),),
        story_url=room.public_url(),
        written_by=by,
    )


async def put_requested(
    room: SocialRoom,
    tx: Transaction,
    channel: Any,
    body: PostContent,
    text: str,
    doubts: list[str],
    summary: Summary | None,
) -> UUID:
    """Write the draft that POST /publish asked for and return its id; a draft of the same story is taken as it is."""
    if summary is not None and summary.story_id is not None:
        earlier = await store.post_of_story(tx, channel["id"], summary.story_id)
        if earlier is not None:
            return UUID(str(earlier["id"]))
    post_id = new_id()
    drafted = events.PostDrafted(
        niche=body.niche,
        channel_id=channel["id"],
        channel_kind=channel["kind"],
        summary_id=summary.id if summary else None,
        story_id=summary.story_id if summary else None,
        score=0.0,
        content=body.model_dump(mode="json"),
        text=text,
        doubts=doubts,
    )
    await room.bus.append(tx, drafted, life.aggregate(post_id), expected_version=0)
    return post_id
