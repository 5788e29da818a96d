"""Structured logs on standard error: JSON lines for machines, short lines for people."""

import logging
import sys
from datetime import UTC, datetime
from typing import Any

import orjson

from pulse.settings import TelemetrySettings
from pulse.telemetry import context, tracing

_STANDARD = set(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


def setup(settings: TelemetrySettings) -> None:
    """Send all logs to standard error in the chosen form. Calling it again replaces the form."""
    form = settings.log_format
    if form == "auto":
        form = "console" if sys.stderr.isatty() else "json"
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Console() if form == "console" else _Json())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level.upper())
    # Libraries speak when something is wrong.
    for name in (
        "httpx",
        "httpcore",
        "aiohttp",
        "alembic",
        "sqlalchemy",
        "trafilatura",
        "faststream",
        "uvicorn.access",
    ):
        logging.getLogger(name).setLevel(logging.WARNING)


def _extras(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in _STANDARD}


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if trace_id := tracing.current_trace_id():
            line["trace_id"] = trace_id
        line |= context.current() | _extras(record)
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


class _Console(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        names = " ".join(f"{name}={value}" for name, value in (context.current() | _extras(record)).items())
        moment = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        line = f"{moment} {record.levelname.lower():7} {record.getMessage()} {names}".rstrip()
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line
