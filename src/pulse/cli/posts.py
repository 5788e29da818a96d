"""`pulse posts`."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import TYPE_CHECKING, TextIO
from uuid import UUID

import click

from pulse.cli.frame import Group, Invocation
from pulse.cli.output import Output, when
from pulse.cli.paging import after, cut, page_options, tell_more
from pulse.cli.sentences import show_verdict
from pulse.cli.session import TENANT, actor, opened

if TYPE_CHECKING:
    from pulse.app import Pulse
    from pulse.social.models import Post
    from pulse.social.room import SocialRoom
    from pulse.storage.engine import Transaction

STATES = ("draft", "approved", "scheduled", "sending", "unknown", "published", "failed", "rejected", "cancelled")


@click.group(cls=Group)
def posts() -> None:
    """List, show, edit, approve, reject, cancel, retry and settle posts."""


@posts.command("list")
@click.option("--niche", help="Only this niche.")
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="Only these states; repeatable.")
@page_options
@click.pass_obj
async def list_posts(
    invocation: Invocation, niche: str | None, states: tuple[str, ...], limit: int, cursor: str | None
) -> None:
    r"""List posts, newest first.

    \b
    Examples:
      pulse posts list --state draft
      pulse posts list --niche technology --state failed --state unknown --json
    """
    before = after(cursor)
    async with opened(invocation) as pulse, pulse.database.transaction(TENANT) as tx:
        from pulse.social import store
        from pulse.social.models import Post

        rows = await store.posts(tx, niche=niche, states=states, before=before, limit=limit + 1)
    found = [Post.model_validate(dict(row)) for row in rows]
    page, more = cut(found, limit, lambda post: (post.created_at, post.id))
    output = invocation.output
    if output.json:
        output.document({"posts": page, "next_cursor": more})
        return
    output.table(
        ("id", "state", "channel", "score#", "created", "text"),
        [
            (
                post.id,
                post.state,
                post.channel or post.channel_kind,
                f"{post.score:.2f}",
                when(post.created_at),
                _head(post),
            )
            for post in page
        ],
        empty="No posts. Drafts appear when stories of a niche with a channel are summarised: "
        "`pulse channel list` shows the channels, `pulse sources poll` fetches news now.",
    )
    tell_more(output, more)


@posts.command("show")
@click.argument("post", type=click.UUID)
@click.pass_obj
async def show_post(invocation: Invocation, post: UUID) -> None:
    r"""Show one post: its text, where every sentence comes from, what was dropped, where it stands.

    \b
    Example:
      pulse posts show 01997c0e-5f0a-7b8e-9d51-0d8a6f6f1a11
    """
    async with opened(invocation) as pulse, pulse.database.transaction(TENANT) as tx:
        from pulse.social.handlers import life

        shown = await life.shown(tx, post)
    output = invocation.output
    if output.json:
        output.document(shown)
    else:
        _print(output, shown)


@posts.command("edit")
@click.argument("post", type=click.UUID)
@click.option("--text", help="The new text; without it, your editor opens with the present one.")
@click.option(
    "--file", type=click.File(encoding="utf-8"), help="Read the new text from this file; - is standard input."
)
@click.option("--version", type=click.IntRange(1), help="The version you read; the edit is refused if it has passed.")
@click.pass_obj
async def edit(invocation: Invocation, post: UUID, text: str | None, file: TextIO | None, version: int | None) -> None:
    r"""Put another text into a draft. Each of its sentences is checked against the sources first.

    It stays a draft, under your name and with its doubts marked. Former texts are kept: see `pulse posts restore`.

    \b
    Examples:
      pulse posts edit 01997c0e-5f0a-7b8e-9d51-0d8a6f6f1a11
      pulse posts edit 01997c0e-5f0a-7b8e-9d51-0d8a6f6f1a11 --text "The council approved the bridge."
    """
    if text is not None and file is not None:
        raise click.UsageError("Say either --text or --file.")
    output = invocation.output
    async with opened(invocation) as pulse:
        from pulse.kernel.errors import PulseError
        from pulse.social.handlers import editing, life
        from pulse.social.render import joined

        async with pulse.database.transaction(TENANT) as tx:
            before = await life.shown(tx, post)
        if file is not None:
            text = file.read()
        if text is None:
            text = click.edit(joined([sentence["text"] for sentence in before.content["sentences"]]))
        if text is None or not text.strip():
            raise click.UsageError("There is no text; nothing was changed.")
        read = version or before.version
        try:
            prepared = await editing.prepare(pulse.social, TENANT, post, text=text, version=read, by=actor())
            async with pulse.database.transaction(TENANT) as tx:
                await editing.edit(pulse.social, tx, post, actor(), read, prepared)
                shown = await life.shown(tx, post)
        except PulseError:
            output.note(f"Your text was not stored:\n{text}")
            raise
    if output.json:
        output.document(shown)
        return
    for sentence in shown.content["sentences"]:
        show_verdict(output, sentence["text"], sentence["verdict"])
    output.line(f"{post} is a draft at version {shown.version}.")


@posts.command("restore")
@click.argument("post", type=click.UUID)
@click.option("--former", type=click.IntRange(1), required=True, help="The version whose text is taken back.")
@click.pass_obj
async def restore(invocation: Invocation, post: UUID, former: int) -> None:
    r"""Take a draft's former text back, with the receipts it had. `pulse why` counts the versions.

    \b
    Example:
      pulse posts restore 01997c0e-5f0a-7b8e-9d51-0d8a6f6f1a11 --former 1
    """
    from pulse.social.handlers import editing, life

    async def work(room: "SocialRoom", tx: "Transaction", post: UUID) -> None:
        version = (await life.shown(tx, post)).version
        await editing.restore(room, tx, post, actor(), version, former)

    await _decide(invocation, (post,), work)


@posts.command("approve")
@click.argument("chosen", metavar="POST...", type=click.UUID, nargs=-1, required=True)
@click.option(
    "--at",
    type=click.DateTime(["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%z"]),
    help="Send at this time (yours, unless it names another zone) instead of now.",
)
@click.pass_obj
async def approve(invocation: Invocation, chosen: tuple[UUID, ...], at: datetime | None) -> None:
    r"""Let drafts go, now or at a time. All of those named, or none.

    \b
    Examples:
      pulse posts approve 01997c0e-5f0a-7b8e-9d51-0d8a6f6f1a11
      pulse posts approve 01997c0e-5f0a-7b8e-9d51-0d8a6f6f1a11 --at 2026-12-01T09:00
    """
    from pulse.social.handlers import life

    moment = at.astimezone() if at else None

    async def work(room: "SocialRoom", tx: "Transaction", post: UUID) -> None:
        await life.approve(room, tx, post, actor(), moment)

    await _decide(invocation, chosen, work, sends=True)


@posts.command("reject")
@click.argument("chosen", metavar="POST...", type=click.UUID, nargs=-1, required=True)
@click.option("--reason", default="", help="Why; kept with the post.")
@click.pass_obj
async def reject(invocation: Invocation, chosen: tuple[UUID, ...], reason: str) -> None:
    r"""Turn drafts down.

    \b
    Example:
      pulse posts reject 01997c0e-5f0a-7b8e-9d51-0d8a6f6f1a11 --reason "We ran this yesterday"
    """
    from pulse.social.handlers import life

    async def work(room: "SocialRoom", tx: "Transaction", post: UUID) -> None:
        await life.reject(room, tx, post, actor(), reason)

    await _decide(invocation, chosen, work)


@posts.command("cancel")
@click.argument("chosen", metavar="POST...", type=click.UUID, nargs=-1, required=True)
@click.option("--reason", default="", help="Why; kept with the post.")
@click.pass_obj
async def cancel(invocation: Invocation, chosen: tuple[UUID, ...], reason: str) -> None:
    r"""Take back posts that were not sent yet.

    \b
    Example:
      pulse posts cancel 01997c0e-5f0a-7b8e-9d51-0d8a6f6f1a11
    """
    from pulse.social.handlers import life

    async def work(room: "SocialRoom", tx: "Transaction", post: UUID) -> None:
        await life.cancel(room, tx, post, actor(), reason)

    await _decide(invocation, chosen, work)


@posts.command("retry")
@click.argument("chosen", metavar="POST...", type=click.UUID, nargs=-1, required=True)
@click.pass_obj
async def retry(invocation: Invocation, chosen: tuple[UUID, ...]) -> None:
    r"""Send posts again that their platform refused, rendered anew.

    \b
    Example:
      pulse posts retry 01997c0e-5f0a-7b8e-9d51-0d8a6f6f1a11
    """
    from pulse.social.handlers import life

    async def work(room: "SocialRoom", tx: "Transaction", post: UUID) -> None:
        await life.retry(room, tx, post, actor())

    await _decide(invocation, chosen, work, sends=True)


@posts.command("settle")
@click.argument("post", type=click.UUID)
@click.option("--url", help="Its address: you looked, and it is on the platform.")
@click.option("--absent", is_flag=True, help="You looked, and it is not on the platform: it is sent again.")
@click.pass_obj
async def settle(invocation: Invocation, post: UUID, url: str | None, absent: bool) -> None:
    r"""Say what became of a post whose outcome Pulse cannot find out by itself.

    \b
    Examples:
      pulse posts settle 01997c0e-5f0a-7b8e-9d51-0d8a6f6f1a11 --url https://mastodon.example/@news/1234
      pulse posts settle 01997c0e-5f0a-7b8e-9d51-0d8a6f6f1a11 --absent
    """
    if (url is None) != absent:
        raise click.UsageError("Say either --url ADDRESS (it is there) or --absent (it is not).")
    from pulse.social.handlers import life

    async def work(room: "SocialRoom", tx: "Transaction", post: UUID) -> None:
        await life.settle(room, tx, post, actor(), url)

    await _decide(invocation, (post,), work, sends=absent)


async def _decide(
    invocation: Invocation,
    chosen: tuple[UUID, ...],
    work: "Callable[[SocialRoom, Transaction, UUID], Awaitable[None]]",
    *,
    sends: bool = False,
) -> None:
    """Do `work` with every post in one transaction, and show what became of them."""
    from pulse.social.handlers import life

    async with opened(invocation) as pulse:
        async with pulse.database.transaction(TENANT) as tx:
            for post_id in dict.fromkeys(chosen):
                await work(pulse.social, tx, post_id)
            decided = [await life.shown(tx, post_id) for post_id in dict.fromkeys(chosen)]
        waits = sends and not _somebody_sends(pulse)
    output = invocation.output
    if output.json:
        output.document({"posts": decided})
        return
    for post in decided:
        due = f", to be sent at {when(post.scheduled_at)}" if post.state == "scheduled" else ""
        output.line(f"{post.id} is {post.state}{due}: {_head(post)}")
    if waits:
        output.note("Nobody is sending: posts go out while Pulse runs (`pulse up`).")


def _somebody_sends(pulse: "Pulse") -> bool:
    from pulse.storage.locks import read_running

    return read_running(pulse.settings.home, "social") is not None


def _head(post: "Post") -> str:
    text = str(post.content.get("title") or post.text)
    return text if len(text) <= 90 else f"{text[:89]}…"


def _print(output: Output, post: "Post") -> None:
    output.line(f"{post.content.get('title', '')}", style="bold")
    where = f"{post.channel or 'a removed channel'} ({post.channel_kind})"
    output.line(f"{post.state} · {post.niche} · {where} · {post.id} · version {post.version}")
    if post.url:
        output.line(post.url)
    if post.error:
        output.line(f"{post.error.get('message', '')} {post.error.get('next_step', '')}".strip(), style="red")
    for doubt in post.doubts:
        output.line(f"To be looked at: {doubt}", style="yellow")
    output.line(f"\n{post.text}\n")
    for sentence in post.content.get("sentences", ()):
        output.line(f"{'✓' if sentence['verdict']['supported'] else '?'} {sentence['text']}")
        for citation in sentence["citations"]:
            output.line(f"    “{citation['quote']}” — {citation['source_name']}, {citation['url']}", style="dim")
    for sentence in post.content.get("dropped", ()):
        output.line(f"✗ {sentence['text']}", style="red")
        output.line(f"    {'; '.join(sentence['verdict']['reasons'])}", style="dim")
    output.line(f"\nThe whole chain: pulse why {post.id}")
