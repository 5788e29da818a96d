"""The budget: what models cost today and this month, for what, and how much they may cost."""

import asyncio

from starlette.responses import HTMLResponse, Response

from pulse.kernel.errors import PulseError
from pulse.web.errors import BadForm
from pulse.web.forms import Form
from pulse.web.trouble import Trouble, trouble
from pulse.web.views import Budget, Cost, LedgerEntry
from pulse.web.visit import Visit

_SUMS = ("stage", "niche", "model")
_SHOWN = 20
_MOST = 1_000_000.0


async def show(visit: Visit) -> Response:
    """Show the page."""
    return await _page(visit)


async def change(visit: Visit) -> Response:
    """Set the caps, of a niche where one is named; an empty field is no cap."""
    form = await visit.form()
    try:
        wanted = {"day": amount(form, "day"), "month": amount(form, "month")}
        niche = form.text("niche")
        await visit.ask("llm", "PUT", "/llm/budget", query={"niche": niche} if niche else None, json=wanted)
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


async def _page(visit: Visit, *, filled: Form | None = None, problem: PulseError | None = None) -> HTMLResponse:
    answer, niches, ledger, *sums = await asyncio.gather(
        visit.section("llm", "/llm/budget"),
        visit.section("news", "/niches"),
        visit.section("llm", "/llm/ledger", {"limit": _SHOWN}),
        *(visit.section("llm", "/llm/costs", {"by": by}) for by in _SUMS),
    )
    said = trouble(problem) if problem else None
    return visit.page(
        "budget.html",
        status=said.status if said else 200,
        budget=answer if isinstance(answer, Trouble) else Budget.model_validate(answer),
        niches=[] if isinstance(niches, Trouble) else [item["name"] for item in niches["niches"]],
        entries=ledger
        if isinstance(ledger, Trouble)
        else [LedgerEntry.model_validate(item) for item in ledger["entries"]],
        sums={
            by: [] if isinstance(found, Trouble) else [Cost.model_validate(item) for item in found["costs"]]
            for by, found in zip(_SUMS, sums, strict=True)
        },
        filled=filled,
        trouble=said,
    )
