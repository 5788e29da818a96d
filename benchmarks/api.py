"""The list and detail routes of the API at a stated load, beside a bare Starlette route in the same run.

`python -m benchmarks.api [--seconds 10] [--clients 4] [--rate 50] [--articles 5000]`

An open loop: requests are sent at a fixed rate, whatever the answers do, so that a slow server cannot hide behind a
slow client. Latency counts from the moment a request was due.
"""

import argparse
import asyncio
import json
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import httpx
import psutil

from benchmarks.feeds import web_server
from tests.servers import pulse as server


@dataclass(frozen=True)
class Figures:
    """Milliseconds, of one route."""

    route: str
    requests: int
    errors: int
    p50: float
    p95: float
    p99: float
    server_ms: float
    """CPU time of the server's process for one request."""


async def load(url: str, token: str, path: str, *, rate: float, seconds: float, pid: int) -> Figures:
    """Ask for `path` `rate` times a second and return the figures."""
    latencies: list[float] = []
    errors = 0
    process = psutil.Process(pid)
    limits = httpx.Limits(max_connections=64, max_keepalive_connections=64)
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, limits=limits, trust_env=False, timeout=30) as http:
        for _ in range(20):
            (await http.get(path)).raise_for_status()

        async def ask(due: float) -> None:
            nonlocal errors
            answer = await http.get(path)
            errors += answer.status_code != 200
            latencies.append(time.perf_counter() - due)

        before = sum(process.cpu_times()[:2])
        start = time.perf_counter()
        tasks = []
        for number in range(int(rate * seconds)):
            due = start + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            tasks.append(asyncio.create_task(ask(due)))
        await asyncio.gather(*tasks)
        spent = sum(process.cpu_times()[:2]) - before
    cuts = statistics.quantiles(latencies, n=100)
    p50, p95, p99 = (round(cuts[place] * 1000, 2) for place in (49, 94, 98))
    server_ms = round(spent / len(latencies) * 1000, 3)
    return Figures(path.partition("?")[0][:40], len(latencies), errors, p50, p95, p99, server_ms)


_PEER = """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
body = open(sys.argv[1], 'rb').read()
async def answer(request): return Response(body, media_type='application/json')
uvicorn.run(Starlette(routes=[Route('/{path:path}', answer)]), port=int(sys.argv[2]), log_level='error')
"""


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rate", type=float, default=50, help="requests a second")
    parser.add_argument("--feeds", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder, web_server(arguments.feeds, 20, 40) as web:
        home = Path(folder)
        opml = home / "feeds.opml"
        outlines = "".join(f'<outline type="rss" xmlUrl="{web}/{feed}.xml"/>' for feed in range(arguments.feeds))
        opml.write_text(f'<opml version="2.0"><body>{outlines}</body></opml>')
        host = web.removeprefix("http://")
        settings = {"PULSE_FETCH__ALLOW_HOSTS": host, "PULSE_NEWS__MAX_INTERVAL_SECONDS": "86400"}
        filled = subprocess.run(
            server.pulse("run", "--opml", str(opml), "--niche", "technology", "--channel", "site", "--json"),
            env=server.environment(home, settings),
            stdout=subprocess.PIPE,
            check=True,
        )
        articles = json.loads(filled.stdout)["articles"]
        figures = []
        with server.up(home, settings=settings) as pulse:
            with pulse.client() as client:
                story = client.get("/stories", params={"niche": "technology", "limit": 1}).json()["stories"][0]["id"]
                page = client.get("/articles/technology", params={"limit": 50}).content
            for path in ("/articles/technology?limit=50", "/stories?niche=technology&limit=50", f"/stories/{story}"):
                figures.append(
                    asyncio.run(
                        load(
                            pulse.url, pulse.token, path, rate=arguments.rate, seconds=arguments.seconds, pid=pulse.pid
                        )
                    )
                )
        figures.append(_peer(page, home, arguments))
    report = {"articles": articles, "rate": arguments.rate, "routes": [asdict(figure) for figure in figures]}
    if arguments.json:
        print(json.dumps(report))
        return 0
    print(f"{articles} articles, {arguments.rate:g} requests a second for {arguments.seconds:g} s each")
    print(f"{'route':42}{'p50 ms':>9}{'p95 ms':>9}{'p99 ms':>9}{'CPU ms':>9}{'errors':>8}")
    for figure in figures:
        latencies = f"{figure.p50:9.1f}{figure.p95:9.1f}{figure.p99:9.1f}"
        print(f"{figure.route:42}{latencies}{figure.server_ms:9.2f}{figure.errors:8}")
    return 0


def _measure(url: str, token: str, path: str, pid: int, arguments: argparse.Namespace) -> Figures:
    return asyncio.run(load(url, token, path, rate=arguments.rate, seconds=arguments.seconds, pid=pid))


def _peer(page: bytes, home: Path, arguments: argparse.Namespace) -> Figures:
    """Measure a bare Starlette route that gives out the same bytes: what the framework alone costs."""
    (home / "page.json").write_bytes(page)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    peer = subprocess.Popen([sys.executable, "-c", _PEER, str(home / "page.json"), str(port)])
    try:
        server.wait_for("peer", lambda: _answers(port))
        figures = asyncio.run(
            load(
                f"http://127.0.0.1:{port}",
                "none",
                "/page",
                rate=arguments.rate,
                seconds=arguments.seconds,
                pid=peer.pid,
            )
        )
    finally:
        peer.terminate()
        peer.wait()
    return replace(figures, route="(bare Starlette, same bytes)")


def _answers(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/", trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


if __name__ == "__main__":
    sys.exit(main())
