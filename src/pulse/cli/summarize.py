"""`pulse summarize`."""

from pathlib import Path
from typing import Any
from uuid import UUID

import click

from pulse.cli.asking import ask
from pulse.cli.frame import Command, Invocation
from pulse.cli.llm import read_text, show_summary
from pulse.cli.session import opened


@click.command(cls=Command)
@click.argument("article", type=click.UUID, required=False)
@click.option("--story", type=click.UUID, help="Summarise all reports of this story.")
@click.option("--text", "file", type=click.Path(path_type=Path), help="Summarise the text of this file; - reads it.")
@click.option("--max-length", type=click.IntRange(40, 5_000), help="Characters, at most.")
@click.option("--tone", help="casual_tone, formal_tone, question_hook, statistic_lead, or one of the niche's own.")
@click.option("--language", help="Language of the summary (en, de, pt-BR); default: that of the source.")
@click.pass_obj
async def summarize(
    invocation: Invocation,
    /,
    article: UUID | None,
    story: UUID | None,
    file: Path | None,
    **given: Any,
) -> None:
    r"""Summarise an article, a story or a text, each sentence checked against its sources.

    \b
    Examples:
      pulse summarize 01997c0e-5f0a-7b8e-9d51-0d8a6f6f1a11 --max-length 280
      pulse summarize --story 01997c0e-5f0a-7b8e-9d51-0d8a6f6f1a11 --tone question_hook --json
      pulse summarize --text report.txt --language de
    """
    if sum(one is not None for one in (article, story, file)) != 1:
        raise click.UsageError("Name one of these: ARTICLE, --story or --text.")
    body = {name: value for name, value in given.items() if value is not None}
    if file is not None:
        body["text"] = read_text(file)
    else:
        body |= {"article_id": str(article)} if article else {"story_id": str(story)}
    output = invocation.output
    with output.progress() as progress:
        progress.stage("Summarising")
        async with opened(invocation) as pulse:
            found = await ask(pulse, "POST", "/summarize", json=body)
    if output.json:
        output.document(found)
        return
    output.line(found["text"] or "No sentence of it could be proven: there is no summary.")
    show_summary(output, found.get("title") or "Summary", found)
