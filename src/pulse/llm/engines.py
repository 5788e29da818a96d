"""The models of the settings: which are asked for a niche and a stage, in which order, and with how much patience."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from pulse.kernel.clock import Clock
from pulse.llm import retry
from pulse.llm.accounting import Accounted, Purpose
from pulse.llm.breaker import Breaker
from pulse.llm.budget import Caps, Prices
from pulse.llm.deferring import Deferred
from pulse.llm.errors import ProviderError, ProviderRejected, ProviderTimedOut, ProviderUnavailable
from pulse.llm.providers.local import Local
from pulse.llm.providers.openai_batches import OpenAiBatches
from pulse.llm.providers.port import Answer, Completion, Provider
from pulse.llm.repairing import Repairing
from pulse.storage.engine import Database


@dataclass(frozen=True)
class Engine:
    """A model with its prices, and what it is for: empty `stages` or `niches` mean all of them.

    One with `batches` is for what can wait, and never judges: a sentence's verdict is wanted at once.
    """

    provider: Provider
    prices: Prices
    stages: frozenset[str] = frozenset()
    niches: frozenset[str] = frozenset()
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(4))
    breaker: Breaker = field(default_factory=Breaker)
    batches: OpenAiBatches | None = None

    def serves(self, stage: str, niche: str | None, *, waits: bool = False) -> bool:
        """Say whether the model is for this. A prompt is tried with the models that write drafts."""
        if self.batches is not None and (not waits or stage == "judge"):
            return False
        stage = "draft" if stage == "try" else stage
        return (not self.stages or stage in self.stages) and (not self.niches or niche in self.niches)


@dataclass(frozen=True)
class Patient:
    """`provider` with the patience of its engine: slots, a breaker, and another try after a wait.

    Each try is a call of its own in the ledger.
    """

    provider: Provider
    engine: Engine
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    clock: Callable[[], float] = time.monotonic

    @property
    def name(self) -> str:
        """The provider's."""
        return self.provider.name

    @property
    def model(self) -> str:
        """The provider's."""
        return self.provider.model

    async def complete(self, request: Completion) -> Answer:
        """Ask until there is an answer or no use in asking. Raises what the provider raises."""
        attempt = 1
        while True:
            try:
                return await self._once(request)
            except ProviderError as error:
                seconds = retry.wait(error, attempt, random.random())
                if seconds is None:
                    raise
            # Outside the slot: who waits keeps nobody else from asking.
            await self.sleep(seconds)
            attempt += 1

    async def _once(self, request: Completion) -> Answer:
        breaker = self.engine.breaker
        async with self.engine.slots:
            if not breaker.admits(self.clock()):
                seconds = max(breaker.open_until - self.clock(), 0.0)
                raise ProviderUnavailable(f"{self.model} failed too often and is left alone", retry_after=seconds)
            try:
                answer = await self.provider.complete(request)
            except (ProviderUnavailable, ProviderTimedOut):
                breaker.failed(self.clock())
                raise
            except ProviderError:
                # It is there, and works; only this did not.
                breaker.succeeded()
                raise
            breaker.succeeded()
            return answer


@dataclass(frozen=True)
class Fallbacks:
    """Providers asked in order, until one answers."""

    providers: Sequence[Provider]

    @property
    def name(self) -> str:
        """That of the first."""
        return self.providers[0].name

    @property
    def model(self) -> str:
        """That of the first."""
        return self.providers[0].model

    async def complete(self, request: Completion) -> Answer:
        """Return the first answer. Raises what the first raised that is worth another try later, else the first."""
        failures: list[ProviderError] = []
        for provider in self.providers:
            try:
                return await provider.complete(request)
            except ProviderError as error:
                failures.append(error)
        raise next((error for error in failures if error.transient), failures[0])


@dataclass(frozen=True)
class Engines:
    """All models of a process, in the order of the settings. Without a purpose the first one is meant."""

    engines: tuple[Engine, ...]

    @property
    def name(self) -> str:
        """That of the first."""
        return self.engines[0].provider.name

    @property
    def model(self) -> str:
        """That of the first."""
        return self.engines[0].provider.model

    async def close(self) -> None:
        """End what was started for the models on this machine."""
        for engine in self.engines:
            if isinstance(engine.provider, Local):
                await engine.provider.close()

    def first(self, stage: str) -> Provider:
        """Return the first model for a stage, whatever the niche; the first of all where none names it."""
        asked = [engine for engine in self.engines if engine.batches is None]
        serving = [engine for engine in asked if not engine.stages or stage in engine.stages]
        return (serving or asked or self.engines)[0].provider

    def purposed(
        self, purpose: Purpose, database: Database, caps: Caps, clock: Clock, patience: timedelta
    ) -> "Purposed | None":
        """Return the models for one purpose, every call of them in the ledger; None where no model is for it."""
        found = Purposed(self, purpose, database, caps, clock, patience)
        return found if found.chosen(purpose) else None


@dataclass(frozen=True)
class Purposed:
    """The models for one purpose, as a provider."""

    engines: Engines
    purpose: Purpose
    database: Database
    caps: Caps
    clock: Clock
    patience: timedelta

    @property
    def name(self) -> str:
        """That of the first model for the purpose."""
        return self.chosen(self.purpose)[0].provider.name

    @property
    def model(self) -> str:
        """That of the first model for the purpose."""
        return self.chosen(self.purpose)[0].provider.model

    def chosen(self, purpose: Purpose) -> list[Engine]:
        """Return the models for a purpose, in order."""
        return [
            engine
            for engine in self.engines.engines
            if engine.serves(purpose.stage, purpose.niche, waits=purpose.waits)
        ]

    async def complete(self, request: Completion) -> Answer:
        """Ask the models for the request's stage in order. Raises what `Fallbacks` raises, and `AnswerLater`."""
        purpose = replace(self.purpose, stage=request.stage or self.purpose.stage)
        chosen = self.chosen(purpose)
        if not chosen:
            raise ProviderRejected(f"no model of PULSE_LLM__MODELS is for the stage {purpose.stage!r}")
        accounted = (self._accounted(engine, purpose) for engine in chosen)
        return await Fallbacks(tuple(map(Repairing, accounted))).complete(request)

    def _accounted(self, engine: Engine, purpose: Purpose) -> Provider:
        accounted = Accounted(
            engine.provider, self.database, engine.prices, self.caps, purpose, self.clock, self.patience
        )
        return Patient(accounted, engine) if engine.batches is None else Deferred(accounted)
