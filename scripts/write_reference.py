"""Write docs/reference/{cli,settings,events,metrics}.md from the code: `python scripts/write_reference.py [--check]`.

What stands above the marker in a page is written by hand and kept; everything below it is written here. With
`--check` nothing is written, and the exit code says whether the pages are up to date.
"""

import ast
import inspect
import pkgutil
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, get_args, get_origin

import click
from prometheus_client.metrics import MetricWrapperBase
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

import pulse
from pulse.bus.events import Event
from pulse.cli.entry import COMMANDS
from pulse.cli.entry import pulse as pulse_command
from pulse.settings import Settings
from pulse.telemetry import metrics as measured

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
MARKER = "<!-- Below this line: scripts/write_reference.py. Change the code, then run it. -->"


def main() -> int:
    """Write the pages, or check them, and return the exit code."""
    check = "--check" in sys.argv[1:]
    stale = []
    for name, write in PAGES.items():
        path = FOLDER / f"{name}.md"
        wanted = page(path, write())
        if (path.read_text() if path.exists() else "") == wanted:
            continue
        stale.append(path.name)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(wanted)
    if stale:
        print(f"{'stale' if check else 'written'}: {', '.join(stale)}")
    if stale and check:
        print("Run `python scripts/write_reference.py` and commit what it writes.", file=sys.stderr)
    return 1 if stale and check else 0


def page(path: Path, generated: str) -> str:
    """Return a page: its introduction as it is, then what was generated."""
    text = path.read_text() if path.exists() else f"# {path.stem.title()}\n\n"
    return f"{text.partition(MARKER)[0].rstrip()}\n\n{MARKER}\n\n{generated.strip()}\n"


# Commands


def commands() -> str:
    """Return every command with its arguments, options and examples."""
    root = click.Context(pulse_command, info_name="pulse")
    parts = [f"## pulse\n\n{_options(pulse_command, root)}"]
    for heading, entries in COMMANDS.items():
        parts.append(
            f"## {heading}\n\n"
            + "\n".join(f"- [`pulse {one.name}`](#pulse-{one.name}): {one.summary}" for one in entries)
        )
        for entry in entries:
            parts += _command(entry.load(), click.Context(entry.load(), info_name=entry.name, parent=root), 3)
    return "\n\n".join(parts)


def _command(command: click.Command, context: click.Context, level: int) -> Iterator[str]:
    usage = " ".join(command.collect_usage_pieces(context))
    yield f"{'#' * level} {context.command_path}"
    yield f"```\n{context.command_path} {usage}\n```"
    yield _prose(command.help or "")
    options = _options(command, context)
    if options:
        yield options
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            child = command.get_command(context, name)
            assert child is not None
            yield from _command(child, click.Context(child, info_name=name, parent=context), level + 1)


def _prose(text: str) -> str:
    """Return help text with the paragraphs that Click leaves unfilled as code."""
    parts = []
    for part in inspect.cleandoc(text).split("\n\n"):
        if part.startswith("\b\n"):
            heading, _, body = part.removeprefix("\b\n").partition("\n")
            parts.append(f"{heading}\n\n```\n{textwrap.dedent(body)}\n```")
        else:
            parts.append(" ".join(part.split()))
    return "\n\n".join(parts)


def _options(command: click.Command, context: click.Context) -> str:
    rows = []
    for parameter in command.params:
        if not isinstance(parameter, click.Option) or parameter.hidden:
            continue
        record = parameter.get_help_record(context)
        assert record is not None
        names, text = record
        rows.append(f"| `{_cell(names)}` | {_cell(text)} |")
    return "| option | |\n|---|---|\n" + "\n".join(rows) if rows else ""


# Settings


