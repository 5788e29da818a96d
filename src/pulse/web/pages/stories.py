"""Stories: the list, and one with its sources, its score and its checked summary."""

import asyncio
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from pulse.i18n import message
from pulse.news.models import Article, Niche, Story
from pulse.web import highlight
from pulse.web.highlight import Piece, Span
from pulse.web.trouble import Trouble
from pulse.web.views import Checked, Receipt, Summary
from pulse.web.visit import Visit

_PAGE = 20
ORDERS = {"score": message("Best first"), "new": message("Newest first")}


@dataclass(frozen=True, slots=True)
class Reading:
    """An article as it is laid beside the summary. `found` are the sentences whose source is marked in it.

    `adds`: it holds the source of a sentence that no article before it does.
    """

    article: Article
    paragraphs: list[list[Piece]]
    found: frozenset[int]
    adds: bool = False


async def listing(visit: Visit) -> Response:
    """Show a page of stories, or, for htmx, the next ones alone."""
    niche, cursor = visit.query("niche"), visit.query("cursor")
    order = visit.query("order") or "score"
    order = order if order in ORDERS else "score"
    query = {"niche": niche, "order": order, "limit": _PAGE, "cursor": cursor}
    answer, niches = await asyncio.gather(
        visit.ask("news", "GET", "/stories", query=query), visit.section("news", "/niches")
    )
    context: dict[str, Any] = {
        "stories": [Story.model_validate(item) for item in answer["stories"]],
        "more": _more(niche, order, answer.get("next_cursor")),
        "niche": niche,
        "order": order,
        "orders": ORDERS,
    }
    if visit.fragment == "more":
        return visit.page("_story_items.html", **context)
    known = [] if isinstance(niches, Trouble) else [Niche.model_validate(item) for item in niches["niches"]]
    return visit.page("stories.html", niches=known, later=cursor is not None, **context)


async def one(visit: Visit) -> Response:
    """Show a story."""
    story_id = str(visit.request.path_params["story_id"])
    answer, summaries, tones = await asyncio.gather(
        visit.ask("news", "GET", f"/stories/{story_id}"),
        visit.section("llm", "/summaries", {"story_id": story_id}),
        visit.section("llm", "/llm/tones"),
    )
    story = Story.model_validate(answer)
    summary = newest(summaries)
    return visit.page(
        "story.html",
        story=story,
        summary=summary,
        summary_trouble=summaries if isinstance(summaries, Trouble) else None,
        readings=readings(story.articles, summary),
        own_tones=own_tones(tones, story.niche),
    )


async def summarize(visit: Visit) -> Response:
    """Have a summary written now, in the tone and length that are asked for."""
    story_id = str(visit.request.path_params["story_id"])
    form = await visit.form()
    wanted: dict[str, Any] = {"story_id": story_id}
    if form.text("tone"):
        wanted["tone"] = form.text("tone")
    if form.text("max_length"):
        wanted["max_length"] = form.number("max_length", "the length", least=40, most=5_000)
    await visit.ask("llm", "POST", "/summarize", json=wanted, key=form.text("key"))
    return visit.go(f"/app/stories/{story_id}?done=summarized")


def readings(articles: list[Article], summary: Receipt | Checked | None) -> list[Reading]:
    """Return the articles with every place marked that a sentence of the summary rests on, cited ones first. Pure."""
    result = []
    for article in articles:
        spans = []
        for number, sentence in enumerate(summary.sentences if summary else (), 1):
            for citation in sentence.citations:
                if citation.article_id == str(article.id):
                    place = highlight.locate(article.content, citation.quote, citation.start, citation.end)
                    spans += [Span(*place, number)] if place else []
        found = frozenset(span.sentence for span in spans)
        result.append(Reading(article, highlight.paragraphs(article.content, spans), found))
    result.sort(key=lambda reading: min(reading.found, default=len(summary.sentences) + 1 if summary else 0))
    return _anchored_once(result)


def _anchored_once(readings: list[Reading]) -> list[Reading]:
    """Leave each sentence one place to jump to: the first that rests on it."""
    placed: set[int] = set()
    result = []
    for reading in readings:
        paragraphs = []
        for paragraph in reading.paragraphs:
            pieces = []
            for piece in paragraph:
                begins = tuple(number for number in piece.begins if number not in placed)
                placed.update(begins)
                pieces.append(replace(piece, begins=begins))
            paragraphs.append(pieces)
        adds = any(piece.begins for pieces in paragraphs for piece in pieces)
        result.append(replace(reading, paragraphs=paragraphs, adds=adds))
    return result


def own_tones(answer: Any, niche: str) -> list[str]:
    """Return the names of a niche's own tones among all; none where the list was not to be had."""
    if isinstance(answer, Trouble):
        return []
    return [str(tone["name"]) for tone in answer["tones"] if tone.get("niche") == niche]


def newest(answer: Any) -> Summary | None:
    """Return the newest of a list of summaries; None where there is none, or the list was not to be had."""
    if isinstance(answer, Trouble):
        return None
    summaries = [Summary.model_validate(item) for item in answer["summaries"]]
    return max(summaries, key=lambda summary: summary.created_at, default=None)


def _more(niche: str | None, order: str, cursor: str | None) -> str | None:
    if not cursor:
        return None
    parameters = {"niche": niche, "order": order, "cursor": cursor}
    return "/app/stories?" + urlencode({name: value for name, value in parameters.items() if value})
