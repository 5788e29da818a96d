"""`pulse inspect claims`."""

import click

from pulse.cli.frame import Command


@click.command("claims", cls=Command)
def claims() -> None:
    """Check."""
