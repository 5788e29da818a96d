"""`pulse fetch-articles`."""

import click

from pulse.cli.frame import Command, Invocation
from pulse.cli.output import when
from pulse.cli.session import TENANT, opened
from pulse.cli.sources import poll_now


@click.command("fetch-articles", cls=Command)
@click.option("--niche", required=True, help="Whose sources to fetch.")
@click.option("--count", type=click.IntRange(1, 200), default=10, show_default=True, help="How many to show, at most.")
@click.pass_obj
async def fetch_articles(invocation: Invocation, niche: str, count: int) -> None:
    r"""Fetch a niche's sources now and show the newest articles.

    \b
    Examples:
      pulse fetch-articles --niche technology --count 5
      pulse fetch-articles --niche technology --json
    """
    output = invocation.output
    async with opened(invocation) as pulse:
        from pulse.news.handlers import articles

        report = await poll_now(pulse, output, niche=niche)
        page = await articles.list_articles(pulse.news, TENANT, niche, limit=count)
    if output.json:
        failures = {failure.url: failure.error for failure in report.failures}
        output.document(
            {
                "niche": niche,
                "sources": report.sources,
                "new": report.discovered,
                "errors": failures,
                "articles": page.rows,
                "next_cursor": page.next_cursor,
            }
        )
        return
    output.table(
        ("published", "source", "title", "url"),
        [(when(row["published_at"]), row["source"], row["title"], row["url"]) for row in page.rows],
        empty=f"No articles. `pulse sources list --niche {niche}` shows whether it has sources, and their health.",
    )
    for failure in report.failures:
        output.line(f"{failure.url}: {failure.error}", style="yellow")
    output.line(f"{report.sources} sources asked, {report.discovered} new articles.")