def settings() -> str:
    """Return every setting with type, default and description."""
    parts = []
    for section, described in Settings.model_fields.items():
        model = described.annotation
        if not (isinstance(model, type) and issubclass(model, BaseModel)):
            continue
        rows = [
            f"| `PULSE_{section.upper()}__{name.upper()}` | {_cell(_type(field.annotation))} | {_default(field)} "
            f"| {_cell(field.description or '')} |"
            for name, field in model.model_fields.items()
        ]
        parts.append(
            f"## {section}\n\n{inspect.cleandoc(model.__doc__ or '')}\n\n"
            "| variable | type | default | |\n|---|---|---|---|\n" + "\n".join(rows)
        )
    return "\n\n".join(parts)


def _default(field: FieldInfo) -> str:
    value = field.default
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    return "" if value in (None, "", PydanticUndefined) else f"`{value}`"


# Events


def events() -> str:
    """Return every event with its fields."""
    parts = []
    for kind in sorted(_events(), key=lambda kind: (kind.__module__, _line(kind))):
        notes = _field_notes(kind)
        rows = [
            f"| `{name}` | {_cell(_type(field.annotation))} | {_cell(notes.get(name, ''))} |"
            for name, field in kind.model_fields.items()
        ]
        room = kind.__module__.split(".")[1]
        parts.append(
            f"## {kind.name}\n\n{inspect.cleandoc(kind.__doc__ or '')}\n\nPublished by {room}, wire version "
            f"{kind.wire_version}.\n\n| field | type | |\n|---|---|---|\n" + "\n".join(rows)
        )
    return "\n\n".join(parts)


def _events() -> list[type[Event]]:
    for found in pkgutil.walk_packages(pulse.__path__, "pulse."):
        if found.name.endswith(".events"):
            import_module(found.name)
    return [kind for kind in Event.__subclasses__() if kind.__module__.startswith("pulse.")]


def _line(kind: type) -> int:
    return inspect.getsourcelines(kind)[1]


def _field_notes(kind: type) -> dict[str, str]:
    """Return the docstrings below the fields of a class."""
    body = ast.parse(textwrap.dedent(inspect.getsource(kind))).body[0]
    assert isinstance(body, ast.ClassDef)
    notes = {}
    for field, note in zip(body.body, body.body[1:], strict=False):
        if (
            isinstance(field, ast.AnnAssign)
            and isinstance(field.target, ast.Name)
            and isinstance(note, ast.Expr)
            and isinstance(note.value, ast.Constant)
        ):
            notes[field.target.id] = " ".join(str(note.value.value).split())
    return notes


# Metrics


def metrics() -> str:
    """Return every metric with its labels."""
    rows = []
    for metric in vars(measured).values():
        if isinstance(metric, MetricWrapperBase):
            kind = type(metric).__name__.lower()
            name = metric._name + ("_total" if kind == "counter" else "")
            labels = ", ".join(f"`{label}`" for label in metric._labelnames)
            rows.append(f"| `{name}` | {kind} | {labels} | {_cell(metric._documentation)} |")
    return "| metric | kind | labels | |\n|---|---|---|---|\n" + "\n".join(rows)


def _type(annotation: Any) -> str:
    """Return a type in the words of a reader who does not write Python."""
    if annotation is type(None):
        return "nothing"
    if annotation is Any:
        return "anything"
    if isinstance(annotation, type) and get_origin(annotation) is None:
        return _WORDS.get(annotation.__name__, annotation.__name__)
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is list:
        return f"list of {_type(inner[0])}"
    if origin is dict:
        return f"map of {_type(inner[0])} to {_type(inner[1])}"
    if getattr(origin, "__name__", str(origin)) == "Literal":
        return " or ".join(f"`{choice}`" for choice in inner)
    if inner:
        return " or ".join(_type(choice) for choice in inner)
    return re.sub(r"\w+\.", "", str(annotation)).lower()


_WORDS = {
    "str": "text",
    "int": "whole number",
    "float": "number",
    "bool": "yes or no",
    "datetime": "time",
    "UUID": "id",
    "SecretStr": "secret",
    "Path": "path",
}


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


PAGES: dict[str, Callable[[], str]] = {"cli": commands, "settings": settings, "events": events, "metrics": metrics}


if __name__ == "__main__":
    sys.exit(main())
