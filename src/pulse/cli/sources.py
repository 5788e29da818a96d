"""`pulse sources`."""

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

from pulse.cli.errors import UnreadableFile
from pulse.cli.frame import Group, Invocation
from pulse.cli.output import Output, when
from pulse.cli.session import TENANT, opened

if TYPE_CHECKING:
    from pulse.app import Pulse
    from pulse.news.models import Source

_FULL_TEXT = ("auto", "always", "never")


@click.group(cls=Group)
def sources() -> None:
    """List, add, import, pause, poll and remove feeds."""


@sources.command("list")
@click.option("--niche", help="Only this niche.")
@click.pass_obj
async def list_sources(invocation: Invocation, niche: str | None) -> None:
    r"""List the feeds with their health.

    \b
    Examples:
      pulse sources list --niche technology
      pulse sources list --json
    """
    async with opened(invocation) as pulse:
        from pulse.news.handlers import sources

        found = await sources.list_sources(pulse.news, TENANT, niche)
    output = invocation.output
    if output.json:
        output.document({"sources": found})
        return
    _table(output, found)


@sources.command("add")
@click.argument("url")
@click.option("--niche", required=True, help="The niche it belongs to.")
@click.option("--title", help="What to call it; default: what it calls itself.")
@click.option(
    "--full-text",
    type=click.Choice(_FULL_TEXT),
    default="auto",
    show_default=True,
    help="Read each article's own page: where the feed has only a teaser, always, or never.",
)
@click.pass_obj
async def add(invocation: Invocation, url: str, niche: str, title: str | None, full_text: Any) -> None:
    r"""Add a feed, by its address or by that of a site that names it.

    \b
    Examples:
      pulse sources add https://example.com/feed.xml --niche technology
      pulse sources add https://example.com --niche technology --full-text always
    """
    async with opened(invocation) as pulse:
        from pulse.news.handlers import sources

        found = await sources.find_source(pulse.news, url)
        async with pulse.database.transaction(TENANT) as tx:
            added = await sources.create_source(pulse.news, tx, found, niche=niche, title=title, full_text=full_text)
    output = invocation.output
    if output.json:
        output.document(added.model_dump(mode="json") | {"other_feeds": list(found.other_feeds)})
        return
    output.line(f"{added.title} is added to {niche}: {added.url}")
    for other in found.other_feeds:
        output.line(f"The site has another feed: {other}")


@sources.command("remove")
@click.argument("source", type=click.UUID)
@click.pass_obj
async def remove(invocation: Invocation, source: UUID) -> None:
    r"""Stop polling a feed for good. Its articles stay.

    \b
    Example:
      pulse sources remove 01997c0e-5f0a-7b8e-9d51-0d8a6f6f1a11
    """
    async with opened(invocation) as pulse:
        from pulse.news.handlers import sources

        await sources.remove_source(pulse.news, TENANT, source)
    output = invocation.output
    if output.json:
        output.document({"removed": source})
        return
    output.line("Removed.")


@sources.command("pause")
@click.argument("source", type=click.UUID)
@click.pass_obj
async def pause(invocation: Invocation, source: UUID) -> None:
    r"""Do not poll a feed until it is resumed.

    \b
    Example:
      pulse sources pause 01997c0e-5f0a-7b8e-9d51-0d8a6f6f1a11
    """
    await _change(invocation, source, {"paused": True})


@sources.command("resume")
@click.argument("source", type=click.UUID)
@click.pass_obj
async def resume(invocation: Invocation, source: UUID) -> None:
    r"""Poll a paused feed again.

    \b
    Example:
      pulse sources resume 01997c0e-5f0a-7b8e-9d51-0d8a6f6f1a11
    """
    await _change(invocation, source, {"paused": False})


@sources.command("set")
@click.argument("source", type=click.UUID)
@click.option("--title", help="What to call it.")
@click.option("--full-text", type=click.Choice(_FULL_TEXT), help="Whether each article's own page is read.")
@click.option("--authority", type=click.FloatRange(0, 1), help="How much its word counts in a story's score.")
@click.pass_obj
async def change(invocation: Invocation, /, source: UUID, **given: Any) -> None:
    r"""Change a feed. What is left out stays.

    \b
    Example:
      pulse sources set 01997c0e-5f0a-7b8e-9d51-0d8a6f6f1a11 --authority 0.8
    """
    await _change(invocation, source, {name: value for name, value in given.items() if value is not None})


