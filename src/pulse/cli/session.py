"""How a command gets at Pulse: settings, quiet logs, everything built, and taken down again."""

import asyncio
import getpass
import os
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from pulse.cli.frame import Invocation
from pulse.kernel.tenant import DEFAULT_TENANT

if TYPE_CHECKING:
    from pulse.app import Pulse
    from pulse.settings import Settings

_Result = TypeVar("_Result")
TENANT = DEFAULT_TENANT
"""Whose data the commands see."""


def actor() -> str:
    """Return how the log names whoever typed a command."""
    try:
        return f"cli/{getpass.getuser()}"
    except OSError:  # a user id without a name, as in many containers
        return f"cli/{os.getuid()}"


def run(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Run a command's coroutine on uvloop. Ctrl-C cancels it, waits for it to clean up, and is raised."""
    import uvloop

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


@asynccontextmanager
async def opened(
    invocation: Invocation, *, overrides: dict[str, Any] | None = None, serve: Sequence[str] = ()
) -> "AsyncIterator[Pulse]":
    """Give Pulse, built in this process with the settings of this call. Starts Postgres when nobody has.

    `serve` names services whose queues this process shall be able to work on. Raises what `open_pulse` raises,
    `BadSettings`.
    """
    settings = invocation.settings(overrides)
    quiet(settings)
    from pulse.app import open_pulse

    async with open_pulse(settings, serve=serve, local=True) as pulse:
        yield pulse


def quiet(settings: "Settings") -> None:
    """Send logs to standard error: warnings and worse, because a command's answer is its output.

    A level that somebody chose other than the default stays.
    """
    from pulse.telemetry import logs

    chosen = settings.telemetry
    logs.setup(chosen.model_copy(update={"log_level": "warning"}) if chosen.log_level == "info" else chosen)
