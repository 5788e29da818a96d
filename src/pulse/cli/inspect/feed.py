"""`pulse inspect feed`."""

from typing import TYPE_CHECKING, Any

import click

from pulse.cli.frame import Command, Invocation
from pulse.cli.inspect.document import read
from pulse.cli.output import Output, code_of, when

if TYPE_CHECKING:
    from pulse.news.feeds import Entry, Feed

_ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"


@click.command("feed", cls=Command)
@click.argument("place", metavar="FILE|URL")
@click.option("--url", help="Where a FILE came from; relative links are relative to it.")
@click.pass_context
async def feed(context: click.Context, place: str, url: str | None) -> None:
    r"""Show a feed's entries as Pulse reads them. FILE may be - for standard input.

    \b
    Examples:
      pulse inspect feed https://example.com/feed.xml
      pulse inspect feed saved.xml --url https://example.com/feed.xml --json
    """
    from pulse.kernel.errors import PulseError
    from pulse.news.feeds import parse_feed_async

    invocation: Invocation = context.obj
    output = invocation.output
    try:
        document = await read(place, invocation.settings(), accept=_ACCEPT)
        found = await parse_feed_async(document.body, content_type=document.content_type, url=url or document.url)
    except PulseError as error:
        if not output.json:
            raise
        output.document({"source": place, "feed": None, "entries": [], "warnings": [], "error": error.as_dict()})
        context.exit(code_of(error))
    if output.json:
        output.document(as_document(place, found))
    else:
        _print(output, found)


def as_document(place: str, feed: "Feed") -> dict[str, Any]:
    """Return a feed as the command's JSON."""
    return {
        "source": place,
        "feed": {
            "title": feed.title,
            "kind": feed.kind,
            "home_url": feed.home_url,
            "self_url": feed.self_url,
            "hub_url": feed.hub_url,
            "language": feed.language,
            "every_seconds": feed.every.total_seconds() if feed.every else None,
        },
        "entries": [_entry(entry) for entry in feed.entries],
        "warnings": list(feed.warnings),
        "error": None,
    }


def _entry(entry: "Entry") -> dict[str, Any]:
    from pulse.news.markup import plain_text

    return {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "author": entry.author,
        "published": entry.published,
        "updated": entry.updated,
        "language": entry.language,
        "summary": plain_text(entry.summary),
        "content": plain_text(entry.content),
        "text": entry.text,
        "html": entry.html,
        "image_url": entry.image_url,
        "categories": list(entry.categories),
        "enclosures": [{"url": one.url, "type": one.type, "length": one.length} for one in entry.enclosures],
    }


def _print(output: Output, feed: "Feed") -> None:
    language = feed.language or "language not named"
    output.line(f"{feed.title or 'A feed without a title'} ({feed.kind}, {language})", style="bold")
    for address in (feed.home_url, feed.self_url):
        if address:
            output.line(address)
    for warning in feed.warnings:
        output.line(f"Warning: {warning}", style="yellow")
    output.table(
        ("published", "title", "characters#", "url"),
        [(when(one.published or one.updated), one.title, len(one.text), one.url) for one in feed.entries],
        empty="It has no entries.",
    )
