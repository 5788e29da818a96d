"""The front page: four live figures, the newest stories, and what waits for a person."""

import asyncio
from typing import Any

from starlette.responses import Response

from pulse.news.models import Source, Story
from pulse.web.trouble import Trouble
from pulse.web.views import Figures, ShownPost
from pulse.web.visit import Visit

_STORIES = 7
_POSTS = 4
_SOURCES = 5


async def show(visit: Visit) -> Response:
    """Show the whole page."""
    figures, context = await asyncio.gather(visit.section("analytics", "/stats/live"), _lists(visit))
    shown = Figures() if isinstance(figures, Trouble) else Figures.model_validate(figures)
    return visit.page("overview.html", figures=shown, **context)


async def lists(visit: Visit) -> Response:
    """Show the lists alone, for the page to refresh itself."""
    return visit.page("_overview_lists.html", **await _lists(visit))


async def _lists(visit: Visit) -> dict[str, Any]:
    stories, posts, uncertain, sources = await asyncio.gather(
        visit.section("news", "/stories", {"order": "new", "limit": _STORIES}),
        visit.section("social", "/posts", {"state": ["draft"], "limit": _POSTS + 1}),
        visit.section("social", "/posts", {"state": ["unknown", "failed"], "limit": _POSTS}),
        visit.section("news", "/sources"),
    )
    every_source = _models(Source, sources, "sources")
    return {
        "stories": _models(Story, stories, "stories"),
        "posts": _models(ShownPost, posts, "posts"),
        "uncertain": _models(ShownPost, uncertain, "posts"),
        "sources": every_source,
        "failing": every_source
        if isinstance(every_source, Trouble)
        else [source for source in every_source if source.state == "failing" and not source.paused][:_SOURCES],
        "posts_shown": _POSTS,
    }


def _models(model: Any, answer: Any, name: str) -> Any:
    return answer if isinstance(answer, Trouble) else [model.model_validate(item) for item in answer[name]]
