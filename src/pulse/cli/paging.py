"""Long lists in pages: `--limit`, `--cursor`, and the line that says how to go on."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import click

from pulse.cli.output import Output

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])
_Row = TypeVar("_Row")
Key = tuple[datetime, UUID]


def page_options(function: _Decorated) -> _Decorated:
    """Give a command `--limit` and `--cursor`."""
    limit = click.option(
        "--limit", type=click.IntRange(1, 200), default=50, show_default=True, help="How many, at most."
    )
    cursor = click.option("--cursor", help="Go on where the last page ended; it is printed there.")
    return limit(cursor(function))


def after(cursor: str | None) -> Key | None:
    """Return the place a cursor stands for. Raises `BadRequest` for one that no list gave out."""
    if cursor is None:
        return None
    from pulse.http.errors import BadRequest
    from pulse.http.pages import decode_cursor

    moment, identity = decode_cursor(cursor, 2)
    try:
        return datetime.fromisoformat(moment), UUID(identity)
    except (TypeError, ValueError):
        raise BadRequest("the cursor is not one this list gave out") from None


def cut(rows: Sequence[_Row], limit: int, key: Callable[[_Row], Key]) -> tuple[list[_Row], str | None]:
    """Return the first `limit` rows of one more than that, and the cursor of the page after them."""
    from pulse.http.pages import encode_cursor

    page = list(rows[:limit])
    return page, encode_cursor(*key(page[-1])) if len(rows) > limit else None


def tell_more(output: Output, cursor: str | None) -> None:
    """Say how to get the next page, if there is one."""
    if cursor:
        output.note(f"There are more: add --cursor {cursor}")
