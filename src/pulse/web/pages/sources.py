"""Sources: their health, adding and changing them, OPML in and out."""

import asyncio
from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from starlette.responses import HTMLResponse, Response

from pulse.kernel.errors import PulseError
from pulse.news.models import Niche, Source
from pulse.web import documents
from pulse.web.errors import NoSuchPage
from pulse.web.forms import Form
from pulse.web.trouble import trouble
from pulse.web.visit import Visit
from pulse.web.wording import DONE

_WORST_FIRST = {"failing": 0, "new": 1, "ok": 2}
EMPTY = {"url": "", "niche": "", "full_text": "auto"}


async def listing(visit: Visit) -> Response:
    """Show all sources, those that need a look first."""
    return await _page(visit)


async def add(visit: Visit) -> Response:
    """Add a source by the address of its feed or of its site."""
    form = await visit.form()
    values = {name: form.text(name, default) for name, default in EMPTY.items()}
    try:
        wanted = {
            "url": _with_scheme(form.needed("url", "the address")),
            "niche": form.needed("niche", "the niche"),
            "full_text": values["full_text"],
        }
        added = await visit.ask("news", "POST", "/sources", json=wanted, key=form.text("key"))
    except PulseError as error:
        if visit.fragment is not None:
            raise
        return await _page(visit, values=values, problem=error)
    if others := added.get("other_feeds"):
        return await _page(visit, others=[str(url) for url in others], values={"niche": wanted["niche"]})
    return visit.go("/app/sources?done=source-added")


async def act(visit: Visit) -> Response:
    """Pause, resume, poll, change or delete a source; then show it as it is now."""
    source_id, action = str(visit.request.path_params["source_id"]), visit.request.path_params["action"]
    path = f"/sources/{source_id}"
    form = await visit.form()
    if action == "delete":
        await visit.ask("news", "DELETE", path)
        if visit.fragment == f"source-{source_id}":
            return visit.page("_said.html", said=DONE["source-deleted"])
        return visit.go("/app/sources?done=source-deleted")
    if action == "poll":
        await visit.ask("news", "POST", f"{path}/poll", key=form.text("key"))
        done = "source-polled"
    else:
        await visit.ask("news", "PATCH", path, json=_change(action, form))
        done = "source-changed"
    if visit.fragment == f"source-{source_id}":
        answer = await visit.ask("news", "GET", "/sources")
        for item in answer["sources"]:
            if item["id"] == source_id:
                return visit.page("_source_card.html", source=Source.model_validate(item), said=DONE[done])
    return visit.go(f"/app/sources?done={done}#source-{source_id}")


async def export(visit: Visit) -> Response:
    """Give the sources of a niche, or all, as an OPML file."""
    niche = visit.query("niche")
    text = await documents.fetch(visit, "news", "/sources/export", query={"niche": niche})
    name = quote(f"pulse-{niche or 'sources'}.opml")
    headers = {"content-disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(text, media_type="text/x-opml; charset=utf-8", headers=headers)


async def bring_in(visit: Visit) -> Response:
    """Take the sources of an OPML file, sent as a file or pasted as text."""
    form = await visit.form()
    text = form.text("file") or form.needed("text", "the OPML file, or its text")
    niche = form.needed("niche", "the niche")
    answer = await documents.send(
        visit,
        "news",
        "/sources/import",
        text.encode("utf-8", "surrogateescape"),
        content_type="text/x-opml",
        query={"niche": niche},
        key=form.text("key"),
    )
    return visit.page("sources_imported.html", result=answer, niche=niche)


def _change(action: str, form: Form) -> dict[str, Any]:
    match action:
        case "pause":
            return {"paused": True}
        case "resume":
            return {"paused": False}
        case "full-text":
            return {"full_text": form.needed("full_text", "the choice")}
    raise NoSuchPage(f"sources cannot {action}")


async def _page(
    visit: Visit,
    *,
    values: dict[str, str] | None = None,
    problem: PulseError | None = None,
    others: Sequence[str] = (),
) -> HTMLResponse:
    niche = visit.query("niche")
    answer, niches = await asyncio.gather(
        visit.ask("news", "GET", "/sources", query={"niche": niche}), visit.ask("news", "GET", "/niches")
    )
    sources = [Source.model_validate(item) for item in answer["sources"]]
    sources.sort(key=lambda source: (source.paused, _WORST_FIRST.get(source.state, 0), source.title.casefold()))
    said = trouble(problem) if problem else None
    return visit.page(
        "sources.html",
        status=said.status if said else 200,
        sources=sources,
        niches=[Niche.model_validate(item) for item in niches["niches"]],
        niche=niche,
        values={**EMPTY, "niche": niche or "", **(values or {})},
        trouble=said,
        others=others,
    )


def _with_scheme(address: str) -> str:
    """Return the address with `https://` before it where a person left that out."""
    return address if "://" in address else f"https://{address}"