@sources.command("import")
@click.argument("opml", type=click.Path(allow_dash=True, path_type=Path))
@click.option("--niche", required=True, help="The niche the feeds belong to; it must be there.")
@click.pass_obj
async def import_opml(invocation: Invocation, opml: Path, niche: str) -> None:
    r"""Add the feeds of an OPML file, as feed readers export it. OPML may be - for standard input.

    \b
    Examples:
      pulse sources import subscriptions.opml --niche technology
      pulse --home other sources export | pulse sources import - --niche technology
    """
    body = _read(opml)
    async with opened(invocation) as pulse:
        from pulse.news.handlers import sources

        async with pulse.database.transaction(TENANT) as tx:
            result = await sources.import_into(pulse.news, tx, niche, body)
    output = invocation.output
    if output.json:
        output.document(result | {"errors": list(result["errors"].values())})
        return
    output.line(f"{result['added']} added, {result['known']} known already.")
    for error in result["errors"].values():
        output.line(f"Left out: {error}", style="yellow")


@sources.command("export")
@click.option("--niche", help="Only this niche.")
@click.option("--output", "file", type=click.Path(dir_okay=False, path_type=Path), help="Write here instead.")
@click.pass_obj
async def export(invocation: Invocation, niche: str | None, file: Path | None) -> None:
    r"""Print the feeds as OPML, for other readers or another Pulse.

    \b
    Examples:
      pulse sources export > subscriptions.opml
      pulse sources export --niche technology --output technology.opml
    """
    async with opened(invocation) as pulse:
        from pulse.news.handlers import sources

        document = await sources.export_opml(pulse.news, TENANT, niche)
    body = document if isinstance(document, bytes) else document.encode()
    output = invocation.output
    if file is not None:
        _write(file, body)
        output.line(f"Written to {file}.")
        if output.json:
            output.document({"file": file, "bytes": len(body)})
    elif output.json:
        output.document({"opml": body.decode()})
    else:
        sys.stdout.write(body.decode())


@sources.command("poll")
@click.argument("chosen", metavar="[SOURCE]...", type=click.UUID, nargs=-1)
@click.option("--niche", help="All feeds of this niche.")
@click.pass_obj
async def poll(invocation: Invocation, chosen: tuple[UUID, ...], niche: str | None) -> None:
    r"""Fetch feeds now, whether due or not: those named, those of a niche, or all that are not paused.

    \b
    Examples:
      pulse sources poll
      pulse sources poll --niche technology --json
    """
    output = invocation.output
    async with opened(invocation) as pulse:
        report = await poll_now(pulse, output, niche=niche, only=chosen)
    if output.json:
        output.document(asdict(report))
        return
    output.line(
        f"{report.sources} asked: {report.changed} with news, {report.unchanged} unchanged, {report.failed} failed. "
        f"{report.discovered} new articles in {report.seconds:.1f} s."
    )
    for failure in report.failures:
        output.line(f"{failure.url}: {failure.error}", style="yellow")
    if report.discovered:
        output.note("Summaries and drafts are made while Pulse runs (`pulse up`), or by `pulse run`.")


async def poll_now(pulse: "Pulse", output: Output, *, niche: str | None = None, only: tuple[UUID, ...] = ()) -> Any:
    """Poll sources in this process and return the report. Raises `UnknownNiche`."""
    from pulse.news.handlers import niches, sources
    from pulse.news.poll import poll_due

    if niche is not None:
        async with pulse.database.transaction(TENANT) as tx:
            await niches.get_niche(tx, niche)
    found = await sources.list_sources(pulse.news, TENANT, niche)
    wanted = [one.id for one in found if (one.id in only if only else not one.paused)]
    with output.progress() as progress:
        progress.stage(f"Fetching {len(wanted)} sources")
        return await poll_due(pulse.news, TENANT, sources=wanted)


async def _change(invocation: Invocation, source: UUID, changes: dict[str, Any]) -> None:
    async with opened(invocation) as pulse:
        from pulse.news.handlers import sources

        changed = await sources.change_source(pulse.news, TENANT, source, changes)
    output = invocation.output
    if output.json:
        output.document(changed)
        return
    _table(output, [changed])


def _table(output: Output, found: "list[Source]") -> None:
    output.table(
        ("id", "niche", "title", "state", "articles#", "next poll", "what went wrong"),
        [
            (
                one.id,
                one.niche,
                one.title or one.url,
                "paused" if one.paused else one.state,
                one.articles,
                "" if one.paused else when(one.next_poll_at),
                one.last_error,
            )
            for one in found
        ],
        empty="No sources yet: `pulse sources add URL --niche NAME` adds a feed, `pulse sources import` a whole list.",
    )


def _read(path: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror}") from None


def _write(path: Path, body: bytes) -> None:
    try:
        path.write_bytes(body)
    except OSError as error:
        raise UnreadableFile(f"{path}: {error.strerror}") from None
