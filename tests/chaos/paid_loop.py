"""Kill workers at random moments while a model that bills writes summaries, and compare the bill with the ledger.

By hand: `python -m tests.chaos.paid_loop --kills 200`. `--naive` keeps no stages and writes the ledger down after the
call, as everybody does first, to show that the loop finds what is paid for twice and what the books do not know.
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
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any
from uuid import UUID

from aiohttp import web

from pulse.app import open_pulse
from pulse.bus.bus import Bus
from pulse.kernel.ids import new_id
from pulse.kernel.tenant import DEFAULT_TENANT, TenantId
from pulse.llm import accounting, budget, engines, handlers, store
from pulse.llm.providers.openai_compatible import OpenAiCompatible
from pulse.llm.providers.port import Answer, Completion
from pulse.llm.room import LlmRoom
from pulse.llm.service import service
from pulse.news.client import NewsClient
from pulse.news.models import Niche, Story
from pulse.settings import load
from pulse.storage.engine import APP_ROLE, DISPATCHER_ROLE, open_database
from tests.doubles.fake_services import article, story

Worker = Callable[[dict[str, str]], None]
WORKERS = 3
STORIES_A_KILL = 2
PROMPT_TOKENS, COMPLETION_TOKENS, DOLLARS_A_MILLION = 200, 50, 10.0
COST = round((PROMPT_TOKENS + COMPLETION_TOKENS) * DOLLARS_A_MILLION)
"""Of every call, in micro-dollars."""
_SPEECH = "The council of ward {number} approved {homes} homes on Monday. Building work starts there in June."


@dataclass(frozen=True)
class Result:
    """What the loop counted. Money is in micro-dollars.

    `repeated` are calls made for a question that the model had been asked before; `unknown` are calls in the ledger
    whose end is not known: what was in flight when its worker died. `settled` is what calls cost whose end is known,
    `ledger` that and what is set aside for the others.
    """

    kills: int
    stories: int
    summaries: int
    calls: int
    repeated: int
    unknown: int
    billed: int
    settled: int
    ledger: int
    unbooked: int
    """Calls that were billed and are not in the ledger."""
    seconds: float

    @property
    def kept(self) -> bool:
        """Whether all is written, nothing was paid for twice but what was in flight, and the books know every call."""
        return (
            self.summaries == self.stories
            and self.repeated <= self.unknown
            and not self.unbooked
            and self.settled <= self.billed <= self.settled + self.unknown * COST
            and self.billed <= self.ledger
        )


class Model:
    """A chat-completions server that bills a call when it begins, whoever hears the answer."""

    def __init__(self, seed: int) -> None:
        self.calls = Counter[str]()
        self._random = random.Random(seed)

    async def answer(self, request: web.Request) -> web.Response:
        """Bill, think for a moment, and quote the material."""
        body = await request.json()
        self.calls[json.dumps(body["messages"])] += 1
        await asyncio.sleep(self._random.uniform(0.02, 0.15))
        lines = [line for line in body["messages"][-1]["content"].splitlines() if line.startswith("[")]
        said = [{"text": line.partition("] ")[2], "sources": [line[1:].partition("]")[0]]} for line in lines]
        message = {"role": "assistant", "content": json.dumps({"sentences": said})}
        return web.json_response(
            {
                "id": "made-up",
                "model": "biller",
                "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                "usage": {"prompt_tokens": PROMPT_TOKENS, "completion_tokens": COMPLETION_TOKENS},
            }
        )


class NumberedNews(NewsClient):
    """Stories made from their number, the same in every process; their niche wants German, which is a second call."""

    def __init__(self) -> None:
        pass

    async def stories(self, tenant: TenantId, story_ids: Sequence[UUID]) -> list[Story]:
        return [numbered(story_id.int) for story_id in story_ids]

    async def niche(self, tenant: TenantId, name: str) -> Niche:
        return Niche(name=name, title=name, keywords=[], language="de")


def numbered(number: int) -> Story:
    """Return a story that can be told from every other."""
    text = _SPEECH.format(number=number, homes=number + 10)
    report = article(text, niche="paid").model_copy(
        update={"id": UUID(int=number), "source_id": UUID(int=1), "url": f"https://example.org/{number}"}
    )
    return story(report).model_copy(update={"id": UUID(int=number), "articles": [report]})


def work(environ: dict[str, str]) -> None:
    """Be a worker: the llm service, until killed."""
    _forever(environ, keeps=True)


def naive_work(environ: dict[str, str]) -> None:
    """Be the worker everybody writes first."""
    _forever(environ, keeps=False)


class WrittenDownAfter(accounting.Accounted):
    """The books of a naive worker: a call is written down once it is over."""

    async def complete(self, request: Completion) -> Answer:
        """Ask, then write it down."""
        answer = await self.provider.complete(request)
        call_id = new_id()
        hashed = accounting.request_hash(self.provider, request)
        async with self.database.transaction(self.purpose.tenant) as tx:
            await self.reserve(tx, call_id, hashed, request)
        await self._settle(call_id, 0.0, answer=answer)
        return answer


def _forever(environ: dict[str, str], *, keeps: bool) -> None:
    os.setsid()

    async def forever() -> None:
        settings = load(environ)
        url = environ["LOOP_DATABASE"]
        database = open_database(url, settings.storage, APP_ROLE)
        dispatcher = open_database(url, settings.storage, DISPATCHER_ROLE, json_objects=False)
        room = _room(environ, Bus(database, dispatcher, settings.bus), database)
        if not keeps:
            vars(handlers)["_Shelf"] = _NoShelf
            vars(engines)["Accounted"] = WrittenDownAfter
        room.bus.declare(service(room).bus, serve=True)
        await room.bus.start()
        await asyncio.Event().wait()

    asyncio.run(forever())


class _NoShelf:
    """Keeps nothing."""

    def __init__(self, *room: object) -> None:
        pass

    async def find(self, key: str) -> None:
        return None

    async def keep(self, stage: object) -> None:
        pass


def _room(environ: dict[str, str], bus: Bus, database: Any) -> LlmRoom:
    settings = load(environ)
    provider = OpenAiCompatible(environ["LOOP_MODEL"], "biller", timeout_seconds=2)
    return LlmRoom(database=database, bus=bus, settings=settings.llm, news=NumberedNews(), provider=provider)


async def run(kills: int, *, seed: int, home: Path, worker: Worker = work) -> Result:
    """Kill `kills` times, let the stories be written, and compare."""
    chance, model, started = random.Random(seed), Model(seed), time.monotonic()
    application = web.Application()
    application.router.add_post("/v1/chat/completions", model.answer)
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    environ = {
        "PULSE_HOME": str(home),
        "PULSE_BUS__LEASE_SECONDS": "1.5",
        "PULSE_BUS__POLL_SECONDS": "0.1",
        "PULSE_BUS__RETRY_SECONDS": "0.1",
        "PULSE_BUS__MAX_ATTEMPTS": "1000",
        "PULSE_STORAGE__POOL_SIZE": "5",
        "PULSE_TELEMETRY__LOG_LEVEL": "error",
        "PULSE_LLM__MIN_SENTENCES": "1",
        "PULSE_LLM__TIMEOUT_SECONDS": "2",
        "PULSE_LLM__PROMPT_PRICE": str(DOLLARS_A_MILLION),
        "PULSE_LLM__COMPLETION_PRICE": str(DOLLARS_A_MILLION),
        "LOOP_MODEL": f"http://127.0.0.1:{port}/v1",
    }
    workers = _Workers(worker, chance)
    async with open_pulse(load(environ)) as pulse:
        environ["LOOP_DATABASE"] = pulse.database_url
        wanted = kills * STORIES_A_KILL + WORKERS
        try:
            killed = asked = 0
            while killed < kills:
                workers.spawn(environ)
                async with pulse.database.transaction(DEFAULT_TENANT) as tx:
                    for number in range(asked + 1, asked + STORIES_A_KILL + 1):
                        await pulse.bus.enqueue(tx, handlers.SUMMARIZE, {"stories": [str(UUID(int=number))]})
                asked += STORIES_A_KILL
                await asyncio.sleep(chance.uniform(0.02, 0.4))
                killed += workers.kill()
            workers.spawn(environ)
            async with pulse.database.transaction(DEFAULT_TENANT) as tx:
                for number in range(asked + 1, wanted + 1):
                    await pulse.bus.enqueue(tx, handlers.SUMMARIZE, {"stories": [str(UUID(int=number))]})
            deadline = time.monotonic() + 60
            while await _count(pulse, "llm.summaries") < wanted and time.monotonic() < deadline:
                await asyncio.sleep(0.2)
        finally:
            workers.end()
            await runner.cleanup()
        return await _compared(pulse, model, killed, wanted, time.monotonic() - started)


class _Workers:
    def __init__(self, worker: Worker, chance: random.Random) -> None:
        self._worker, self._random = worker, chance
        self._context = multiprocessing.get_context("forkserver")
        self._context.set_forkserver_preload(["pulse.app", "tests.doubles.fake_services"])
        self._alive: list[ForkServerProcess] = []

    def spawn(self, environ: dict[str, str]) -> None:
        self._alive = [process for process in self._alive if process.is_alive()]
        while len(self._alive) < WORKERS:
            process = self._context.Process(target=self._worker, args=(environ,))
            process.start()
            self._alive.append(process)

    def kill(self) -> int:
        victim = self._random.choice(self._alive)
        if victim.pid is None or not victim.is_alive():
            return 0
        os.kill(victim.pid, signal.SIGKILL)
        victim.join()
        return 1

    def end(self) -> None:
        for process in self._alive:
            if process.pid is not None and process.is_alive():
                os.kill(process.pid, signal.SIGKILL)
            process.join()


async def _count(pulse: Any, table: str) -> int:
    async with pulse.database.transaction(DEFAULT_TENANT) as tx:
        row = await tx.row(f"SELECT count(*) AS count FROM {table}")
    return int(row["count"])


async def _compared(pulse: Any, model: Model, kills: int, stories: int, seconds: float) -> Result:
    async with pulse.database.transaction(DEFAULT_TENANT) as tx:
        rows = await tx.rows("SELECT request_hash, state, cost, reserved FROM llm.calls")
        day, month = budget.periods(datetime.now(UTC))
        spent = await store.calls.spent(tx, day, month)
    calls = sum(model.calls.values())
    return Result(
        kills=kills,
        stories=stories,
        summaries=await _count(pulse, "llm.summaries"),
        calls=calls,
        repeated=sum(count - 1 for count in model.calls.values()),
        unknown=sum(row["state"] == "open" for row in rows),
        billed=calls * COST,
        settled=spent.month,
        ledger=spent.month + spent.month_reserved,
        unbooked=max(0, calls - len(rows)),
        seconds=seconds,
    )


def main() -> int:
    """Run by hand; exit code 0 when nothing was paid for twice but what was in flight, and the books know it all."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--naive", action="store_true")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        worker = naive_work if chosen.naive else work
        result = asyncio.run(run(chosen.kills, seed=chosen.seed, home=Path(home), worker=worker))
    print(json.dumps(asdict(result) | {"seed": chosen.seed}))
    return 0 if result.kept else 1


if __name__ == "__main__":
    sys.exit(main())
