"""`pulse up` as a process: what scripts may rely on, and what it does when things around it break."""

import asyncio
import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import psutil
import pytest
from websockets.asyncio.client import ClientConnection, connect

from tests.servers import pulse as server

SETTINGS = {
    "PULSE_BUS__POLL_SECONDS": "0.3",
    "PULSE_STORAGE__POOL_SIZE": "5",
    # No feed answers so fast: these tests need no network and ask nobody for long.
    "PULSE_FETCH__TIMEOUT_SECONDS": "0.001",
}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[server.Running, Path]]:
    """One Pulse for the tests that leave it as it was."""
    home = tmp_path_factory.mktemp("up") / "home"
    with server.up(home, settings=SETTINGS) as running:
        yield running, home


def ready(running: server.Running) -> bool:
    try:
        return httpx.get(f"{running.url}/health/ready", timeout=5, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def errors(log: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in log.read_text().splitlines() if line.startswith("{")]
    return [line for line in lines if line["level"] in ("error", "critical") or "exception" in line]


def test_the_line_it_prints_has_what_a_script_needs(shared: tuple[server.Running, Path]) -> None:
    running, home = shared
    # `server.up` read the line as JSON and took `ready`; any other key would have been refused by `Running`.
    assert running.pid == running.process.pid
    assert running.url.startswith("http://127.0.0.1:")
    with running.client() as client:
        assert client.get("/niches").json()["niches"][0]["name"] == "technology"
        assert [channel["kind"] for channel in client.get("/channels").json()["channels"]] == ["site"]

    async def ask() -> Any:
        connection = await asyncpg.connect(running.database_url)
        try:
            return await connection.fetchval("SELECT count(*) FROM alembic_version")
        finally:
            await connection.close()

    assert asyncio.run(ask()) == 1
    assert (home.stat().st_mode & 0o077) == 0 or (home / "keys").stat().st_mode & 0o077 == 0


def test_a_second_one_on_the_same_data_is_refused_politely(shared: tuple[server.Running, Path]) -> None:
    running, home = shared
    began = time.monotonic()
    second = subprocess.run(
        server.pulse("up", "--port", "0", "--json"),
        env=server.environment(home, SETTINGS),
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    assert second.returncode == 1
    said = second.stdout + second.stderr
    assert f"pid {running.pid}" in said
    assert running.url in said
    assert "PULSE_HOME" in said, "and what to do"
    assert "Traceback" not in said
    assert time.monotonic() - began < 15
    assert ready(running)


def test_two_data_folders_live_side_by_side(shared: tuple[server.Running, Path], tmp_path: Path) -> None:
    running, _ = shared
    with server.up(tmp_path / "other", settings=SETTINGS) as other:
        assert other.url != running.url
        assert other.database_url != running.database_url
        with other.client() as client, running.client() as first:
            assert client.post("/niches", json={"name": "only-here"}).status_code == 201
            assert "only-here" not in [niche["name"] for niche in first.get("/niches").json()["niches"]]
        stranger = httpx.get(
            f"{other.url}/niches", headers={"authorization": f"Bearer {running.token}"}, trust_env=False
        )
        assert stranger.status_code == 401, "each has its own key"
        assert other.stop() == 0
    assert ready(running)


def test_without_a_way_out_the_feeds_fail_with_words_and_all_else_works(shared: tuple[server.Running, Path]) -> None:
    running, _ = shared
    with running.client() as client:

        def failed() -> Any:
            sources = client.get("/sources").raise_for_status().json()["sources"]
            return sources and all(source["last_error"] for source in sources) and sources

        sources = server.wait_for("failed feeds", failed)
        assert isinstance(sources, list)
        for source in sources:
            assert len(source["last_error"]) > 15, source
            assert "Traceback" not in source["last_error"]
        assert client.get("/articles").json()["articles"] == []
        page = client.get("/", headers={"cookie": f"pulse_session={running.token}"})
        assert page.status_code == 200
    assert ready(running)
    assert errors(running.log) == []


async def test_it_ends_within_ten_seconds_with_sockets_and_streams_open(tmp_path: Path) -> None:
    def start() -> Any:
        context = server.up(tmp_path / "home", settings=SETTINGS)
        return context, context.__enter__()

    context, running = await asyncio.to_thread(start)
    try:
        headers = {"authorization": f"Bearer {running.token}"}
        address = running.url.replace("http", "ws", 1) + "/ws/dashboard"
        async with AsyncExitStack() as stack:
            sockets: list[ClientConnection] = [
                await stack.enter_async_context(connect(address, additional_headers=headers, proxy=None))
                for _ in range(5)
            ]
            client = await stack.enter_async_context(
                httpx.AsyncClient(base_url=running.url, headers=headers, trust_env=False, timeout=30)
            )
            stream = await stack.enter_async_context(client.stream("GET", "/events"))
            assert stream.status_code == 200
            for socket in sockets:
                assert json.loads(await socket.recv())["at"]
            children = psutil.Process(running.pid).children(recursive=True)
            assert any("postgres" in child.name() for child in children)
            began = time.monotonic()
            running.process.send_signal(signal.SIGTERM)
            ended = asyncio.create_task(asyncio.to_thread(running.process.wait, 20))
            await asyncio.gather(*(socket.wait_closed() for socket in sockets))
            assert {socket.close_code for socket in sockets} == {1012}, "service restart: viewers try again"
            assert await ended == 0
            took = time.monotonic() - began
    finally:
        await asyncio.to_thread(context.__exit__, None, None, None)
    assert took < 10
    assert running.log.read_text().count("Traceback") == 0
    _, alive = psutil.wait_procs(children, 5)
    assert alive == [], "nothing is left behind"


def test_killed_and_started_again_it_goes_on(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with server.up(home, settings=SETTINGS) as running:
        with running.client() as client:
            assert client.post("/niches", json={"name": "before"}).status_code == 201
        os.kill(running.pid, signal.SIGKILL)
        running.process.wait(10)
    with server.up(home, settings=SETTINGS) as running:
        with running.client() as client:
            assert "before" in [niche["name"] for niche in client.get("/niches").json()["niches"]]
        assert running.stop() == 0


def test_when_postgres_is_killed_the_answers_come_back(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with server.up(home, settings=SETTINGS) as running, running.client() as client:
        assert client.get("/niches").status_code == 200
        postmaster = int((home / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])
        os.kill(postmaster, signal.SIGKILL)
        began = time.monotonic()
        seen: set[int] = set()

        def works() -> bool:
            answer = client.get("/niches")
            seen.add(answer.status_code)
            if answer.status_code != 200:
                assert answer.json()["code"] == "storage.database_unavailable", answer.text
            return answer.status_code == 200 and client.post("/niches", json={"name": "after"}).status_code == 201

        server.wait_for("answers", works, 20)
        assert time.monotonic() - began < 12
        assert seen <= {200, 503}, "and until then the answer is 503"
        assert running.stop() == 0
