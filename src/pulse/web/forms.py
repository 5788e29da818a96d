"""What a form sent, bounded and parsed."""

from collections.abc import Iterable
from email.parser import BytesParser
from email.policy import HTTP
from urllib.parse import parse_qsl

from starlette.requests import Request

from pulse.http.errors import BodyTooLarge
from pulse.web.errors import BadForm

_MOST_FIELDS = 200


class Form:
    """The fields of one form. Uploaded files are fields whose value is their text."""

    def __init__(self, fields: Iterable[tuple[str, str]]) -> None:
        self._fields = list(fields)

    def text(self, name: str, default: str = "") -> str:
        """Return the first value of a field without white space around it, or `default` if it is not there."""
        return next((value.strip() for field, value in self._fields if field == name), default)

    def needed(self, name: str, words: str) -> str:
        """Return a field that must not be empty. Raises `BadForm` saying in `words` what is missing."""
        value = self.text(name)
        if not value:
            raise BadForm(f"{words} is missing")
        return value

    def all(self, name: str) -> list[str]:
        """Return every value of a field that is not empty."""
        return [value.strip() for field, value in self._fields if field == name and value.strip()]

    def flag(self, name: str) -> bool:
        """Return whether a checkbox was ticked."""
        return self.text(name) not in ("", "off", "false")

    def number(self, name: str, words: str, *, least: int, most: int) -> int:
        """Return a whole number within bounds. Raises `BadForm`."""
        value = self.text(name)
        if not (value.isascii() and value.isdigit() and len(value) < 10 and least <= int(value) <= most):
            raise BadForm(f"{words} must be a whole number from {least} to {most}")
        return int(value)


async def read(request: Request, limit: int) -> Form:
    """Return the form of a request. Raises `BodyTooLarge` beyond `limit` bytes and `BadForm` when it is none."""
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > limit:
            raise BodyTooLarge(f"the form has more than {limit:,} bytes")
    kind = request.headers.get("content-type", "application/x-www-form-urlencoded")
    try:
        if kind.startswith("multipart/form-data"):
            return Form(_multipart(kind, bytes(body)))
        if kind.startswith("application/x-www-form-urlencoded"):
            return Form(parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except (ValueError, LookupError) as error:
        raise BadForm(f"the form cannot be read: {error}") from None
    raise BadForm(f"a form cannot come as {kind}")


def _multipart(kind: str, body: bytes) -> Iterable[tuple[str, str]]:
    message = BytesParser(policy=HTTP).parsebytes(b"content-type: " + kind.encode("latin-1") + b"\r\n\r\n" + body)
    parts = list(message.iter_parts()) if message.is_multipart() else []
    if len(parts) > _MOST_FIELDS:
        raise ValueError(f"more than {_MOST_FIELDS} fields")
    for part in parts:
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            # News is not ASCII, and files come in the encoding they have: XML says which, the reader decides.
            yield name, content.decode("utf-8", "surrogateescape")
