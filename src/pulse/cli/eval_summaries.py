"""`pulse eval summaries`."""

from pathlib import Path

import click

from pulse.cli.frame import Command, Invocation


@click.command("summaries", cls=Command)
@click.option(
    "--data",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with the public sets (bump_*.json, summedits_*.json).",
)
@click.option("--write", type=click.Path(dir_okay=False, path_type=Path), help="Page whose section is written anew.")
@click.pass_obj
def summaries(invocation: Invocation, data: Path, write: Path | None) -> None:
    r"""Measure the offline engine beside LEAD-3, LexRank and TextRank on every set with true summaries.

    ROUGE F1 x 100, the share of sentences that the gate proves, the length of the summaries as a share of the
    documents', CPU milliseconds a document. Each engine chooses three sentences.

    \b
    Examples:
      pulse eval summaries --data sets/
      pulse eval summaries --data sets/ --write docs/quality.md
      pulse eval summaries --data sets/ --json
    """
    from pulse.cli.errors import UnreadableFile
    from pulse.evaluation.report import section
    from pulse.evaluation.summaries import EXPLAINED, as_table, as_values, measure

    results = measure(data)
    if not results:
        raise UnreadableFile(f"{data} holds no bump_*.json and no summedits_*.json")
    if write is not None:
        section(write, "summaries", f"{EXPLAINED}\n{as_table(results)}")
    if invocation.output.json:
        invocation.output.document(as_values(results))
        return
    columns, _, *rows = (line.strip("| ").split(" | ") for line in as_table(results).splitlines())
    columns = [*columns[:2], *(f"{column}#" for column in columns[2:])]
    invocation.output.table(columns, rows, empty="")
