"""`pulse summarize`."""

from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click
from pydantic import ValidationError

from pulse.cli.frame import Command, Invocation
from pulse.cli.llm import read_text, show_summary
from pulse.cli.output import Progress
from pulse.cli.session import TENANT, opened

if TYPE_CHECKING:
    from pulse.app import Pulse
    from pulse.llm.models import Summary


@click.command(cls=Command)
@click.argument("article", type=click.UUID, required=False)
@click.option("--story", type=click.UUID, help="Summarise all reports of this story.")
@click.option("--text", "file", type=click.Path(path_type=Path), help="Summarise the text of this file; - reads it.")
@click.option("--max-length", type=click.IntRange(40, 5_000), help="Characters, at most.")
@click.option(
    "--tone",
    help="casual_tone, formal_tone, question_hook, statistic_lead, one of the niche's own, or plain for none; "
    "default: the niche's.",
)
@click.option(
    "--count",
    type=click.Choice(["graphemes", "characters", "mastodon", "bluesky"]),
    help="How length is counted: as readers do, in code points, or as a platform does.  [default: graphemes]",
)
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
    text = read_text(file) if file is not None else None
    wanted = {name: value for name, value in given.items() if value is not None}
    output = invocation.output
    with output.progress() as progress:
        async with opened(invocation) as pulse:
            from pulse.llm.routes import SummarizeRequest

            try:
                request = SummarizeRequest(article_id=article, story_id=story, text=text, **wanted)
            except ValidationError as error:
                raise click.UsageError("; ".join(str(one["msg"]) for one in error.errors())) from None
            summary = await written(pulse, request.model_dump(), progress)
    if output.json:
        output.document(summary)
        return
    found = summary.model_dump(mode="json")
    output.line(found["text"] or "No sentence of it could be proven: there is no summary.")
    show_summary(output, found.get("title") or "Summary", found)


async def written(pulse: "Pulse", wanted: dict[str, Any], progress: Progress) -> "Summary":
    """Return the summary that is wanted, the stored one or a new one; `progress` hears of each stage."""
    from pulse.llm import handlers, store
    from pulse.llm.models import Summary

    async def told(stage: str) -> None:
        progress.stage(f"Summarising: {stage} is done")

    progress.stage("Summarising")
    found = await handlers.asked_for(pulse.llm, TENANT, **wanted, progress=told)
    if isinstance(found, Summary):
        return found
    async with pulse.database.transaction(TENANT) as tx:
        await handlers.keep(pulse.llm, tx, found)
        stored = await store.summaries.summary_of(tx, found.row["input_hash"])
    return Summary.model_validate(dict(stored or found.row))
