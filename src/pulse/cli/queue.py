"""`pulse queue`."""

from dataclasses import asdict

import click

from pulse.cli.frame import Group, Invocation
from pulse.cli.output import when
from pulse.cli.session import TENANT, opened

_NOTHING = "Say which: ids of dead letters, --queue NAME, or --all."


@click.group(cls=Group, invoke_without_command=True)
@click.pass_context
def queue(context: click.Context) -> object:
    r"""Show work that waits, runs, failed or was given up; retry it.

    \b
    Examples:
      pulse queue
      pulse queue retry --queue social/deliver
    """
    return context.invoke(list_queue, limit=20) if context.invoked_subcommand is None else None


@queue.command("list")
@click.option("--limit", type=click.IntRange(1, 200), default=20, show_default=True, help="How many dead letters.")
@click.pass_obj
async def list_queue(invocation: Invocation, limit: int) -> None:
    r"""Show every queue that holds work, and the newest dead letters.

    waiting: due, not tried yet; later: for a later time; running: being done; failed: tried in vain, and tried again
    by itself; dead: given up after the last attempt.

    \b
    Example:
      pulse queue list --json
    """
    async with opened(invocation) as pulse, pulse.database.transaction(TENANT) as tx:
        from pulse.bus import queue as work

        rows = await work.overview(tx, lease_seconds=pulse.settings.bus.lease_seconds)
        letters = await work.dead_letters(tx, limit=limit)
    output = invocation.output
    if output.json:
        output.document({"queues": [asdict(row) for row in rows], "dead_letters": [asdict(one) for one in letters]})
        return
    output.table(
        ("queue", "waiting#", "later#", "running#", "failed#", "dead#", "oldest"),
        [(row.queue, row.waiting, row.later, row.running, row.failed, row.dead, when(row.oldest)) for row in rows],
        empty="The queue is empty: no work waits, and none was given up.",
    )
    if letters:
        output.table(
            ("id", "queue", "failed", "attempts#", "error"),
            [(one.id, one.queue, when(one.failed_at), one.deliveries, one.error or one.reason) for one in letters],
            empty="",
            title="Given up",
        )
        output.note(
            "`pulse queue retry` puts it back, once its cause is removed; `pulse queue discard` throws it away."
        )


@queue.command("retry")
@click.argument("letters", metavar="[ID]...", type=int, nargs=-1)
@click.option("--queue", "name", help="Only this queue.")
@click.pass_obj
async def retry(invocation: Invocation, letters: tuple[int, ...], name: str | None) -> None:
    r"""Put work that was given up back, and try at once what failed. All, or what is named.

    \b
    Examples:
      pulse queue retry
      pulse queue retry 17 18
      pulse queue retry --queue llm/summarize
    """
    async with opened(invocation) as pulse, pulse.database.transaction(TENANT) as tx:
        from pulse.bus import queue as work

        revived = await work.retry(tx, name, letters or None)
        hastened = 0 if letters else await work.hasten(tx, name)
    output = invocation.output
    if output.json:
        output.document({"revived": revived, "hastened": hastened})
        return
    output.line(
        f"{revived} given up put back, {hastened} failed tried at once. Work is done while Pulse runs (`pulse up`)."
    )


@queue.command("discard")
@click.argument("letters", metavar="[ID]...", type=int, nargs=-1)
@click.option("--queue", "name", help="All of this queue.")
@click.option("--all", "everything", is_flag=True, help="All there are.")
@click.pass_obj
async def discard(invocation: Invocation, letters: tuple[int, ...], name: str | None, everything: bool) -> None:
    r"""Throw work that was given up away, for good.

    \b
    Examples:
      pulse queue discard 17
      pulse queue discard --all
    """
    if not letters and not name and not everything:
        raise click.UsageError(_NOTHING)
    async with opened(invocation) as pulse, pulse.database.transaction(TENANT) as tx:
        from pulse.bus import queue as work

        discarded = await work.discard(tx, name, letters or None)
    output = invocation.output
    if output.json:
        output.document({"discarded": discarded})
        return
    output.line(f"{discarded} thrown away.")
