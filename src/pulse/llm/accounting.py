"""A provider whose every call is in the ledger, within the budget, and paid for once.

Before the call its worst cost is reserved, in one transaction that only one worker of a tenant enters at a time; after
it what it did cost takes the place of that. A worker that dies in between leaves the reservation standing, and it goes
on counting: the cap is never exceeded, and never open because something failed.

What is asked twice at once is paid for once: the second waits for the first's answer, as long as one may take. What a
worker asked and died before it heard the answer is asked again: no provider says what it was.
"""

import asyncio
import hashlib
import time
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import RowMapping

from pulse.kernel.clock import Clock
from pulse.kernel.ids import new_id
from pulse.kernel.tenant import TenantId
from pulse.llm import budget, store
from pulse.llm.errors import BudgetExhausted, ProviderError
from pulse.llm.providers.port import Answer, Completion, Provider
from pulse.llm.shapes import Usage
from pulse.storage.engine import Database, Transaction

_LOOK_AGAIN_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Purpose:
    """Whom a call is for, and what. `waits`: whoever asks can be told later."""

    tenant: TenantId
    stage: str
    niche: str | None = None
    story_id: UUID | None = None
    waits: bool = False


@dataclass(frozen=True)
class Accounted:
    """`provider`, with its calls accounted for. `caps` hold where a tenant has set none of its own.

    `patience` is how long an answer may take.
    """

    provider: Provider
    database: Database
    prices: budget.Prices
    caps: budget.Caps
    purpose: Purpose
    clock: Clock
    patience: timedelta = timedelta(seconds=60)

    @property
    def name(self) -> str:
        """The provider's."""
        return self.provider.name

    @property
    def model(self) -> str:
        """The provider's."""
        return self.provider.model

    async def complete(self, request: Completion) -> Answer:
        """Answer from the store, or ask once within the budget.

        Raises `BudgetExhausted` and what the provider raises.
        """
        hashed = request_hash(self.provider, request)
        call_id = new_id()
        # Who asks may be in another process: only the table knows of both.
        while (known := await self._known_or_reserved(call_id, hashed, request)) is _BEING_ASKED:  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_AGAIN_SECONDS)
        if isinstance(known, Answer):
            return known
        started = time.perf_counter()
        try:
            answer = await self.provider.complete(request)
        except ProviderError as error:
            await self._settle(call_id, started, error=error)
            raise
        await self._settle(call_id, started, answer=answer)
        return replace(answer, engine=f"{self.name}:{self.model}")

    async def _known_or_reserved(self, call_id: UUID, hashed: str, request: Completion) -> "Answer | object | None":
        """Return the answer that is known, `_BEING_ASKED`, or None: then the call is reserved and must be made."""
        async with self.database.transaction(self.purpose.tenant) as tx:
            # Locked before looking, so that of two who ask the same at once the second sees the first.
            await store.calls.lock(tx)
            known = await store.calls.answered(tx, hashed)
            if known is not None:
                return stored_answer(known)
            if await store.calls.being_asked(tx, hashed, since=self.clock() - self.patience):
                return _BEING_ASKED
            await self.reserve(tx, call_id, hashed, request)
            return None

    async def reserve(
        self, tx: Transaction, call_id: UUID, hashed: str, request: Completion, *, waits: bool = False
    ) -> None:
        """Set a call's worst cost aside; one that `waits` is kept with what it asks. Raises `BudgetExhausted`.

        The transaction holds the lock of `store.calls.lock`.
        """
        now, most = self.clock(), self.prices.most(request)
        caps = await store.calls.caps(tx)
        niche = self.purpose.niche
        for whose, cap in ((None, caps.get(None, self.caps)), (niche, caps.get(niche) if niche else None)):
            if cap is None:
                continue
            spent = await store.calls.spent(tx, *budget.periods(now), niche=whose)
            if period := budget.exhausted(cap, spent, most):
                of = f" of the niche {whose}" if whose else ""
                raise BudgetExhausted(f"the {period}'s budget{of} for models is used up", period=period, niche=whose)
        await store.calls.reserve(
            tx,
            {
                "id": call_id,
                "request_hash": hashed,
                "provider": self.name,
                "model": self.model,
                "stage": self.purpose.stage,
                "niche": self.purpose.niche,
                "story_id": self.purpose.story_id,
                "prompt_version": request.prompt_version,
                "sentence": request.sentence,
                "state": "waiting" if waits else "open",
                "request": asdict(request) if waits else None,
                "reserved": most,
                "created_at": now,
            },
        )

    async def _settle(
        self, call_id: UUID, started: float, answer: Answer | None = None, error: ProviderError | None = None
    ) -> None:
        seconds = time.perf_counter() - started
        async with self.database.transaction(self.purpose.tenant) as tx:
            await store.calls.settle(tx, call_id, outcome(self.prices, seconds, answer, error))


_BEING_ASKED = object()


def outcome(
    prices: budget.Prices, seconds: float | None, answer: Answer | None = None, error: ProviderError | None = None
) -> dict[str, Any]:
    """Return how a call ended, as `store.calls.settle` writes it down."""
    usage = answer.usage if answer else _billed(error)
    return {
        "state": "answered" if answer else "failed",
        "cost": prices.cost(usage) if usage else 0 if error and error.free else None,
        "prompt_tokens": usage.prompt_tokens if usage else None,
        "completion_tokens": usage.completion_tokens if usage else None,
        "cached_tokens": usage.cached_tokens if usage else None,
        "answer": _value(answer) if answer else None,
        "error": f"{error.code}: {error.message}" if error else None,
        "seconds": seconds,
    }


def request_hash(provider: Provider, request: Completion) -> str:
    """Return a hash of everything a model is asked."""
    material = [
        provider.name,
        provider.model,
        request.system,
        request.user,
        dict(request.schema) if request.schema else None,
        request.max_tokens,
        request.temperature,
        request.logprobs,
    ]
    return hashlib.sha256(orjson.dumps(material)).hexdigest()


def _value(answer: Answer) -> dict[str, Any]:
    logprobs = dict(answer.logprobs) if answer.logprobs else None
    return {"text": answer.text, "model": answer.model, "finish": answer.finish_reason, "logprobs": logprobs}


def stored_answer(row: RowMapping) -> Answer:
    """Return the answer that `store.calls.answered` found."""
    value = row["answer"]
    usage = Usage(row["prompt_tokens"], row["completion_tokens"])
    engine = f"{row['provider']}:{row['model']}"
    return Answer(value["text"], value["model"], usage, value["finish"], None, value["logprobs"], engine)


def _billed(error: ProviderError | None) -> Usage | None:
    usage = error.details.get("usage") if error else None
    return Usage(usage["prompt"], usage["completion"], cached_tokens=usage["cached"]) if usage else None
