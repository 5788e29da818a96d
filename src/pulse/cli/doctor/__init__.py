"""`pulse doctor`: is everything there and well? It looks, and changes nothing."""

from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from pulse.cli.frame import Command, Invocation
from pulse.cli.output import FAILED
from pulse.cli.session import quiet

if TYPE_CHECKING:
    from pulse.cli.doctor.checks import Check

_MARKS = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "bold red")}


@click.command(cls=Command)
@click.pass_context
async def doctor(context: click.Context) -> None:
    r"""Check that everything Pulse needs is there and works.

    Data folder, disk, Postgres and its tables, isolation of tenants, port, clock, Node; then accounts and sources in
    trouble, and work that was given up. Exit code 1 when a check fails; warnings leave it at 0.

    \b
    Examples:
      pulse doctor
      pulse doctor --json
    """
    invocation: Invocation = context.obj
    found = await examine(invocation)
    counts = Counter(check.state for check in found)
    output = invocation.output
    if output.json:
        output.document({"ok": not counts["fail"], "checks": [asdict(check) for check in found]})
    for check in found:
        mark, style = _MARKS[check.state]
        output.line(f"{mark} {check.name}: {check.message}", style="" if check.state == "ok" else style)
        if check.next_step:
            output.line(f"    {check.next_step}")
    output.line(f"{counts['ok']} in order, {counts['warn']} to look at, {counts['fail']} wrong.")
    if counts["fail"]:
        context.exit(FAILED)


async def examine(invocation: Invocation) -> "list[Check]":
    """Return what all checks found; without usable settings there is only one."""
    from pulse.cli.doctor.checks import fail, ok
    from pulse.settings import BadSettings

    try:
        settings = invocation.settings()
    except BadSettings as error:
        return [fail("settings", error.message, error.next_step)]
    quiet(settings)
    from pulse.cli.doctor.machine import look_at_machine
    from pulse.cli.doctor.stored import look_at_database

    found = [ok("settings", f"read for {settings.home}"), *look_at_machine(settings)]
    async for check in look_at_database(settings):
        found.append(check)
    return found
