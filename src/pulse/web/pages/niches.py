"""Niches: what Pulse watches, and how far it may go by itself."""

import asyncio
import re
from typing import Any
from urllib.parse import quote

from starlette.responses import HTMLResponse, Response

from pulse.kernel.errors import PulseError
from pulse.news.models import Niche
from pulse.social.models import Publishing
from pulse.web.forms import Form
from pulse.web.pages.stories import own_tones
from pulse.web.trouble import Trouble, trouble
from pulse.web.visit import Visit
from pulse.web.wording import TONES

EMPTY = {"title": "", "keywords": "", "language": "", "tone": ""}


async def listing(visit: Visit) -> Response:
    """Show all niches."""
    return await _page(visit)


async def add(visit: Visit) -> Response:
    """Add a niche; its name, which is part of addresses, is made from its title."""
    form = await visit.form()
    try:
        title = form.needed("title", "the title")
        wanted = {"name": form.text("name") or slug(title), "title": title, **_details(form)}
        await visit.ask("news", "POST", "/niches", json=wanted, key=form.text("key"))
    except PulseError as error:
        if visit.fragment is not None:
            raise
        return await _page(visit, values={name: form.text(name) for name in EMPTY}, problem=error)
    return visit.go("/app/niches?done=niche-added")


async def change(visit: Visit) -> Response:
    """Change a niche's title, keywords, language and tone."""
    name = visit.request.path_params["name"]
    form = await visit.form()
    wanted = {"title": form.needed("title", "the title"), **_details(form)}
    await visit.ask("news", "PATCH", f"/niches/{quote(name, safe='')}", json=wanted)
    return visit.go(f"/app/niches?done=niche-changed#niche-{quote(name, safe='')}")


async def publishing(visit: Visit) -> Response:
    """Switch autopilot, and set how many posts a day it may let go."""
    name = visit.request.path_params["name"]
    form = await visit.form()
    limit = form.number("daily_limit", "the number of posts a day", least=0, most=1_000)
    wanted = {"autopilot": form.flag("autopilot"), "daily_limit": limit}
    await visit.ask("social", "PUT", f"/publishing/{quote(name, safe='')}", json=wanted)
    return visit.go(f"/app/niches?done=niche-changed#niche-{quote(name, safe='')}")


def slug(title: str) -> str:
    """Return a name for addresses: `Science & Health` becomes `science-health`. Pure."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:63]


def keywords(text: str) -> list[str]:
    """Return the words or phrases of a text, separated by commas or lines, each once. Pure."""
    found = (re.sub(r"\s+", " ", word).strip() for word in re.split(r"[,;\n]", text))
    return list(dict.fromkeys(word for word in found if word))


def _details(form: Form) -> dict[str, Any]:
    single = {name: form.text(name) or None for name in ("language", "tone")}
    return {"keywords": keywords(form.text("keywords")), **single}


def _unlisted(niche: Niche) -> list[str]:
    return [niche.tone] if niche.tone and niche.tone not in TONES else []


async def _page(
    visit: Visit, *, values: dict[str, str] | None = None, problem: PulseError | None = None
) -> HTMLResponse:
    answer, tones = await asyncio.gather(visit.ask("news", "GET", "/niches"), visit.section("llm", "/llm/tones"))
    niches = [Niche.model_validate(item) for item in answer["niches"]]
    paths = [f"/publishing/{quote(niche.name, safe='')}" for niche in niches]
    answers = await asyncio.gather(*(visit.section("social", path) for path in paths))
    rules = {
        niche.name: rule if isinstance(rule, Trouble) else Publishing.model_validate(rule)
        for niche, rule in zip(niches, answers, strict=True)
    }
    said = trouble(problem) if problem else None
    return visit.page(
        "niches.html",
        status=said.status if said else 200,
        niches=niches,
        rules=rules,
        # A tone that is not there any more is shown as long as the niche has it.
        own_tones={
            niche.name: list(dict.fromkeys([*own_tones(tones, niche.name), *_unlisted(niche)])) for niche in niches
        },
        values=EMPTY | (values or {}),
        trouble=said,
    )
