"""`pulse run`: one full pass over niches, without a server."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from pulse.cli.errors import UnknownChannel
from pulse.cli.frame import Command, Invocation
from pulse.cli.output import Progress

if TYPE_CHECKING:
    from pulse.app import Pulse

WORKING = ("news", "llm", "social", "analytics", "notification")
"""The services whose work a pass does."""
_PATIENCE_SECONDS = 1800
"""How long a pass waits for its work to be done."""


@click.command(cls=Command)
@click.option(
    "--opml", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="Add the feeds of this list."
)
@click.option(
    "--niche", "niches", multiple=True, help="Niche to go over; made when it is new. Repeatable.  [default: all]"
)
@click.option(
    "--channel", "channels", multiple=True, help="Publish to this channel, by name. Repeatable.  [default: all]"
)
@click.option("--approve", is_flag=True, help="Let the best drafts go without being asked.")
@click.option(
    "--max-posts",
    type=click.IntRange(0),
    default=20,
    show_default=True,
    help="With --approve: let at most so many go, for each niche and channel.",
)
@click.pass_obj
async def run(
    invocation: Invocation,
    opml: Path | None,
    niches: tuple[str, ...],
    channels: tuple[str, ...],
    approve: bool,
    max_posts: int,
) -> None:
    r"""Make one full pass: fetch, fold into stories, summarise, draft, and with --approve publish.

    A channel that is not there is made when its name is `site`. Ends with 0 when the pass is done (single sources that
    fail are reported, not fatal), 2 on bad arguments, 1 on failure.

    \b
    Examples:
      pulse run --opml feeds.opml --niche technology --channel site --approve --json
      pulse run --niche science
    """
    from pulse.cli.session import opened

    if opml is not None and len(niches) != 1:
        raise click.UsageError("--opml needs exactly one --niche: the niche its feeds belong to")
    output = invocation.output
    feeds = await asyncio.to_thread(opml.read_bytes) if opml else None
    async with opened(invocation, serve=WORKING) as pulse:
        chosen, refused = await prepare(pulse, opml=feeds, niches=niches, channels=channels)
        with output.progress() as progress:
            report = await one_pass(
                pulse, niches=chosen, channels=channels, approve=approve, max_posts=max_posts, progress=progress
            )
    report["errors"] |= refused
    if invocation.json:
        output.document(report)
    else:
        show(output, report)
    if not report["complete"]:
        raise click.exceptions.Exit(1)


async def prepare(
    pulse: "Pulse", *, opml: bytes | None, niches: Sequence[str], channels: Sequence[str]
) -> tuple[list[str], dict[str, str]]:
    """Make what is named and missing: niches, the feeds of `opml`, a site.

    Returns the niches to go over, and what in `opml` is no address, with the reason. Raises `UnknownChannel`.
    """
    from pulse.kernel.tenant import DEFAULT_TENANT
    from pulse.news.handlers import niches as watching
    from pulse.news.handlers import sources
    from pulse.social import store
    from pulse.social.handlers.channels import first_site

    async with pulse.database.transaction(DEFAULT_TENANT) as tx:
        known = {row["name"] for row in await store.channels(tx)}
    missing = sorted(set(channels) - known - {"site"})
    if missing:
        raise UnknownChannel(f"--channel: there is no channel named {', '.join(missing)}")
    if "site" in channels and "site" not in known:
        await first_site(pulse.social, DEFAULT_TENANT)
    there = {niche.name for niche in await watching.list_niches(pulse.news, DEFAULT_TENANT)}
    for name in niches:
        if name not in there:
            await watching.add_niche(pulse.news, DEFAULT_TENANT, name=name)
    refused: dict[str, str] = {}
    if opml is not None:
        refused = (await sources.import_opml(pulse.news, DEFAULT_TENANT, niches[0], opml))["errors"]
    return list(niches) or sorted(there), refused


async def one_pass(
    pulse: "Pulse",
    *,
    niches: Sequence[str],
    channels: Sequence[str] = (),
    approve: bool,
    max_posts: int,
    progress: Progress,
) -> dict[str, Any]:
    """Poll every source of `niches` now, do all the work that follows, and return what came of it.

    `pulse` must be opened to serve `WORKING`. Counts are of this pass, `posts` of the niches as they stand.
    """
    from pulse.bus import log
    from pulse.kernel.tenant import DEFAULT_TENANT
    from pulse.news import poll
    from pulse.news.handlers import sources

    seconds: dict[str, float] = {}
    began = time.perf_counter()

    def finished(stage: str) -> None:
        nonlocal began
        seconds[stage], began = round(time.perf_counter() - began, 3), time.perf_counter()

    async with pulse.database.transaction(DEFAULT_TENANT) as tx:
        place = await log.newest_place(tx)
    await pulse.start(schedules=False)
    try:
        progress.stage("Fetching sources")
        polled = await poll.poll_due(
            pulse.news, DEFAULT_TENANT, sources=await sources.source_ids(pulse.news, DEFAULT_TENANT, niches)
        )
        finished("fetch")
        progress.stage("Reading, folding, summarising")
        complete = await pulse.bus.drain(timeout=_PATIENCE_SECONDS)
        finished("summarize")
        if approve:
            progress.stage("Publishing")
            await _approve(pulse, niches, channels, max_posts)
            complete = await pulse.bus.drain(timeout=_PATIENCE_SECONDS) and complete
        finished("publish")
    finally:
        await pulse.stop()
    report: dict[str, Any] = {"complete": complete, "niches": list(niches), "sources": polled.sources}
    report |= await _counts(pulse, niches, place)
    report["seconds"] = seconds | {"total": round(sum(seconds.values()), 3)}
    report["errors"] = {failure.url: failure.error for failure in polled.failures}
    return report


async def _approve(pulse: "Pulse", niches: Sequence[str], channels: Sequence[str], max_posts: int) -> None:
    from pulse.kernel.tenant import DEFAULT_TENANT
    from pulse.social import store
    from pulse.social.handlers import life

    async with pulse.database.transaction(DEFAULT_TENANT) as tx:
        wanted = [row["id"] for row in await store.channels(tx) if not channels or row["name"] in channels]
        for niche in niches:
            for channel in wanted:
                for post in await store.drafts_by_score(tx, niche, channel, max_posts):
                    await life.approve(pulse.social, tx, post, by="pulse run --approve")


async def _counts(pulse: "Pulse", niches: Sequence[str], place: str) -> dict[str, Any]:
    """Count what the log says happened after `place`."""
    from pulse.bus import log
    from pulse.kernel.tenant import DEFAULT_TENANT
    from pulse.llm.events import ArticleSummarized
    from pulse.news.events import NewsFetched
    from pulse.social import store

    articles = summaries = sentences = dropped = 0
    stories: set[UUID] = set()
    states: Counter[str] = Counter()
    async with pulse.database.transaction(DEFAULT_TENANT) as tx:
        while events := await log.after(tx, place, limit=500, names=[NewsFetched.name, ArticleSummarized.name]):
            place = events[-1].position
            for event in events:
                if event.data["niche"] not in niches:
                    continue
                if event.name == NewsFetched.name:
                    articles += sum(len(ids) for ids in event.data["articles"].values())
                    stories |= set(event.data["stories"])
                else:
                    summaries += 1
                    sentences += event.data["sentences"]
                    dropped += event.data["dropped"]
        for niche in niches:
            states.update(await store.count_by_state(tx, niche))
    return {
        "articles": articles,
        "stories": len(stories),
        "summaries": summaries,
        "sentences": sentences,
        "dropped_sentences": dropped,
        "posts": dict(states),
    }


def show(output: Any, report: dict[str, Any]) -> None:
    """Print a report for people."""
    rows = [
        ("Sources polled", report["sources"]),
        ("New articles", report["articles"]),
        ("Stories new or changed", report["stories"]),
        ("Summaries", report["summaries"]),
        ("Sentences dropped by the gate", report["dropped_sentences"]),
        *((f"Posts {state}", count) for state, count in sorted(report["posts"].items())),
        *((f"Seconds: {stage}", seconds) for stage, seconds in report["seconds"].items()),
    ]
    output.table(("", "#"), rows, empty="")
    output.table(("source", "what went wrong"), list(report["errors"].items()), empty="Every source answered.")
    if not report["complete"]:
        output.line("Some work was not done in time. `pulse queue` shows it.", style="bold red")
