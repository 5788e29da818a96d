"""`pulse niches`."""

from typing import TYPE_CHECKING, Any

import click

from pulse.cli.frame import Group, Invocation
from pulse.cli.output import Output
from pulse.cli.session import TENANT, opened

if TYPE_CHECKING:
    from pulse.app import Pulse
    from pulse.news.models import Niche
    from pulse.social.models import Publishing

Row = tuple["Niche", "Publishing"]


@click.group(cls=Group)
def niches() -> None:
    """List, add and change subjects: keywords, language, tone, autopilot."""


@niches.command("list")
@click.pass_obj
async def list_niches(invocation: Invocation) -> None:
    r"""List the niches.

    \b
    Example:
      pulse niches list --json
    """
    async with opened(invocation) as pulse:
        from pulse.news.handlers import niches as handlers

        rows = [await _row(pulse, niche) for niche in await handlers.list_niches(pulse.news, TENANT)]
    output = invocation.output
    if output.json:
        output.document({"niches": [_document(row) for row in rows]})
        return
    _table(output, rows)


@niches.command("add")
@click.argument("name")
@click.option("--title", help="As people read it; default: the name.")
@click.option("--keyword", "keywords", multiple=True, help="A story with it is relevant; repeatable. None: all are.")
@click.option("--language", help="Language of the summaries (en, de, pt-BR); default: that of each story.")
@click.option("--tone", help="Tone of the summaries where none is asked for: see `pulse llm tones`; default: none.")
@click.pass_obj
async def add(
    invocation: Invocation, /, name: str, title: str | None, keywords: tuple[str, ...], **given: str | None
) -> None:
    r"""Add a niche. Its name is part of addresses: lower-case letters, digits and dashes.

    \b
    Examples:
      pulse niches add technology
      pulse niches add deep-sea --keyword vent --keyword "hydrothermal" --language en
    """
    async with opened(invocation) as pulse:
        from pulse.news.handlers import niches as handlers

        niche = await handlers.add_niche(pulse.news, TENANT, name=name, title=title, keywords=keywords, **given)
        row = await _row(pulse, niche)
    output = invocation.output
    if output.json:
        output.document(_document(row))
        return
    output.line(f"{name} is added. `pulse sources add URL --niche {name}` gives it news.")


@niches.command("set")
@click.argument("name")
@click.option("--title", help="As people read it.")
@click.option("--keyword", "keywords", multiple=True, help="Exactly these keywords; repeatable.")
@click.option("--no-keywords", is_flag=True, help="Every story of its sources is relevant.")
@click.option("--language", help="Language of the summaries.")
@click.option("--story-language", is_flag=True, help="Summaries in the language of each story.")
@click.option("--tone", help="Tone of the summaries where none is asked for.")
@click.option("--no-tone", is_flag=True, help="No tone where none is asked for.")
@click.option("--autopilot/--no-autopilot", default=None, help="Whether posts without doubts go out by themselves.")
@click.option("--daily-limit", type=click.IntRange(0, 1000), help="Posts a day and channel that autopilot lets go.")
@click.pass_obj
async def change(
    invocation: Invocation,
    /,
    name: str,
    keywords: tuple[str, ...],
    no_keywords: bool,
    story_language: bool,
    no_tone: bool,
    autopilot: bool | None,
    daily_limit: int | None,
    **given: str | None,
) -> None:
    r"""Change a niche. What is left out stays.

    \b
    Examples:
      pulse niches set technology --autopilot --daily-limit 12
      pulse niches set technology --keyword chip --keyword "open source"
    """
    if keywords and no_keywords:
        raise click.UsageError("Say either --keyword or --no-keywords.")
    changes: dict[str, Any] = {key: value for key, value in given.items() if value is not None}
    if keywords or no_keywords:
        changes["keywords"] = list(keywords)
    if story_language:
        changes["language"] = None
    if no_tone:
        changes["tone"] = None
    publishing = {"autopilot": autopilot, "daily_limit": daily_limit}
    wanted = {key: value for key, value in publishing.items() if value is not None}
    async with opened(invocation) as pulse:
        from pulse.news.handlers import niches as handlers
        from pulse.social.handlers import channels

        niche = await handlers.change_niche(pulse.news, TENANT, name, changes)
        if wanted:
            async with pulse.database.transaction(TENANT) as tx:
                now = await channels.publishing(tx, name)
                await channels.set_publishing(tx, now.model_copy(update=wanted))
        row = await _row(pulse, niche)
    output = invocation.output
    if output.json:
        output.document(_document(row))
        return
    _table(output, [row])


async def _row(pulse: "Pulse", niche: "Niche") -> Row:
    from pulse.social.handlers import channels

    async with pulse.database.transaction(TENANT) as tx:
        return niche, await channels.publishing(tx, niche.name)


def _document(row: Row) -> dict[str, Any]:
    niche, publishing = row
    return niche.model_dump(mode="json") | publishing.model_dump(mode="json", exclude={"niche"})


def _table(output: Output, rows: list[Row]) -> None:
    output.table(
        ("name", "title", "keywords", "language", "tone", "sources#", "articles#", "stories#", "autopilot"),
        [
            (
                niche.name,
                niche.title,
                ", ".join(niche.keywords) or "any story",
                niche.language or "of the story",
                niche.tone or "none",
                niche.sources,
                niche.articles,
                niche.stories,
                f"{publishing.daily_limit} a day" if publishing.autopilot else "off",
            )
            for niche, publishing in rows
        ],
        empty="No niches yet: `pulse niches add NAME` makes one; `pulse up` begins with `technology`.",
    )
