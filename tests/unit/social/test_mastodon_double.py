"""The double as a process of its own: one JSON line, an admin door, statuses that outlive it, and its end."""

import asyncio
import json
import signal
import sys
from pathlib import Path
from typing import Any

import aiohttp

ROOT = Path(__file__).parents[3]


async def start(*arguments: str) -> tuple[asyncio.subprocess.Process, str, dict[str, str]]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        *("-m", "tests.doubles.mastodon_server", "--port", "0", *arguments),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
        stdin=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    line = json.loads(await asyncio.wait_for(process.stdout.readline(), 30))
    return process, line["url"], {"Authorization": f"Bearer {line['token']}", "Idempotency-Key": "k1"}


async def test_other_processes_can_use_it_and_it_forgets_nothing(tmp_path: Path) -> None:
    state = str(tmp_path / "double.json")
    async with aiohttp.ClientSession() as session:

        async def post(url: str, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
            async with session.post(f"{url}/api/v1/statuses", json={"status": "Hello"}, headers=headers) as answer:
                return answer.status, await answer.json()

        process, url, headers = await start("--state", state)
        status, first = await post(url, headers)
        again = await post(url, headers)
        await session.post(f"{url}/_double/fail", json={"kind": "error_500_after", "times": 1})
        failed, _ = await post(url, headers | {"Idempotency-Key": "k2"})
        bad = await session.post(f"{url}/_double/fail", json={"kind": "nonsense"})
        await session.post(f"{url}/_double/engage", json={"id": first["id"], "favourites": 3, "reblogs": 1})
        process.send_signal(signal.SIGKILL)
        await process.wait()

        process, url, headers = await start("--state", state, "--until-stdin-closes")
        remembered = await post(url, headers)
        async with session.get(f"{url}/_double/statuses") as answer:
            held = (await answer.json())["statuses"]
        async with session.get(f"{url}/api/v1/statuses/{first['id']}") as answer:
            counts = await answer.json()
        assert process.stdin is not None
        process.stdin.close()

        assert await asyncio.wait_for(process.wait(), 10) == 0
        assert (status, failed, bad.status) == (200, 500, 400)
        assert again[1]["id"] == remembered[1]["id"] == first["id"]
        assert [one["key"] for one in held] == ["k1", "k2"]
        assert (counts["favourites_count"], counts["reblogs_count"]) == (3, 1)


async def test_it_obeys_sigterm() -> None:
    process, _, _ = await start()
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 10) == 0
