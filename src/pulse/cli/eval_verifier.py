"""`pulse eval verifier`."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pulse.cli.frame import Command, Invocation

if TYPE_CHECKING:
    from pulse.llm.verify.gate import Gate


@click.command("verifier", cls=Command)
@click.option(
    "--data",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder with the public sets (summedits_*.json, qags_*.jsonl, bump_*.json).",
)
@click.option("--judge", help="Judge instead of PULSE_LLM__JUDGE's: none, provider or a model's folder.")
@click.option(
    "--fold",
    "folds",
    multiple=True,
    metavar="WORD=FOLDER",
    help="A judge for the sets whose names hold WORD, trained without them. May be given several times.",
)
@click.option(
    "--answers",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File that keeps a slow judge's answers: a run that was broken off goes on with them.",
)
@click.option("--most", type=click.IntRange(min=10), help="Texts of each set, and pairs, for a judge that is slow.")
@click.option(
    "--write",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Page whose section about this judge is written anew.",
)
@click.pass_obj
def verifier(
    invocation: Invocation,
    data: Path,
    judge: str | None,
    folds: tuple[str, ...],
    answers: Path | None,
    most: int | None,
    write: Path | None,
) -> None:
    r"""Measure how well the gate tells true from false, beside baselines, with thresholds from other domains.

    The judge that PULSE_LLM__JUDGE names takes part. Also: BUMP's pairs, calibration, and seeded false edits.

    \b
    Examples:
      pulse eval verifier --data sets/
      pulse eval verifier --data sets/ --write docs/quality.md
      pulse eval verifier --data sets/ --judge provider --most 60
      pulse eval verifier --data sets/ --judge provider --most 1000 --answers answers.jsonl
      pulse eval verifier --data sets/ --json
    """
    from pulse.cli.errors import UnreadableFile
    from pulse.evaluation.answers import Kept
    from pulse.evaluation.report import section
    from pulse.evaluation.verifier import EXPLAINED, as_table, measure
    from pulse.llm.gates import gate
    from pulse.llm.routing import engines
    from pulse.settings import load

    settings = load().llm
    models = engines(settings)

    def chosen(name: str) -> "Gate":
        # Sentences that a rule holds back count for the ranking too.
        found = replace(gate(settings.model_copy(update={"judge": name}), models), thorough=True)
        return replace(found, judge=Kept(found.judge, answers)) if answers and found.judge else found

    pairs = [fold.partition("=") for fold in folds]
    if wrong := [word for word, _, folder in pairs if not word or not folder]:
        raise click.BadParameter(f"{wrong[0]!r} is not WORD=FOLDER", param_hint="--fold")
    whole = chosen(settings.judge if judge is None else judge)
    report = measure(
        data,
        whole,
        folds={word: chosen(folder) for word, _, folder in pairs},
        most_texts=most,
        progress=_shown,
    )
    if not report.results:
        raise UnreadableFile(f"{data} holds no summedits_*.json, no qags_*.jsonl and no bump_*.json")
    if write is not None:
        name = whole.judge.name if whole.judge else "the rules alone"
        section(write, f"verifier: {name}", f"## The gate: {name}\n\n{EXPLAINED}\n{as_table(report)}")
    if invocation.output.json:
        invocation.output.document(report.as_values())
    else:
        for line in as_table(report).splitlines():
            invocation.output.line(line)


def _shown(what: str, done: int, total: int) -> None:
    """Say on the terminal how far it is, every so often."""
    if sys.stderr.isatty() and (done % 10 == 0 or done == total):
        click.echo(f"\r{what}: {done} of {total}\x1b[K", nl=done == total, err=True)
