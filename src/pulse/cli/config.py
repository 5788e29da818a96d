"""`pulse config`."""

import tomllib
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

from pulse.cli.frame import Group, Invocation

if TYPE_CHECKING:
    from pulse.settings import Settings

MASK = "********"


@click.group(cls=Group)
def config() -> None:
    """Show the settings and where they come from."""


@config.command("show")
@click.option("--changed", is_flag=True, help="Only what differs from its default.")
@click.pass_obj
def show(invocation: Invocation, changed: bool) -> None:
    r"""Show every setting: its value, where that comes from, what it is for. Secrets are masked.

    A setting is read from the environment (PULSE_SECTION__NAME, or PULSE_SECTION__NAME_FILE for the path of a file
    that holds the value), else from pulse.toml in the data folder, else its default holds.

    \b
    Examples:
      pulse config show
      pulse config show --changed --json
    """
    settings = invocation.settings()
    rows = [row for row in entries(settings, invocation.environment()) if not changed or row["source"] != "default"]
    output = invocation.output
    if output.json:
        output.document({"home": settings.home, "file": settings.home / "pulse.toml", "settings": rows})
        return
    output.line(f"Data folder: {settings.home}")
    output.table(
        ("setting", "value", "from", "what it is"),
        [(row["variable"], _shown(row["value"]), row["source"], row["description"]) for row in rows],
        empty="Every setting has its default.",
    )


@config.command("path")
@click.pass_obj
def path(invocation: Invocation) -> None:
    r"""Print the path of the settings file.

    \b
    Example:
      $EDITOR "$(pulse config path)"
    """
    file = invocation.settings().home / "pulse.toml"
    output = invocation.output
    if output.json:
        output.document({"path": file, "exists": file.exists()})
        return
    output.line(file)
    if not file.exists():
        output.note("It is not there yet. Write for example:  [http]\\nport = 8701".replace("\\n", "  "))


def entries(settings: "Settings", environment: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield one row for each setting: name, variable, value (secrets masked), source, description."""
    from pydantic import SecretStr

    file = settings.home / "pulse.toml"
    written = tomllib.loads(file.read_text()) if file.exists() else {}
    for section, described in type(settings).model_fields.items():
        values = getattr(settings, section)
        if not hasattr(values, "model_fields_set"):
            continue
        for name, field in type(values).model_fields.items():
            variable = f"PULSE_{section}__{name}".upper()
            value = getattr(values, name)
            if isinstance(value, SecretStr):
                value = MASK if value.get_secret_value() else ""
            yield {
                "name": f"{section}.{name}",
                "variable": variable,
                "value": value,
                "source": _source(variable, section, name, environment, written),
                "description": field.description or f"{described.annotation.__doc__}".strip().splitlines()[0],
            }


def _source(variable: str, section: str, name: str, environment: Mapping[str, str], written: Mapping[str, Any]) -> str:
    for candidate in (variable, f"{variable}_FILE"):
        if candidate in environment:
            return candidate
    return "pulse.toml" if name in written.get(section, {}) else "default"


def _shown(value: object) -> str:
    return "" if value is None else str(value)
