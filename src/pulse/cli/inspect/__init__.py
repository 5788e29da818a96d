"""`pulse inspect`: how Pulse reads what comes from outside, without storing anything.

Errors are values in the output, with exit code 1; only wrong arguments are errors of the command.
"""

import click

from pulse.cli.frame import Group
from pulse.cli.inspect.claims import claims
from pulse.cli.inspect.feed import feed
from pulse.cli.inspect.page import page


@click.group(cls=Group)
def inspect() -> None:
    """Show how Pulse reads a feed, a page, or claims."""


for command in (feed, page, claims):
    inspect.add_command(command)
