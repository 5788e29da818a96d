"""`pulse inspect page`."""

from dataclasses import asdict, fields

import click

from pulse.cli.frame import Command, Invocation
from pulse.cli.inspect.document import read
from pulse.cli.output import code_of, when


@click.command("page", cls=Command)
@click.argument("place", metavar="FILE|URL")
@click.option("--url", help="Where a FILE came from; relative links are relative to it.")
@click.pass_context
async def page(context: click.Context, place: str, url: str | None) -> None:
    r"""Show the article that Pulse takes from a web page. FILE may be - for standard input.

    \b
    Examples:
      pulse inspect page https://example.com/news/1
      pulse inspect page saved.html --json
    """
    from pulse.cli.errors import NoArticle
    from pulse.kernel.errors import PulseError
    from pulse.news.pages import Page, extract_page_async

    invocation: Invocation = context.obj
    output = invocation.output
    try:
        document = await read(place, invocation.settings(), accept="text/html, application/xhtml+xml;q=0.9, */*;q=0.5")
        address = url or document.url
        found = await extract_page_async(document.body, url=address, content_type=document.content_type)
        if not found.text:
            raise NoArticle(f"{place} holds no article that Pulse can see")
    except PulseError as error:
        if not output.json:
            raise
        nothing = {entry.name: None for entry in fields(Page)} | {"title": "", "text": ""}
        output.document({"source": place, **nothing, "error": error.as_dict()})
        context.exit(code_of(error))
    if output.json:
        output.document({"source": place, **asdict(found), "error": None})
        return
    output.line(found.title or "A page without a title", style="bold")
    details = [found.author, when(found.published), found.language, address]
    output.line(" · ".join(detail for detail in details if detail))
    output.line(f"\n{found.text}")
