"""`pulse replay`."""

from dataclasses import asdict

import click

from pulse.cli.frame import Command, Invocation
from pulse.cli.output import FAILED
from pulse.cli.session import TENANT, opened


@click.command(cls=Command)
@click.argument("service")
@click.option("--check", is_flag=True, help="Change nothing: only say whether the tables equal what the log says.")
@click.pass_context
async def replay(context: click.Context, service: str, check: bool) -> None:
    r"""Rebuild a service's tables from the event log.

    SERVICE is one that keeps such tables: social or analytics. Everything happens in one transaction; readers see
    the old rows until it is done, and writers wait. With --check the exit code is 1 when a table differs.

    \b
    Examples:
      pulse replay social --check
      pulse replay social
    """
    invocation: Invocation = context.obj
    async with opened(invocation) as pulse:
        from pulse.bus.replay import rebuild

        report = await rebuild(pulse.database, pulse.bus.declarations, service, TENANT, check=check)
    output = invocation.output
    if output.json:
        output.document(asdict(report))
    else:
        output.table(
            ("table", "rows before#", "rows after#", "equal"),
            [(name, one.before, one.after, "yes" if one.equal else "no") for name, one in report.tables.items()],
            empty="",
        )
        done = "Nothing was changed." if check else "The tables are rebuilt."
        output.line(f"{report.events} events. {done}")
    if check and not report.equal:
        output.note("The tables differ from the log: `pulse replay` without --check rebuilds them.", style="yellow")
        context.exit(FAILED)
