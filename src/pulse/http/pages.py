"""Cursor pagination: opaque, stable while rows come and go."""

import base64
from typing import Any

import orjson

from pulse.http.errors import BadRequest


def encode_cursor(*parts: Any) -> str:
    """Return an opaque cursor for the sort key of the last row of a page."""
    return base64.urlsafe_b64encode(orjson.dumps(parts, default=str)).decode().rstrip("=")


def decode_cursor(cursor: str, size: int) -> list[str]:
    """Return the parts of a cursor, each as text. Raises `BadRequest` when it is not one of ours."""
    try:
        parts = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        parts = None
    if not isinstance(parts, list) or len(parts) != size or any(type(part) not in (str, int, float) for part in parts):
        raise BadRequest("the cursor is not one this API gave out")
    return [str(part) for part in parts]
