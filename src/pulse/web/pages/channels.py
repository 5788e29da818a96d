"""Channels: the accounts Pulse publishes to. A secret goes in and never comes out again."""

import asyncio
from dataclasses import dataclass

from starlette.responses import HTMLResponse, Response

from pulse.i18n import message
from pulse.kernel.errors import PulseError
from pulse.news.models import Niche
from pulse.social.models import ChannelShown
from pulse.web.errors import BadForm, NoSuchPage
from pulse.web.forms import Form
from pulse.web.trouble import Trouble, trouble
from pulse.web.visit import Visit


@dataclass(frozen=True, slots=True)
class Field:
    """A setting of a platform, as a form asks for it."""

    name: str
    label: str
    hint: str
    placeholder: str = ""
    value: str = ""
    kind: str = "text"


@dataclass(frozen=True, slots=True)
class Platform:
    """What a form asks for to add an account."""

    kind: str
    title: str
    about: str
    fields: tuple[Field, ...]
    secret: str = ""
    secret_hint: str = ""


PLATFORMS = (
    Platform(
        "bluesky",
        "Bluesky",
        message("Posts with link and card, 300 characters as people count them."),
        (
            Field(
                "server",
                message("Server"),
                message("Leave it, unless you run your own."),
                value="https://bsky.social",
                kind="url",
            ),
            Field("handle", message("Handle"), message("Without the @."), placeholder="news.example.org"),
        ),
        message("App password"),
        message("Made in Bluesky under Settings, Privacy and security, App passwords. Not the account's own password."),
    ),
    Platform(
        "mastodon",
        "Mastodon",
        message("Any server that speaks Mastodon's API. Pulse asks it for its limits."),
        (
            Field(
                "server",
                message("Server"),
                message("The address of the account's home."),
                placeholder="https://mastodon.example",
                kind="url",
            ),
        ),
        message("Access token"),
        message(
            "Made on the server under Preferences, Development, with write:statuses, read:statuses and read:accounts."
        ),
    ),
    Platform(
        "site",
        message("Site"),
        message(
            "Pages of your own with Atom and JSON Feed, and a receipt page for each post. Needs no account anywhere."
        ),
        (),
    ),
)
"""The platforms, in the order in which the form shows them."""


async def listing(visit: Visit) -> Response:
    """Show all channels."""
    return await _page(visit)


async def add(visit: Visit) -> Response:
    """Add an account."""
    form = await visit.form()
    kind = form.text("kind")
    try:
        platform = _platform(kind)
        wanted = {
            "kind": kind,
            "name": form.needed("name", "the name"),
            "niches": form.all("niches"),
            "settings": {field.name: form.needed(field.name, field.label.lower()) for field in platform.fields},
        }
        if platform.secret:
            wanted["secret"] = form.needed("secret", platform.secret.lower())
        await visit.ask("social", "POST", "/channels", json=wanted, key=form.text("key"))
    except PulseError as error:
        if visit.fragment is not None:
            raise
        return await _page(visit, filled=form, problem=error)
    return visit.go("/app/channels?done=channel-added")


async def act(visit: Visit) -> Response:
    """Pause, resume, change or delete an account, or give it a new secret."""
    channel_id, action = visit.request.path_params["channel_id"], visit.request.path_params["action"]
    form = await visit.form()
    path = f"/channels/{channel_id}"
    if action == "delete":
        await visit.ask("social", "DELETE", path)
        return visit.go("/app/channels?done=channel-deleted")
    match action:
        case "pause" | "resume":
            change: dict[str, object] = {"paused": action == "pause"}
        case "niches":
            change = {"niches": form.all("niches")}
        case "secret":
            change = {"secret": form.needed("secret", "the new secret")}
        case _:
            raise NoSuchPage(f"channels cannot {action}")
    await visit.ask("social", "PATCH", path, json=change)
    return visit.go(f"/app/channels?done=channel-changed#channel-{channel_id}")


def _platform(kind: str) -> Platform:
    for platform in PLATFORMS:
        if platform.kind == kind:
            return platform
    raise BadForm(f"there is no platform {kind!r}")


async def _page(visit: Visit, *, filled: Form | None = None, problem: PulseError | None = None) -> HTMLResponse:
    answer, niches = await asyncio.gather(visit.ask("social", "GET", "/channels"), visit.section("news", "/niches"))
    said = trouble(problem) if problem else None
    return visit.page(
        "channels.html",
        status=said.status if said else 200,
        channels=[ChannelShown.model_validate(item) for item in answer["channels"]],
        niches=[] if isinstance(niches, Trouble) else [Niche.model_validate(item) for item in niches["niches"]],
        platforms=PLATFORMS,
        secrets={platform.kind: platform.secret for platform in PLATFORMS},
        filled=filled or Form(()),
        trouble=said,
    )
