"""`pulse eval`: how good Pulse is, on public sets, beside baselines in the same run."""

import click

from pulse.cli.eval_summaries import summaries
from pulse.cli.eval_verifier import verifier
from pulse.cli.frame import Group


@click.group(cls=Group)
def eval() -> None:
    """Measure the quality of summaries and of the gate on public sets, beside baselines."""


eval.add_command(summaries)
eval.add_command(verifier)
