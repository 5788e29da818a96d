"""HTTP shapes of the budget and the ledger."""

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from pydantic import BaseModel, ConfigDict, Field

from pulse.http.access import may
from pulse.http.errors import BadRequest
from pulse.http.pages import decode_cursor, encode_cursor
from pulse.http.tokens import Permission, Principal
from pulse.llm import budget, handlers, store
from pulse.llm.models import Budget, BudgetPeriod, Cost, LedgerEntry, NicheBudget, SentenceCost, SummaryCosts
from pulse.llm.room import LlmRoom
from pulse.storage.engine import Transaction

Reader = Annotated[Principal, Depends(may(Permission.READ))]
Manager = Annotated[Principal, Depends(may(Permission.MANAGE))]
_MOST_DOLLARS = 1_000_000


class CapsRequest(BaseModel):
    """The most a day and a month may cost, in US dollars; null: no limit."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"day": 2.5, "month": 40}]})

    day: float | None = Field(ge=0, le=_MOST_DOLLARS)
    month: float | None = Field(ge=0, le=_MOST_DOLLARS)


class Ledger(BaseModel):
    """Calls, newest first."""

    entries: list[LedgerEntry]
    next_cursor: str | None


class Costs(BaseModel):
    """What calls cost since a moment, the dearest first."""

    since: datetime
    costs: list[Cost]


def router(room: LlmRoom) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["llm"])

    @router.get("/llm/budget", response_model=Budget, summary="Show what models may cost and have cost")
    async def show(principal: Reader) -> Budget:
        async with room.database.transaction(principal.tenant) as tx:
            return await _budget(room, tx)

    @router.put("/llm/budget", response_model=Budget, summary="Set what models may cost")
    async def change(
        request: CapsRequest,
        principal: Manager,
        niche: Annotated[str | None, Query(min_length=1, max_length=64)] = None,
    ) -> Budget:
        caps = budget.Caps(budget.micros(request.day), budget.micros(request.month))
        async with room.database.transaction(principal.tenant) as tx:
            await store.calls.set_caps(tx, caps, niche)
            return await _budget(room, tx)

    @router.get("/summaries/{summary_id}/costs", response_model=SummaryCosts, summary="Show what a summary cost")
    async def summary_costs(summary_id: UUID, principal: Reader) -> SummaryCosts:
        async with room.database.transaction(principal.tenant) as tx:
            summary = await handlers.summary(tx, summary_id)
            if summary.story_id is None or not summary.sentences:
                return SummaryCosts(cost=0, sentences=[])
            before = await store.summaries.written_before(tx, summary.story_id, summary.created_at)
            total, single = await store.calls.of_story(tx, summary.story_id, before, summary.created_at)
        texts = [sentence.text for sentence in summary.sentences]
        shared = budget.shares(total, [single.get(text, 0) for text in texts])
        return SummaryCosts(
            cost=total / budget.MICROS,
            sentences=[
                SentenceCost(text=text, cost=cost / budget.MICROS) for text, cost in zip(texts, shared, strict=True)
            ],
        )

    @router.get("/llm/costs", response_model=Costs, summary="Add up what models cost")
    async def costs(
        principal: Reader,
        by: Literal["stage", "niche", "model", "prompt", "story"] = "stage",
        period: Literal["day", "month"] = "month",
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
    ) -> Costs:
        day, month = budget.periods(room.clock())
        since = day if period == "day" else month
        async with room.database.transaction(principal.tenant) as tx:
            rows = await store.calls.costs(tx, by, since, limit)
        return Costs(since=since, costs=[Cost(**{**row, "cost": row["cost"] / budget.MICROS}) for row in rows])

    @router.get("/llm/ledger", response_model=Ledger, summary="List the calls of models")
    async def ledger(
        principal: Reader,
        story_id: UUID | None = None,
        niche: Annotated[str | None, Query(max_length=64)] = None,
        stage: Annotated[str | None, Query(max_length=64)] = None,
        model: Annotated[str | None, Query(max_length=200)] = None,
        limit: Annotated[int, Query(ge=1, le=200)] = 50,
        cursor: Annotated[str | None, Query(max_length=400)] = None,
    ) -> Ledger:
        before = moment_and_id(cursor) if cursor else None
        async with room.database.transaction(principal.tenant) as tx:
            rows = await store.calls.ledger(
                tx, story_id=story_id, niche=niche, stage=stage, model=model, before=before, limit=limit + 1
            )
        page = [
            LedgerEntry(**{**row, "cost": (row["reserved"] if row["cost"] is None else row["cost"]) / budget.MICROS})
            for row in rows[:limit]
        ]
        more = encode_cursor(page[-1].at, page[-1].id) if len(rows) > limit else None
        return Ledger(entries=page, next_cursor=more)

    return router


async def _budget(room: LlmRoom, tx: Transaction) -> Budget:
    settings = room.settings
    own = budget.Caps(budget.micros(settings.day_cap), budget.micros(settings.month_cap))
    caps = await store.calls.caps(tx)
    periods = budget.periods(room.clock())
    found = {
        niche: _periods(cap, await store.calls.spent(tx, *periods, niche=niche))
        for niche, cap in sorted({None: own, **caps}.items(), key=lambda item: item[0] or "")
    }
    day, month = found.pop(None)
    niches = [NicheBudget(niche=niche, day=of[0], month=of[1]) for niche, of in found.items() if niche]
    return Budget(day=day, month=month, niches=niches)


def _periods(caps: budget.Caps, spent: budget.Spent) -> tuple[BudgetPeriod, BudgetPeriod]:
    return _period(caps.day, spent.day, spent.day_reserved), _period(caps.month, spent.month, spent.month_reserved)


def _period(cap: int | None, spent: int, reserved: int) -> BudgetPeriod:
    return BudgetPeriod(
        cap=None if cap is None else cap / budget.MICROS,
        spent=spent / budget.MICROS,
        reserved=reserved / budget.MICROS,
    )


def moment_and_id(cursor: str) -> tuple[datetime, UUID]:
    """Return what a cursor of a list by time says. Raises `BadRequest`."""
    moment, identity = decode_cursor(cursor, 2)
    try:
        return datetime.fromisoformat(moment).astimezone(UTC), UUID(identity)
    except (TypeError, ValueError, AttributeError, OverflowError):
        raise BadRequest("the cursor is not one this list gave out") from None
