"""Calls that can wait: they are written down, handed in together, and what asked is done again once there is an answer.

A batch is ours before it is the provider's: it has a name in our table first, and carries it. So a worker that dies
while it hands one in, or a provider that does not say that it took it, costs no second batch: whoever goes on looks for
the name first.
"""

import logging
from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from sqlalchemy import RowMapping

from pulse.kernel.ids import new_id
from pulse.kernel.tenant import TenantId
from pulse.llm import store
from pulse.llm.accounting import outcome
from pulse.llm.engines import Engine, Engines
from pulse.llm.errors import ProviderError
from pulse.llm.handlers import SUMMARIZE
from pulse.llm.providers.openai_batches import OpenAiBatches
from pulse.llm.providers.port import Answer, Completion
from pulse.llm.room import LlmRoom

EVERY_SECONDS = 30.0
_GATHER = timedelta(seconds=60)
"""How long a question waits for others to come with it."""
_LOOK = timedelta(seconds=60)
_LEASE = timedelta(minutes=10)
_LONGEST_PAUSE = timedelta(hours=1)
_MOST = 1_000

_logger = logging.getLogger(__name__)


async def tick(room: LlmRoom, tenant: TenantId) -> None:
    """Hand in what waits, look at what was handed in, and have the stories of an answer written on."""
    if not isinstance(room.provider, Engines):
        return
    engines = {(e.provider.name, e.provider.model): e for e in room.provider.engines if e.batches is not None}
    if not engines:
        return
    now = room.clock()
    async with room.database.transaction(tenant) as tx:
        await store.calls.lock(tx)
        for provider, model in engines:
            batch = {"id": new_id(), "provider": provider, "model": model, "created_at": now}
            await store.batches.gather(tx, batch, now - _GATHER, _MOST)
        claimed = await store.batches.claim(tx, now, now + _LEASE)
    for row in claimed:
        engine = engines.get((row["provider"], row["model"]))
        # A model that was taken out of the settings is waited for: what it was asked may be answered already.
        if engine is not None and engine.batches is not None:
            await _advance(room, tenant, engine, engine.batches, row)


async def _advance(room: LlmRoom, tenant: TenantId, engine: Engine, batches: OpenAiBatches, batch: RowMapping) -> None:
    async with room.database.transaction(tenant) as tx:
        rows = await store.batches.questions(tx, batch["id"])
    asked = {str(row["id"]): Completion(**row["request"]) for row in rows}
    stories = {str(row["id"]): row["story_id"] for row in rows}
    try:
        if batch["state"] == "submitting":
            name = await batches.find(str(batch["id"])) if batch["attempts"] > 1 else None
            name = name or await batches.submit(str(batch["id"]), asked)
            async with room.database.transaction(tenant) as tx:
                await store.batches.change(tx, batch["id"], "submitted", name, room.clock() + _LOOK)
            return
        found: Mapping[str, Answer | ProviderError] | None = await batches.look(batch["name"], asked)
    except ProviderError as error:
        if error.transient:
            pause = min(_LONGEST_PAUSE, _LOOK * 2 ** min(batch["attempts"], 10))
            _logger.warning("batch %s is looked at again in %s: %s", batch["id"], pause, error.message)
            async with room.database.transaction(tenant) as tx:
                await store.batches.change(tx, batch["id"], batch["state"], None, room.clock() + pause)
            return
        found = dict.fromkeys(asked, error)
    async with room.database.transaction(tenant) as tx:
        if found is None:
            await store.batches.change(tx, batch["id"], "submitted", None, room.clock() + _LOOK)
            return
        for key, came in found.items():
            ended = {"answer": came} if isinstance(came, Answer) else {"error": came}
            await store.calls.settle(tx, UUID(key), outcome(engine.prices, None, **ended))
        await store.batches.change(tx, batch["id"], "ended", None, room.clock())
        for story in sorted({story for story in stories.values() if story is not None}):
            await room.bus.enqueue(tx, SUMMARIZE, {"stories": [str(story)]})
