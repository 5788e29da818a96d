"""What all commands have in common: `--home`, `--json`, coroutines as commands, loading on demand."""

import inspect
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pulse.cli.output import Output

if TYPE_CHECKING:
    from pulse.settings import Settings


@dataclass
class Invocation:
    """One call of `pulse`: `ctx.obj` of every command, given by `@click.pass_obj`."""

    home: Path | None = None
    """`--home`; None: PULSE_HOME or the user's data directory."""
    json: bool = False

    @property
    def output(self) -> Output:
        """Where this call writes."""
        return Output(json=self.json)

    def settings(self, overrides: dict[str, Any] | None = None) -> "Settings":
        """Return the settings of this call; `overrides` is `{section: {name: value}}`. Raises `BadSettings`."""
        from pulse.settings import load

        return load(self.environment(), overrides)

    def environment(self) -> dict[str, str]:
        """Return the process's environment with `--home` in it."""
        return {**os.environ, **({"PULSE_HOME": str(self.home)} if self.home else {})}


def _set_home(context: click.Context, _option: click.Parameter, value: Path | None) -> None:
    if value is not None:
        context.ensure_object(Invocation).home = value


def _set_json(context: click.Context, _option: click.Parameter, value: bool) -> None:
    if value:
        context.ensure_object(Invocation).json = True


def common_options() -> list[click.Option]:
    """Return `--home` and `--json`, whose values `Invocation` holds afterwards."""
    return [
        click.Option(
            ["--home"],
            type=click.Path(file_okay=False, path_type=Path),
            expose_value=False,
            callback=_set_home,
            help="Data folder; overrides PULSE_HOME.",
        ),
        click.Option(
            ["--json"],
            is_flag=True,
            expose_value=False,
            callback=_set_json,
            help="Print one JSON document instead of text.",
        ),
    ]


class Command(click.Command):
    """A command with the common options, whose function may be a coroutine."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.params += common_options()
        self.help = _kept_as_written(self.help)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the function; a coroutine until it is done."""
        return _finished(super().invoke(ctx))


class Group(click.Group):
    """A group of such commands: `@group.command()` makes them. Its own function may be a coroutine, too."""

    command_class = Command

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.params += common_options()
        self.help = _kept_as_written(self.help)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the function and the subcommand."""
        return _finished(super().invoke(ctx))


def _kept_as_written(text: str | None) -> str | None:
    r"""Return help text with `\b` on a line as Click wants it: the paragraph below it is not filled."""
    return text.replace("\\b", "\b") if text else text


def _finished(result: Any) -> Any:
    if not inspect.iscoroutine(result):
        return result
    from pulse.cli.session import run

    return run(result)


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command's code is, and the line that `pulse --help` shows without importing it."""

    name: str
    module: str
    summary: str

    def load(self) -> click.Command:
        """Import and return the command."""
        command = getattr(import_module(self.module), self.name.replace("-", "_"))
        assert isinstance(command, click.Command)
        return command


class LazyGroup(click.Group):
    """The group `pulse`: its commands are imported when they are called."""

    def __init__(self, *arguments: Any, sections: Mapping[str, Sequence[Entry]], **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.sections = sections
        self.entries = {entry.name: entry for entries in sections.values() for entry in entries}
        self.params += common_options()
        self.help = _kept_as_written(self.help)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all commands."""
        return list(self.entries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, imported now."""
        entry = self.entries.get(cmd_name)
        return entry.load() if entry else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the commands under their headings."""
        for heading, entries in self.sections.items():
            with formatter.section(heading):
                formatter.write_dl([(entry.name, entry.summary) for entry in entries])
