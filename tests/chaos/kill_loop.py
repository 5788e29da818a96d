"""Kill Pulse and Postgres at random moments while posts go out, and count what arrived.

Run any number of kills by hand: `python -m tests.chaos.kill_loop --kills 1000`. Workers are real processes with all
of the social service in them; they are forked from a process that has imported it, because a kill costs a start.
`--naive` puts a claim-send-mark worker in their place, to show that the loop finds duplicates where there are some.
"""

import argparse
import asyncio
import json
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from multiprocessing.context import ForkServerContext, ForkServerProcess
from pathlib import Path
from typing import Any
from uuid import UUID

from pulse.app import Pulse, open_pulse
from pulse.http.tokens import Role
from pulse.kernel.tenant import DEFAULT_TENANT
from pulse.settings import load
from pulse.social import store
from pulse.social.handlers import channels, drafting, life
from pulse.social.shapes import Citation, PostContent, Sentence, Verdict
from tests.chaos import naive
from tests.chaos.numbered_posts import number_in, sentence
from tests.doubles.mastodon_process import MastodonProcess
from tests.servers.pds import Pds, running_pds

Worker = Callable[[dict[str, str]], None]
LEASE_SECONDS = 3.0
WORKERS = 3
GRACE_SECONDS = 5.0
"""For the backlog to be worked off, beyond the two leases a post may be stuck."""
BACKLOG = 30
"""Posts kept waiting, so that every kill can hit a delivery."""


@dataclass(frozen=True)
class Result:
    """What the loop counted."""

    kills: int
    postgres_kills: int
    posts: int
    published: int
    duplicated: int
    lost: list[dict[str, Any]]
    """Posts that are on no platform."""
    not_published: list[str]
    """Posts that have not ended, with their state and what the last attempt said."""
    seconds_after_last_kill: float
    seconds: float


def content(number: int) -> PostContent:
    """Return a post that can be told from every other."""
    text = sentence(number)
    citation = Citation(
        article_id=str(number), source_name="Test", url="https://example.org/a", quote=text, start=0, end=len(text)
    )
    return PostContent(
        niche="kill",
        title=f"Post {number}",
        language="en",
        sentences=(
            Sentence(text=text, citations=(citation,), verdict=Verdict(supported=True, probability=1, verifier="test")),
        ),
        story_url=f"https://example.org/stories/{number}",
    )


def environment(home: Path, double_url: str, pds_url: str) -> dict[str, str]:
    """Return the settings of all processes of the loop."""
    hosts = ",".join(url.removeprefix("http://") for url in (double_url, pds_url))
    return {
        "PULSE_HOME": str(home),
        "PULSE_FETCH__ALLOW_HOSTS": hosts,
        "PULSE_BUS__LEASE_SECONDS": str(LEASE_SECONDS),
        "PULSE_BUS__POLL_SECONDS": "0.3",
        "PULSE_BUS__RETRY_SECONDS": "0.3",
        "PULSE_BUS__MAX_RETRY_SECONDS": "1",
        "PULSE_BUS__MAX_ATTEMPTS": "1000",
        "PULSE_SOCIAL__DELIVER_TIMEOUT_SECONDS": "1.5",
        "PULSE_SOCIAL__SETTLE_SECONDS": "0.2",
        "PULSE_SOCIAL__QUIET_SECONDS": str(LEASE_SECONDS),
        "PULSE_STORAGE__POOL_SIZE": "5",
        "PULSE_TELEMETRY__LOG_LEVEL": "error",
    }


def work(environ: dict[str, str]) -> None:
    """Be a worker: the social service, until killed."""
    os.setsid()

    async def forever() -> None:
        async with open_pulse(load(environ), serve=("social",)) as pulse:
            await pulse.start()
            await asyncio.Event().wait()

    while True:
        try:
            asyncio.run(forever())
        except Exception as error:  # Postgres was killed while this one started: a supervisor would start it again
            print(f"worker starts again: {error!r}"[:200], file=sys.stderr)
            time.sleep(0.2)


class Loop:
    """Processes to kill, and the posts they are to deliver."""

    def __init__(self, environ: dict[str, str], *, worker: Worker, seed: int) -> None:
        self._environ = environ
        self._worker = worker
        self._random = random.Random(seed)
        self._context: ForkServerContext = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["pulse.app", "tests.chaos.kill_loop"])
        self._workers: list[ForkServerProcess] = []
        self.posts = 0
        self.kills = Counter[str]()

    def spawn(self) -> None:
        """Start workers until there are enough."""
        self._workers = [process for process in self._workers if process.is_alive()]
        while len(self._workers) < WORKERS:
            process = self._context.Process(target=self._worker, args=(self._environ,))
            process.start()
            self._workers.append(process)

    def kill_worker(self) -> None:
        """Kill one worker."""
        victim = self._random.choice(self._workers)
        if victim.pid is not None and victim.is_alive():
            os.kill(victim.pid, signal.SIGKILL)
            victim.join()
            self.kills["worker"] += 1

    def kill_postgres(self, pulse: Pulse) -> None:
        """Kill the postmaster; its backends end without finishing anything, as in a power cut."""
        if pulse.embedded is not None and pulse.embedded.is_running():
            os.kill(pulse.embedded.pid, signal.SIGKILL)
            self.kills["postgres"] += 1

    def end(self) -> None:
        """Kill all workers."""
        for process in self._workers:
            if process.pid is not None and process.is_alive():
                os.kill(process.pid, signal.SIGKILL)
            process.join()


