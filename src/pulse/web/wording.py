"""The words for what a machine says: states, events, notices. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from pulse.web.views import Happening


@dataclass(frozen=True, slots=True)
class Words:
    """A state: its name, what it means, and its tone (`calm`, `good`, `doubt` or `bad`), which styles colour."""

    name: str
    meaning: str
    tone: str


STATES: Mapping[str, Words] = {
    "draft": Words("To approve", "Written and checked. Goes nowhere until somebody approves it.", "doubt"),
    "approved": Words("Approved", "On its way to the channel.", "calm"),
    "scheduled": Words("Scheduled", "Goes out at its time. Until then it can be cancelled.", "calm"),
    "sending": Words("Sending", "Being delivered right now.", "calm"),
    "unknown": Words(
        "Unknown",
        "The platform did not say whether it took the post. Pulse reads back, and sends nothing before it knows.",
        "doubt",
    ),
    "published": Words("Published", "The platform confirmed it.", "good"),
    "failed": Words("Failed", "The platform refused it. Nothing is sent again unless you retry.", "bad"),
    "rejected": Words("Turned down", "Somebody decided against it.", "calm"),
    "cancelled": Words("Cancelled", "Taken back before it was sent.", "calm"),
}
"""Every state of a post."""

TABS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "to-approve": ("To approve", ("draft",)),
    "scheduled": ("Scheduled", ("approved", "scheduled", "sending")),
    "published": ("Published", ("published",)),
    "unknown": ("Unknown", ("unknown",)),
    "failed": ("Failed", ("failed",)),
    "set-aside": ("Set aside", ("rejected", "cancelled")),
}
"""The tabs of the posts page: their titles, and the states each shows."""

EMPTY_TABS: Mapping[str, str] = {
    "to-approve": "Nothing waits for you. New drafts appear here as soon as stories are summarised.",
    "scheduled": "Nothing is waiting to go out.",
    "published": "Nothing has been published yet. Approve a draft, and it will be here with its receipt.",
    "unknown": "No doubts: the platforms answered every time.",
    "failed": "Nothing failed.",
    "set-aside": "Nothing was turned down or cancelled.",
}

HEALTH: Mapping[str, Words] = {
    "new": Words("New", "Not polled yet.", "calm"),
    "ok": Words("Healthy", "The last poll went well.", "good"),
    "failing": Words("Failing", "The last poll went wrong. Pulse keeps trying, less and less often.", "bad"),
}
"""Every state of a source."""

FULL_TEXT: Mapping[str, str] = {
    "auto": "where the feed has only a teaser",
    "always": "always",
    "never": "never",
}
"""When an article's own page is read."""

DONE: Mapping[str, str] = {
    "approved": "Approved. It goes out in five seconds; until then it can be undone.",
    "scheduled": "Approved and scheduled.",
    "rejected": "Turned down.",
    "cancelled": "Cancelled. It was not sent.",
    "retried": "Back in the queue, rendered anew.",
    "settled": "Noted, thank you.",
    "source-added": "Source added. Its first articles arrive with the next poll.",
    "source-known": "That source was there already.",
    "source-deleted": "Source deleted. Its articles stay.",
    "source-changed": "Saved.",
    "source-polled": "It will be polled at once.",
    "niche-added": "Niche added. Next, give it a source.",
    "niche-changed": "Saved.",
    "channel-added": "Channel added. New summaries are drafted for it from now on.",
    "channel-changed": "Saved.",
    "channel-deleted": "Channel deleted. What was posted stays.",
    "summarized": "A summary was written and checked.",
    "signed-out": "You are signed out.",
}
"""Notices, by the word that a redirect carries."""

SCORE_PARTS: tuple[tuple[str, str, float, str], ...] = (
    ("model", "Model", 0.4, "how likely readers care, learned from what they did"),
    ("relevance", "Relevance", 0.3, "how well it fits the niche's keywords"),
    ("freshness", "Freshness", 0.2, "how new it is"),
    ("authority", "Authority", 0.1, "how much its sources are trusted"),
)
"""The parts of a story's score: field, name, weight, meaning (requirement 4.3)."""


def happening(entry: Happening) -> tuple[str, str, str | None]:
    """Return a post's event as a headline, a detail (may be empty), and a moment the detail speaks of, or None."""
    data = entry.data

    def said(name: str) -> str:
        return str(data.get(name) or "").strip()

    match entry.event:
        case "post.drafted":
            return (
                f"Drafted for {said('channel_kind') or 'a channel'}",
                "; ".join(map(str, data.get("doubts") or [])),
                None,
            )
        case "post.approved":
            return f"Approved by {said('by') or 'somebody'}", "to go out at", said("scheduled_at") or None
        case "post.rejected":
            return f"Turned down by {said('by') or 'somebody'}", said("reason"), None
        case "post.cancelled":
            return f"Cancelled by {said('by') or 'somebody'}", said("reason"), None
        case "post.frozen":
            return "Text and key fixed", "From here on only these exact bytes are ever sent.", None
        case "post.sending":
            return f"Attempt {said('attempt')} began".replace("  ", " "), "", None
        case "post.deferred":
            return "Put off", f"{said('reason')}. Next attempt at".lstrip(". "), said("until") or None
        case "post.uncertain":
            return "Outcome unknown", said("reason"), None
        case "post.published":
            how = "Found on the platform by reading back" if data.get("settled") else "Confirmed by the platform"
            return "Published", how, None
        case "post.failed":
            return "Refused", f"{said('message')} {said('next_step')}".strip(), None
        case "post.retried":
            return f"Retried by {said('by') or 'somebody'}", "", None
    return entry.event.replace(".", " ").replace("_", " ").capitalize(), "", None


def ago(seconds: float) -> str:
    """Return a length of time in words: `5 min`, `3 h`, `2 days`."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return f"{round(seconds)} s"
    if minutes < 120:
        return f"{minutes} min"
    hours = round(seconds / 3600)
    return f"{hours} h" if hours < 48 else f"{round(seconds / 86_400)} days"
