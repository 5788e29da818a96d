"""From data to HTML. Everything is escaped; a name that is not there is an error, not an empty string."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from pulse.kernel.clock import Clock, utc_now
from pulse.web import wording
from pulse.web.assets import Assets
from pulse.web.languages import direction

FOLDER = Path(__file__).parent / "templates"


def environment(assets: Assets, clock: Clock = utc_now) -> Environment:
    """Return the templates with the filters and words they use."""
    env = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    env.filters |= {
        "moment": moment,
        "web_address": web_address,
        "host": host,
        "percent": percent,
        "ago": wording.ago,
        "direction": direction,
        "count": count,
    }
    env.globals |= {"asset": assets.address, "has_asset": assets.__contains__, "words": wording, "now": clock}
    return env


def moment(value: datetime | str | None, style: str = "full") -> Markup:
    """Return a `<time>`: in UTC as it comes, in the viewer's zone and manner once the page's script has run.

    `style` is `full` (date and time), `day`, `clock`, or `relative` (`5 minutes ago`).
    """
    if value is None:
        return Markup("–")
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return Markup("{}").format(value)
    utc = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    text = f"{utc.day} {utc:%b %Y, %H:%M} UTC"
    return Markup('<time datetime="{}" data-style="{}">{}</time>').format(f"{utc:%Y-%m-%dT%H:%M:%SZ}", style, text)


def web_address(value: str | None) -> str | None:
    """Return the address if it is an http(s) one, else None: no other kind ever becomes a link."""
    try:
        return value if value and urlsplit(value).scheme in ("http", "https") else None
    except ValueError:
        return None


def host(value: str | None) -> str:
    """Return the host of an address, for people to read."""
    try:
        return (urlsplit(value or "").hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def percent(value: float | None) -> str:
    """Return a share of 1 in percent, never rounded up to a hundred."""
    if value is None:
        return "–"
    shown = round(value * 100)
    return "99 %" if shown == 100 and value < 1 else f"{shown} %"


def count(number: int, one: str, many: str) -> str:
    """Return a number with its noun: `1 source`, `3 sources`."""
    return f"{number:,} {one if number == 1 else many}"


def render(env: Environment, template: str, **context: Any) -> str:
    """Return the template filled in."""
    return env.get_template(template).render(**context)
