"""A provider whose calls wait for a batch: asked, it answers from the store or says that the answer comes later."""

from dataclasses import dataclass

from pulse.kernel.ids import new_id
from pulse.llm import store
from pulse.llm.accounting import Accounted, request_hash, stored_answer
from pulse.llm.errors import AnswerLater, NotInBatch
from pulse.llm.providers.port import Answer, Completion


@dataclass(frozen=True)
class Deferred:
    """The calls of `accounted`, in its ledger and within its budget, and not made here: `batching` hands them in."""

    accounted: Accounted

    @property
    def name(self) -> str:
        """The provider's."""
        return self.accounted.name

    @property
    def model(self) -> str:
        """The provider's."""
        return self.accounted.model

    async def complete(self, request: Completion) -> Answer:
        """Return the answer, if a batch has brought it.

        Raises `AnswerLater` while it has not, `NotInBatch` where it brought none, and `BudgetExhausted`.
        """
        hashed = request_hash(self.accounted.provider, request)
        async with self.accounted.database.transaction(self.accounted.purpose.tenant) as tx:
            await store.calls.lock(tx)
            known = await store.calls.answered(tx, hashed)
            if known is not None:
                return stored_answer(known)
            if not await store.batches.waits(tx, hashed):
                if why := await store.batches.failed(tx, hashed):
                    raise NotInBatch(f"a batch did not answer this: {why}")
                await self.accounted.reserve(tx, new_id(), hashed, request, waits=True)
        raise AnswerLater(f"{self.model} is asked for it in a batch")
