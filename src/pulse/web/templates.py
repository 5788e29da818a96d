"""From data to HTML. Everything is escaped; a name that is not there is an error, not an empty string."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from pulse.i18n import Translator, doubts
from pulse.i18n.templates import install
from pulse.kernel.clock import Clock, utc_now
from pulse.web import wording
from pulse.web.assets import Assets
from pulse.web.languages import direction

FOLDER = Path(__file__).parent / "templates"
_SHORT_HYPHENATED = re.compile(r"\b(?:\w{1,2}-\w+|\w+-\w{1,2})\b")


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
        "moment": pass_context(lambda context, value, style="full": moment(value, _of(context), style)),
        "percent": pass_context(lambda context, share: _of(context).percent(share)),
        "number": pass_context(lambda context, value, digits=1: _of(context).number(value, digits)),
        "fixed": pass_context(lambda context, value, digits: _of(context).fixed(value, digits)),
        "money": pass_context(lambda context, amount: _of(context).money(amount)),
        "duration": pass_context(lambda context, seconds: _of(context).duration(seconds)),
        "happening": pass_context(lambda context, entry: wording.happening(entry, _of(context))),
        "doubt": pass_context(lambda context, reason: doubts.in_words(reason.code, reason.detail, _of(context))),
        "web_address": web_address,
        "host": host,
        "direction": direction,
        "whole": whole_words,
    }
    install(env, _of)
    env.globals |= {"asset": assets.address, "has_asset": assets.__contains__, "words": wording, "now": clock}
    return env


def moment(value: datetime | str | None, translator: Translator, style: str = "full") -> Markup:
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
    text = f"{translator.date_time(utc)} UTC"
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


def whole_words(title: str) -> Markup:
    """Return a headline in which no line ends within `e-bike` or `Halcyon-2`."""
    marked = Markup()
    at = 0
    for found in _SHORT_HYPHENATED.finditer(title):
        marked += escape(title[at : found.start()]) + Markup('<span class="whole">{}</span>').format(found.group())
        at = found.end()
    return marked + escape(title[at:])


def render(env: Environment, template: str, **context: Any) -> str:
    """Return the template filled in."""
    return env.get_template(template).render(**context)


def _of(context: Context) -> Translator:
    translator: Translator = context["translator"]
    return translator
