"""The poll benchmark: feeds from a local server through the real poll cycle, against the least one can do and reader.

    python -m benchmarks.feeds                  1,000 feeds of 20 entries
    python -m benchmarks.feeds --feeds 50       a quick look
    python -m benchmarks.feeds --scale 10       the same again with ten times the feeds, for memory and cost

CPU seconds count the contender's process and all of Postgres, not the web server. Prints a table, or with --json
everything as JSON. Exits with 1 where discovered, stored and logged articles differ.
"""

import asyncio
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import asyncpg
import click
import orjson
from rich.console import Console
from rich.table import Table

from pulse.settings import StorageSettings
from pulse.storage.embedded import open_embedded
from pulse.storage.migrate import migrate

_CONTENDERS = ("raw", "careful", "pulse", "reader")


@contextmanager
def web_server(feeds: int, entries: int, words: int) -> Iterator[str]:
    """Run the server of the feeds; give its address."""
    command = [sys.executable, "-m", "benchmarks.server", str(feeds), str(entries), str(words)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        try:
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.stdin.close()


async def run(feeds: int, entries: int, words: int, contenders: list[str]) -> dict[str, Any]:
    """Run each contender on a fresh database of one embedded server."""
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="pulse-bench-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        async with await open_embedded(home, binaries=None) as server:
            pid = (home / "postgres/data/postmaster.pid").read_text().splitlines()[0]
            with web_server(feeds, entries, words) as base:
                for name in contenders:
                    await _sql(server.superuser_url, f"CREATE DATABASE bench_{name} OWNER pulse_owner")
                    url = server.url.rpartition("/")[0] + f"/bench_{name}"
                    if name == "pulse":
                        await migrate(url, StorageSettings())
                    command = [sys.executable, "-m", "benchmarks.contenders", name, base, str(feeds), url, pid]
                    done = await asyncio.to_thread(subprocess.run, command, stdout=subprocess.PIPE, check=True)
                    results[name] = orjson.loads(done.stdout)
    return results


async def _sql(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(statement)
    await connection.close()


def figures(measured: dict[str, float]) -> dict[str, float]:
    """Return CPU milliseconds for each article (or unchanged feed), and how many go into a CPU second."""
    total = measured["cpu"] + measured["database_cpu"]
    each = total / max(1, measured["articles"])
    return {
        "cpu_ms_each": 1000 * each,
        "database_share": measured["database_cpu"] / total if total else 0.0,
        "per_cpu_second": 1 / each if each else 0.0,
        "wall": measured["wall"],
    }


def exact(counts: dict[str, int]) -> bool:
    """Return whether nothing was lost or doubled between discovery, table and log."""
    same = {counts[name] for name in ("discovered", "stored", "in_table", "in_log")}
    return len(same) == 1 and not counts["failed"] and not counts["new_in_second_cycle"]


def show(size: str, results: dict[str, Any]) -> None:
    """Print a table."""
    table = Table(title=size)
    for column in ("", "articles", "cold ms/article", "of it Postgres", "wall s", "304: feeds/CPU s", "peak MB"):
        table.add_column(column, justify="right")
    for name, result in results.items():
        cold, unchanged = figures(result["cold"]), figures(result["unchanged"])
        table.add_row(
            name,
            f"{result['cold']['articles']:,}",
            f"{cold['cpu_ms_each']:.3f}",
            f"{cold['database_share']:.0%}",
            f"{cold['wall']:.1f}",
            f"{unchanged['per_cpu_second']:,.0f}",
            f"{result['peak_memory'] / 1e6:.0f}",
        )
    console = Console()
    console.print(table)
    if "pulse" in results:
        own = figures(results["pulse"]["cold"])["cpu_ms_each"]
        for other in ("raw", "careful", "reader"):
            if other in results:
                console.print(f"pulse / {other}: {own / figures(results[other]['cold'])['cpu_ms_each']:.2f}")
        counts = results["pulse"]["counts"]
        console.print(f"{counts}: {'exact' if exact(counts) else 'NOT EXACT'}")


@click.command(help=__doc__)
@click.option("--feeds", default=1_000, show_default=True)
@click.option("--entries", default=20, show_default=True)
@click.option("--words", default=300, show_default=True, help="words of an entry's text")
@click.option("--scale", default=1, show_default=True, help="run Pulse once more with this many times the feeds")
@click.option("--only", multiple=True, type=click.Choice(_CONTENDERS), help="leave the others out")
@click.option("--json", "as_json", is_flag=True, help="print JSON instead of a table")
def main(feeds: int, entries: int, words: int, scale: int, only: tuple[str, ...], as_json: bool) -> None:
    """Run the benchmark."""
    chosen = list(only or _CONTENDERS)
    runs = {f"{feeds:,} feeds × {entries}": asyncio.run(run(feeds, entries, words, chosen))}
    if scale > 1:
        runs[f"{feeds * scale:,} feeds × {entries}"] = asyncio.run(run(feeds * scale, entries, words, ["pulse"]))
    if as_json:
        print(orjson.dumps(runs, option=orjson.OPT_INDENT_2).decode())
    else:
        for size, results in runs.items():
            show(size, results)
    if not all(exact(results["pulse"]["counts"]) for results in runs.values() if "pulse" in results):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
