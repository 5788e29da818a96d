"""`pulse demo`: the whole of Pulse on a small world of its own.

The corpus is served on loopback as real feeds and goes through the real pipeline; nothing is staged but the news.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from pulse.cli.demo.stage import Stage
from pulse.cli.frame import Command, Invocation
from pulse.cli.output import FAILED


@click.command(cls=Command)
@click.option("--exit", "ends", is_flag=True, help="End after the pass; the exit code says whether all went well.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Port of the dashboard.  [default: a free one]")
@click.option("--no-open", is_flag=True, help="Do not open the dashboard in a browser.")
@click.option(
    "--keep", type=click.Path(file_okay=False, path_type=Path), help="Keep the demo's data in this new folder."
)
@click.option(
    "--with-bluesky/--without-bluesky",
    "bluesky",
    default=None,
    help="Publish to a real Bluesky server too; with: install it if need be. Default: where it is installed.",
)
@click.pass_context
async def demo(
    context: click.Context, ends: bool, port: int, no_open: bool, keep: Path | None, bluesky: bool | None
) -> None:
    r"""Show the whole of Pulse on a small world of its own, without network.

    Invented newsrooms on this machine publish real feeds: copies, corrections, tempting errors, hidden text. Pulse
    reads, folds, summarises, checks, drafts and publishes them, and tells what it did; then the dashboard opens on
    it, until Ctrl-C. Data and settings are the demo's own and vanish with it.

    \b
    Examples:
      pulse demo
      pulse demo --exit --json
      pulse demo --keep /tmp/pulse-demo --port 8700
    """
    invocation: Invocation = context.obj
    with _folder(keep or invocation.home) as home:
        stage = Stage(invocation, home, port, bluesky, ends=ends, browser=not no_open)
        if not await stage.play():
            context.exit(FAILED)


@contextmanager
def _folder(keep: Path | None) -> Iterator[Path]:
    """Give the data folder: a new one that is removed afterwards, or `keep`, which must not hold anything yet."""
    if keep is not None:
        if keep.exists() and any(keep.iterdir()):
            raise click.BadParameter(f"{keep} is not empty; the demo begins with a new folder", param_hint="--keep")
        yield keep.absolute()
        return
    folder = Path(tempfile.mkdtemp(prefix="pulse-demo-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
