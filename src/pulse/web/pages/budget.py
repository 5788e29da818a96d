"""The budget: what models cost today and this month, for what, and how much they may cost."""

import asyncio
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from starlette.responses import HTMLResponse, Response

from pulse.kernel.errors import PulseError
from pulse.web.errors import BadForm
from pulse.web.forms import Form
from pulse.web.trouble import Trouble, trouble
from pulse.web.views import Budget, LedgerEntry
from pulse.web.visit import Visit

_ENTRIES = 200
_SHOWN = 20
_MOST = 1_000_000.0


@dataclass(frozen=True, slots=True)
class Share:
    """What one stage, niche or model cost among others."""

    name: str
    calls: int
    tokens: int
    cost: float


async def show(visit: Visit) -> Response:
    """Show the page."""
    return await _page(visit)


async def change(visit: Visit) -> Response:
    """Set the caps; an empty field is no cap."""
    form = await visit.form()
    try:
        wanted = {"day": amount(form, "day"), "month": amount(form, "month")}
        await visit.ask("llm", "PUT", "/llm/budget", json=wanted)
    except PulseError as error:
        return await _page(visit, filled=form, problem=error)
    return visit.go("/app/budget?done=budget-changed")


def amount(form: Form, name: str) -> float | None:
    """Return an amount of money as people write it, None for an empty field. Raises `BadForm`. Pure."""
    text = form.text(name).replace(",", ".").removeprefix("$").strip()
    if not text:
        return None
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= _MOST:
        raise BadForm(f"{form.text(name)!r} is not an amount of money")
    return value


def shares(entries: Iterable[LedgerEntry], name: Callable[[LedgerEntry], str]) -> list[Share]:
    """Return what the entries cost by `name`, the dearest first. Pure."""
    groups: dict[str, list[LedgerEntry]] = {}
    for entry in entries:
        groups.setdefault(name(entry) or "–", []).append(entry)
    found = [
        Share(
            group,
            len(calls),
            sum(call.prompt_tokens + call.completion_tokens for call in calls),
            sum(call.cost for call in calls),
        )
        for group, calls in groups.items()
    ]
    return sorted(found, key=lambda share: (-share.cost, -share.calls, share.name))


async def _page(visit: Visit, *, filled: Form | None = None, problem: PulseError | None = None) -> HTMLResponse:
    answer, ledger = await asyncio.gather(
        visit.section("llm", "/llm/budget"), visit.section("llm", "/llm/ledger", {"limit": _ENTRIES})
    )
    entries = [] if isinstance(ledger, Trouble) else [LedgerEntry.model_validate(item) for item in ledger["entries"]]
    said = trouble(problem) if problem else None
    return visit.page(
        "budget.html",
        status=said.status if said else 200,
        budget=answer if isinstance(answer, Trouble) else Budget.model_validate(answer),
        entries=ledger if isinstance(ledger, Trouble) else entries[:_SHOWN],
        by_stage=shares(entries, lambda entry: entry.stage),
        by_niche=shares(entries, lambda entry: entry.niche or ""),
        by_model=shares(entries, lambda entry: entry.model),
        counted=len(entries),
        filled=filled,
        trouble=said,
    )
