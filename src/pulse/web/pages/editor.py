"""The editor: a text about a story, each of its sentences checked against the sources before it can be saved."""

import asyncio
from typing import Any

from starlette.responses import Response

from pulse.kernel.errors import PulseError
from pulse.news.models import Story
from pulse.social.render import joined
from pulse.web.errors import BadForm
from pulse.web.pages.stories import newest, own_tones, readings
from pulse.web.trouble import Trouble, trouble
from pulse.web.views import Checked, ShownPost
from pulse.web.visit import Visit

_MOST = 5_000


async def show(visit: Visit) -> Response:
    """Show a story's newest summary, or a draft made from it, as text to change."""
    return await _page(visit, post_id=visit.query("post"))


async def check(visit: Visit) -> Response:
    """Have each sentence of the text judged, and show the verdicts beside the sources."""
    form = await visit.form()
    text, post_id, version = form.needed("text", "the text"), form.text("post") or None, form.text("version")
    try:
        checked = await _checked(visit, text)
    except PulseError as error:
        return await _page(visit, post_id=post_id, version=version, text=text, problem=error)
    return await _page(visit, post_id=post_id, version=version, text=text, checked=checked)


async def save(visit: Visit) -> Response:
    """Save a text that was checked: into the draft it was made from, else as a draft for a channel.

    What goes wrong is said beside the text, and the text stays: so does somebody else's, who was faster.
    """
    form = await visit.form()
    text, post_id = form.needed("text", "the text"), form.text("post") or None
    if len(text) > _MOST:
        raise BadForm(f"the text has more than {_MOST} characters")
    try:
        if post_id:
            version = form.number("version", "the version of the draft", least=1, most=999_999)
            wanted: dict[str, Any] = {"text": text, "version": version}
            saved = await visit.ask("social", "PATCH", f"/posts/{post_id}", json=wanted, key=form.text("key"))
        else:
            wanted = {"content": text, "platform": form.needed("platform", "the channel")}
            wanted["story_id"] = str(visit.request.path_params["story_id"])
            saved = await visit.ask("social", "POST", "/publish", json=wanted, key=form.text("key"))
    except PulseError as error:
        return await _page(visit, post_id=post_id, text=text, problem=error)
    return visit.go(f"/app/posts/{saved['id']}?done=edited")


async def _checked(visit: Visit, text: str) -> Checked:
    story_id = str(visit.request.path_params["story_id"])
    return Checked.model_validate(
        await visit.ask("llm", "POST", "/llm/check", json={"text": text, "story_id": story_id})
    )


def _story_path(visit: Visit) -> str:
    return f"/stories/{visit.request.path_params['story_id']}"


async def _page(
    visit: Visit,
    *,
    post_id: str | None,
    version: str = "",
    text: str | None = None,
    checked: Checked | None = None,
    problem: PulseError | None = None,
) -> Response:
    story_id = str(visit.request.path_params["story_id"])
    found, summaries, channels, tones = await asyncio.gather(
        visit.ask("news", "GET", _story_path(visit)),
        visit.section("llm", "/summaries", {"story_id": story_id}),
        visit.section("social", "/channels"),
        visit.section("llm", "/llm/tones"),
    )
    post = ShownPost.model_validate(await visit.ask("social", "GET", f"/posts/{post_id}")) if post_id else None
    story, summary = Story.model_validate(found), newest(summaries)
    receipt = checked or (post.told if post else summary)
    said = trouble(problem) if problem else None
    context: dict[str, Any] = {
        "story": story,
        "summary": post.told if post else summary,
        "post_id": post_id or "",
        # That of the draft which the person read: a change by somebody else in between is found when it is saved.
        "version": version or (post.version if post else ""),
        "text": text if text is not None else joined([item.text for item in receipt.sentences]) if receipt else "",
        "language_of_text": (post.told.language if post else summary.language if summary else None) or story.language,
        "checked": checked,
        "trouble": said,
        "readings": readings(story.articles, receipt),
        "own_tones": own_tones(tones, story.niche),
        "platforms": _kinds(channels, story.niche),
    }
    template = "_editor.html" if visit.fragment == "editor" else "edit.html"
    # htmx puts only a good answer in the place of the editor; what went wrong is said inside it.
    status = 200 if said is None or visit.fragment == "editor" else said.status
    return visit.page(template, status=status, **context)


def _kinds(channels: Any, niche: str) -> list[str]:
    """Return the kinds of channels that take drafts of this niche."""
    if isinstance(channels, Trouble):
        return []
    fitting = [item for item in channels["channels"] if not item["niches"] or niche in item["niches"]]
    return sorted({str(item["kind"]) for item in fitting})
