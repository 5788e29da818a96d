"""`pulse inspect claims`."""

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import click

from pulse.cli.errors import UnreadableFile
from pulse.cli.frame import Command

if TYPE_CHECKING:
    from pulse.llm.verify.gate import Gate


@click.command("claims", cls=Command)
@click.option("--jsonl", "file", required=True, metavar="FILE", help="JSON lines; - is standard input.")
@click.option("--judge", help="none, compact, provider or a model's folder, in the place of PULSE_LLM__JUDGE.")
def claims(file: str, judge: str | None) -> None:
    r"""Say of each claim whether its source supports it, as the gate before every post does.

    A line is {"id": …, "source": …, "text": …}; `source` is a text or a list of texts. The answers are JSON lines, in
    the same order, each as soon as it is known; a line that cannot be read is answered with an error.

    \b
    Examples:
      pulse inspect claims --jsonl claims.jsonl > verdicts.jsonl
      pulse inspect claims --jsonl claims.jsonl --judge compact > verdicts.jsonl
      echo '{"id": 1, "source": "It rained for 3 days.", "text": "It rained for 5 days."}' |
        pulse inspect claims --jsonl -
    """
    from pulse.llm.gates import gate
    from pulse.llm.routing import engines
    from pulse.settings import load

    settings = load().llm
    models = engines(settings)
    used = gate(settings if judge is None else settings.model_copy(update={"judge": judge}), models)
    try:
        with _opened(file) as lines:
            asyncio.run(_answer(lines, used))
    except OSError as error:
        raise UnreadableFile(f"{file}: {error.strerror}") from None


async def _answer(lines: TextIO, gate: "Gate") -> None:
    import orjson

    from pulse.llm.claims import LONGEST_LINE, check_claims

    async for answer in check_claims(bounded(lines, LONGEST_LINE + 2), gate):
        sys.stdout.write(orjson.dumps(answer, default=str).decode() + "\n")
        sys.stdout.flush()


def _opened(file: str) -> contextlib.AbstractContextManager[TextIO]:
    # Bytes that are no UTF-8 become lone surrogates, which no JSON may hold: an error of that line only.
    if file == "-":
        source = sys.stdin.buffer.fileno()
        return open(source, encoding="utf-8", errors="surrogateescape", newline="\n", closefd=False)
    return Path(file).open(encoding="utf-8", errors="surrogateescape", newline="\n")


def bounded(lines: TextIO, limit: int) -> Iterator[str]:
    """Yield lines of at most `limit` characters; of a longer one only its beginning."""
    while line := lines.readline(limit):
        yield line
        while len(line) == limit and not line.endswith("\n"):
            line = lines.readline(limit)
