"""Posts: what waits for a person, what became of the rest, and why."""

import asyncio
from datetime import datetime, timedelta
from math import ceil
from typing import Any
from urllib.parse import urlencode

from starlette.responses import Response

from pulse.social.posts import State
from pulse.web import schedule
from pulse.web.errors import BadForm, NoSuchPage
from pulse.web.forms import Form
from pulse.web.trouble import Trouble
from pulse.web.views import Happening, ShownPost
from pulse.web.visit import Visit
from pulse.web.wording import DONE, TABS

UNDO = timedelta(seconds=5)
"""How long an approved post waits for second thoughts."""
_PAGE = 20
_SOON = timedelta(minutes=1)


async def listing(visit: Visit) -> Response:
    """Show one tab of posts, or, for htmx, the next ones alone."""
    tab = visit.query("tab") or "to-approve"
    if tab not in TABS:
        raise NoSuchPage(f"posts have no tab {tab!r}")
    niche, cursor = visit.query("niche"), visit.query("cursor")
    query = {"state": list(TABS[tab][1]), "niche": niche, "limit": _PAGE, "cursor": cursor}
    answer, channels = await asyncio.gather(
        visit.ask("social", "GET", "/posts", query=query), visit.section("social", "/channels")
    )
    context: dict[str, Any] = {
        "posts": [ShownPost.model_validate(item) for item in answer["posts"]],
        "more": _more(tab, niche, answer.get("next_cursor")),
        "tab": tab,
    }
    if visit.fragment == "more":
        return visit.page("_post_items.html", **context)
    no_channels = not isinstance(channels, Trouble) and not channels["channels"]
    return visit.page("posts.html", no_channels=no_channels, later=cursor is not None, **context)


async def one(visit: Visit) -> Response:
    """Show a post with its receipt and its history."""
    path = f"/posts/{visit.request.path_params['post_id']}"
    post, why = await asyncio.gather(visit.ask("social", "GET", path), visit.section("social", f"{path}/why"))
    history = why if isinstance(why, Trouble) else [Happening.model_validate(item) for item in why["history"]]
    return visit.page("post.html", post=ShownPost.model_validate(post), history=history)


async def card(visit: Visit) -> Response:
    """Show a post as it stands in the list, for a card to follow its delivery."""
    answer = await visit.ask("social", "GET", f"/posts/{visit.request.path_params['post_id']}")
    post = ShownPost.model_validate(answer)
    return visit.page("_post_card.html", post=post, look=next_look(post, visit.room.clock()))


async def act(visit: Visit) -> Response:
    """Approve, reject, cancel, retry, restore or settle; then show the post as it is now."""
    post_id, action = str(visit.request.path_params["post_id"]), visit.request.path_params["action"]
    form = await visit.form()
    body, done = _request(action, form, visit)
    answer = await visit.ask("social", "POST", f"/posts/{post_id}/{action}", json=body, key=form.text("key"))
    if visit.fragment == f"post-{post_id}":
        post = ShownPost.model_validate(answer)
        return visit.page("_post_card.html", post=post, said=DONE[done], look=next_look(post, visit.room.clock()))
    return visit.go(f"/app/posts/{post_id}?done={done}")


def next_look(post: ShownPost, now: datetime) -> int | None:
    """Return after how many seconds the post's state is worth another look, or None when nothing is about to change.

    Less and less often, should it be stuck. Pure.
    """
    if post.state is State.SCHEDULED and post.scheduled_at is not None:
        wait = (post.scheduled_at - now).total_seconds()
        return max(2, ceil(wait) + 1) if wait < _SOON.total_seconds() else None
    if post.state in (State.APPROVED, State.SENDING):
        return min(30, max(2, int((now - post.updated_at).total_seconds() / 2)))
    return None


def _request(action: str, form: Form, visit: Visit) -> tuple[dict[str, Any] | None, str]:
    """Return the body of the request to the service, and the word for what was done."""
    match action:
        case "approve" if form.text("when") == "later":
            at = schedule.moment(form.needed("local", "the time to send it at"), form.text("zone", "UTC"))
            if schedule.is_past(at, visit.room.clock()):
                raise BadForm("that time is over")
            return {"schedule_at": at.isoformat()}, "scheduled"
        case "approve":
            # Publishing cannot be undone, so for a moment it has not happened yet.
            return {"schedule_at": (visit.room.clock() + UNDO).isoformat()}, "approved"
        case "reject":
            return {"reason": form.needed("reason", "the reason")}, "rejected"
        case "cancel":
            return {"reason": form.text("reason")}, "cancelled"
        case "retry":
            return None, "retried"
        case "restore":
            numbers = (("version", "the version of the draft"), ("former", "the version to take back"))
            return {name: form.number(name, words, least=1, most=999_999) for name, words in numbers}, "restored"
        case "settle":
            found = form.text("found") == "yes"
            return {"url": form.needed("url", "the address of the post") if found else None}, "settled"
    raise NoSuchPage(f"posts cannot {action}")


def _more(tab: str, niche: str | None, cursor: str | None) -> str | None:
    if not cursor:
        return None
    parameters = {"tab": tab, "niche": niche, "cursor": cursor}
    return "/app/posts?" + urlencode({name: value for name, value in parameters.items() if value})
