"""What a person or a script gets to see: tables and lines, or one JSON document; errors; progress.

Standard output carries the answer and nothing else. Progress and errors in words go to standard error.
"""

import json as standard_json
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol, TextIO

import click

from pulse.kernel.errors import Kind, PulseError

if TYPE_CHECKING:
    from rich.console import Console

OK, FAILED, BAD_ARGUMENTS, INTERRUPTED = 0, 1, 2, 130
"""The exit codes of `pulse`."""
_PIPE_WIDTH = 240
"""Columns of a table that nobody's terminal limits."""
_OVERRIDES = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_CONTROLS = {code: " " for code in (*range(0x20), *range(0x7F, 0xA0)) if code != 0x0A} | _OVERRIDES


def plain(text: object) -> str:
    """Return text that a terminal shows and does not obey: feeds may carry escape sequences."""
    return str(text).translate(_CONTROLS)


def when(moment: datetime | str | None) -> str:
    """Return a moment in the reader's own time zone, to the minute."""
    if moment is None:
        return ""
    if isinstance(moment, str):
        moment = datetime.fromisoformat(moment)
    return moment.astimezone().strftime("%Y-%m-%d %H:%M")


def dollars(amount: float) -> str:
    """Return an amount of US dollars; small ones with the places they need."""
    return f"${amount:.2f}" if amount >= 1 or amount == 0 else f"${amount:.4f}"


class Progress(Protocol):
    """Says how far long work has come."""

    def stage(self, title: str, total: int | None = None) -> None:
        """Begin a stage; the one before is done. `total`: how many steps it has, None when nobody knows."""

    def advance(self, steps: int = 1) -> None:
        """Say that steps of the stage are done."""


class Silent:
    """Progress nobody watches."""

    def stage(self, title: str, total: int | None = None) -> None:
        """Do nothing."""

    def advance(self, steps: int = 1) -> None:
        """Do nothing."""


class Output:
    """Where one call of `pulse` writes. With `json`, exactly one document goes to standard output."""

    def __init__(self, *, json: bool) -> None:
        self.json = json

    def document(self, value: Any) -> None:
        """Print a JSON document: models, dates, ids and paths become what JSON has. On one line for pipes."""
        indent = 2 if sys.stdout.isatty() else None
        print(standard_json.dumps(_json_value(value), ensure_ascii=False, indent=indent), flush=True)

    def line(self, text: object = "", *, style: str = "") -> None:
        """Print a line of the answer. Nothing with `json`."""
        if not self.json:
            _console(sys.stdout).print(_text(text, style), soft_wrap=True)

    def note(self, text: object, *, style: str = "dim") -> None:
        """Print a remark on standard error: what comes next, what is being done. Nothing with `json`."""
        if not self.json:
            _console(sys.stderr).print(_text(text, style), soft_wrap=True)

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[object]], *, empty: str, title: str = "") -> None:
        """Print rows under headings; a heading that ends with `#` is a number. `empty` is said where there are none.

        Nothing with `json`.
        """
        if self.json:
            return
        if not rows:
            self.line(empty)
            return
        from rich.box import SIMPLE_HEAD
        from rich.table import Table

        table = Table(box=SIMPLE_HEAD, title=title or None, title_justify="left", pad_edge=False)
        for column in columns:
            number = column.endswith("#")
            # Ids are there to be copied: never folded.
            table.add_column(column.rstrip("#"), justify="right" if number else "left", no_wrap=column == "id")
        for row in rows:
            table.add_row(*(_text("" if cell is None else cell) for cell in row))
        _console(sys.stdout).print(table)

    @contextmanager
    def progress(self) -> Iterator[Progress]:
        """Give a progress bar on standard error, where that is a terminal."""
        if not sys.stderr.isatty():
            yield Silent()
            return
        from pulse.cli.progress import Bars

        with Bars() as bars:
            yield bars


def exit_code_of(error: BaseException, *, json: bool) -> int:
    """Tell the user what went wrong and return the exit code.

    Named errors: message and next step on standard error, or with `json` `{"error": {...}}` on standard output.
    An error nobody named also brings its traceback, for the report.
    """
    match error:
        case click.exceptions.Exit(exit_code=code):
            return code
        case click.Abort():
            print("Interrupted.", file=sys.stderr)
            return INTERRUPTED
        case click.exceptions.NoArgsIsHelpError():
            print(error.format_message(), file=sys.stderr)
            return BAD_ARGUMENTS
        case click.ClickException():
            command = error.ctx.command_path if isinstance(error, click.UsageError) and error.ctx else "pulse"
            _tell(
                {
                    "code": "cli.bad_arguments" if error.exit_code == BAD_ARGUMENTS else "cli.failed",
                    "message": error.format_message(),
                    "next_step": f"`{command} --help` shows what it takes, with examples.",
                },
                json,
            )
            return error.exit_code
        case PulseError():
            _tell(error.as_dict(), json)
            return code_of(error)
    traceback.print_exception(error)
    _tell(
        {
            "code": "pulse.unexpected",
            "message": f"{type(error).__name__}: {error}",
            "next_step": "This is a fault in Pulse: please report it with the lines above.",
        },
        json,
    )
    return FAILED


def code_of(error: PulseError) -> int:
    """Return the exit code that a named error ends with."""
    return BAD_ARGUMENTS if error.kind is Kind.INVALID else FAILED


def _tell(error: Mapping[str, Any], json: bool) -> None:
    if json:
        Output(json=True).document({"error": error})
        return
    console = _console(sys.stderr)
    console.print(_text(f"Error: {error['message']}", "bold red"), soft_wrap=True)
    console.print(_text(f"Next: {error['next_step']}"), soft_wrap=True)


def _console(file: TextIO) -> "Console":
    from rich.console import Console

    return Console(file=file, highlight=False, width=None if file.isatty() else _PIPE_WIDTH)


def _text(text: object, style: str = "") -> Any:
    from rich.text import Text

    return Text(plain(text), style=style)


def _json_value(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return {str(name): _json_value(entry) for name, entry in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [_json_value(entry) for entry in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value)
