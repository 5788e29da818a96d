"""`pulse eval verifier`."""

from pathlib import Path

import click

from pulse.cli.frame import Command, Invocation


@click.command("verifier", cls=Command)
@click.option(
    "--data",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with the public sets (summedits_*.json, qags_*.jsonl, bump_*.json).",
)
@click.option("--write", type=click.Path(dir_okay=False, path_type=Path), help="Page whose section is written anew.")
@click.pass_obj
def verifier(invocation: Invocation, data: Path, write: Path | None) -> None:
    r"""Measure how well the gate tells true from false, beside baselines, with thresholds from other domains.

    The judge that PULSE_LLM__JUDGE names takes part. Also: BUMP's pairs, calibration, and seeded false edits.

    \b
    Examples:
      pulse eval verifier --data sets/
      pulse eval verifier --data sets/ --write docs/quality.md
      pulse eval verifier --data sets/ --json
    """
    from pulse.cli.errors import UnreadableFile
    from pulse.evaluation.report import section
    from pulse.evaluation.verifier import EXPLAINED, as_table, measure
    from pulse.llm.gates import gate
    from pulse.settings import load

    report = measure(data, gate(load().llm))
    if not report.results:
        raise UnreadableFile(f"{data} holds no summedits_*.json, no qags_*.jsonl and no bump_*.json")
    if write is not None:
        section(write, "verifier", f"{EXPLAINED}\n{as_table(report)}")
    if invocation.output.json:
        invocation.output.document(report.as_values())
    else:
        for line in as_table(report).splitlines():
            invocation.output.line(line)
