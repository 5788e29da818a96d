"""Prompts compared: the summary as it is written now beside one written with another prompt. Nothing is kept."""

import asyncio
from typing import Any

from starlette.responses import HTMLResponse, Response

from pulse.kernel.errors import PulseError
from pulse.news.models import Story
from pulse.web.pages.stories import newest
from pulse.web.trouble import trouble
from pulse.web.views import Tried
from pulse.web.visit import Visit


async def show(visit: Visit) -> Response:
    """Ask for a prompt to try."""
    return await _page(visit)


async def compare(visit: Visit) -> Response:
    """Write the story's summary with the prompt in use and with another one, and show them side by side."""
    form = await visit.form()
    prompt = form.text("prompt")
    try:
        wanted = {"story_id": str(visit.request.path_params["story_id"]), "prompt": form.needed("prompt", "the prompt")}
        answer = await visit.ask("llm", "POST", "/llm/try", json=wanted, key=form.text("key"))
    except PulseError as error:
        return await _page(visit, prompt=prompt, problem=error)
    return await _page(visit, prompt=prompt, tried=Tried.model_validate(answer))


async def _page(
    visit: Visit, *, prompt: str = "", tried: Tried | None = None, problem: PulseError | None = None
) -> HTMLResponse:
    story_id = str(visit.request.path_params["story_id"])
    found, summaries = await asyncio.gather(
        visit.ask("news", "GET", f"/stories/{story_id}"), visit.section("llm", "/summaries", {"story_id": story_id})
    )
    said = trouble(problem) if problem else None
    context: dict[str, Any] = {
        "story": Story.model_validate(found),
        "summary": newest(summaries),
        "prompt": prompt,
        "tried": tried,
        "trouble": said,
    }
    return visit.page("prompts.html", status=said.status if said else 200, **context)