async def refill(pulse: Pulse, loop: Loop, channel_ids: list[UUID]) -> None:
    """Approve new posts while fewer than the backlog wait."""
    async with pulse.database.transaction(DEFAULT_TENANT) as tx:
        counts = await store.count_by_state(tx)
        waiting = sum(counts.get(state, 0) for state in ("approved", "scheduled", "sending", "unknown"))
        for _ in range(max(0, BACKLOG - waiting)):
            loop.posts += 1
            channel = await store.channel(tx, channel_ids[loop.posts % len(channel_ids)])
            body = content(loop.posts)
            post_id = await drafting.put_requested(
                pulse.social, tx, channel, body, body.sentences[0].text, [], summary=None, story_id=None
            )
            await life.approve(pulse.social, tx, post_id, by=Role.OWNER.value)


async def patiently(action: Callable[[], Awaitable[object]]) -> None:
    """Repeat an action of the test's own until Postgres is back."""
    deadline = time.monotonic() + 60
    while True:
        try:
            await action()
        except Exception:
            if time.monotonic() > deadline:
                raise
            await asyncio.sleep(0.1)
        else:
            return


async def run(kills: int, *, seed: int, home: Path, pds: Pds, double: MastodonProcess, worker: Worker = work) -> Result:
    """Kill `kills` times, let the posts end, and count."""
    environ = environment(home, double.url, pds.url)
    started = time.monotonic()
    chance = random.Random(seed)
    # The PDS may hold posts of an earlier loop, numbered alike.
    before = Counter(await numbers_on_pds(pds))
    async with open_pulse(load(environ)) as pulse:
        loop = Loop(environ, worker=worker, seed=seed)
        channel_ids = await add_channels(pulse, pds, double)
        try:
            while sum(loop.kills.values()) < kills:
                loop.spawn()
                await patiently(lambda: refill(pulse, loop, channel_ids))
                await asyncio.sleep(chance.uniform(0.02, 0.5))
                if chance.random() < 0.08:
                    loop.kill_postgres(pulse)
                    await patiently(lambda: pulse.embedded.ensure_running())  # type: ignore[union-attr]
                else:
                    loop.kill_worker()
                if chance.random() < 0.2:
                    double.fail(chance.choice(double.FAILURES))
            last_kill = time.monotonic()
            loop.spawn()
            await _settled(pulse, deadline=last_kill + 2 * LEASE_SECONDS + 30)
            settled = time.monotonic()
        finally:
            loop.end()
        async with pulse.database.transaction(DEFAULT_TENANT) as tx:
            rows = await store.posts(tx, niche=None, states=(), before=None, limit=100_000)
    arrived = Counter(double.numbers()) + Counter(await numbers_on_pds(pds))
    arrived -= before
    missing = {number_in(row["text"]) for row in rows} - set(arrived)
    return Result(
        kills=sum(loop.kills.values()),
        postgres_kills=loop.kills["postgres"],
        posts=len(rows),
        published=sum(row["state"] == "published" for row in rows),
        duplicated=sum(count - 1 for count in arrived.values()),
        # What the database took; a number whose transaction Postgres' death undid was never a post.
        lost=[dict(row) for row in rows if number_in(row["text"]) in missing],
        not_published=[
            f"{row['channel_kind']} {row['state']}, {row['attempts']} attempts: {row['error']}"
            for row in rows
            if row["state"] != "published"
        ],
        seconds_after_last_kill=settled - last_kill,
        seconds=time.monotonic() - started,
    )


async def add_channels(pulse: Pulse, pds: Pds, double: MastodonProcess) -> list[UUID]:
    """Make the two channels and return their ids."""
    wanted = (
        ("bluesky", {"server": pds.url, "handle": pds.handle}, pds.password),
        ("mastodon", {"server": double.url}, double.token),
    )
    made = []
    for kind, given, secret in wanted:
        settings = await channels.verified(pulse.social, kind, given, secret)
        async with pulse.database.transaction(DEFAULT_TENANT) as tx:
            channel = await channels.add_channel(
                pulse.social, tx, kind=kind, name=kind, niches=[], settings=settings, secret=secret
            )
        made.append(channel.id)
    return made


async def _settled(pulse: Pulse, deadline: float) -> None:
    while time.monotonic() < deadline:
        async with pulse.database.transaction(DEFAULT_TENANT) as tx:
            states = await store.count_by_state(tx)
        if not set(states) - {"published", "failed"}:
            return
        await asyncio.sleep(0.1)


async def numbers_on_pds(pds: Pds) -> list[int]:
    """Return the number of every post on the PDS, as often as it is there."""
    import httpx

    found: list[int] = []
    cursor = ""
    async with httpx.AsyncClient(base_url=pds.url) as http:
        while True:
            query = {"repo": pds.did, "collection": "app.bsky.feed.post", "limit": "100", "cursor": cursor}
            page = (await http.get("/xrpc/com.atproto.repo.listRecords", params=query)).raise_for_status().json()
            found += [number_in(record["value"]["text"]) for record in page["records"]]
            cursor = page.get("cursor", "")
            if not cursor or not page["records"]:
                return found


def main() -> int:
    """Run by hand; exit code 0 when nothing was lost or doubled."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--naive", action="store_true")
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        running_pds() as pds,
        MastodonProcess() as double,
    ):
        worker = naive.work if arguments.naive else work
        loop = run(arguments.kills, seed=arguments.seed, home=Path(home), pds=pds, double=double, worker=worker)
        result = asyncio.run(loop)
    print(json.dumps(asdict(result) | {"seed": arguments.seed}, default=str))
    return 1 if result.duplicated or result.lost or result.not_published else 0


if __name__ == "__main__":
    sys.exit(main())
