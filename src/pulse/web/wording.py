"""The words for what a machine says: states, events, notices. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from pulse.i18n import Translator, message
from pulse.web.views import Happening


@dataclass(frozen=True, slots=True)
class Words:
    """A state: its name, what it means, and its tone (`calm`, `good`, `doubt` or `bad`), which styles colour."""

    name: str
    meaning: str
    tone: str


STATES: Mapping[str, Words] = {
    "draft": Words(
        message("To approve"), message("Written and checked. Goes nowhere until somebody approves it."), "doubt"
    ),
    "approved": Words(message("Approved"), message("On its way to the channel."), "calm"),
    "scheduled": Words(message("Scheduled"), message("Goes out at its time. Until then it can be cancelled."), "calm"),
    "sending": Words(message("Sending"), message("Being delivered right now."), "calm"),
    "unknown": Words(
        message("Unknown"),
        message(
            "The platform did not say whether it took the post. Pulse reads back, and sends nothing before it knows."
        ),
        "doubt",
    ),
    "published": Words(message("Published"), message("The platform confirmed it."), "good"),
    "failed": Words(
        message("Failed"), message("The platform refused it. Nothing is sent again unless you retry."), "bad"
    ),
    "rejected": Words(message("Turned down"), message("Somebody decided against it."), "calm"),
    "cancelled": Words(message("Cancelled"), message("Taken back before it was sent."), "calm"),
}
"""Every state of a post."""

TABS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "to-approve": (message("To approve"), ("draft",)),
    "scheduled": (message("Scheduled"), ("approved", "scheduled", "sending")),
    "published": (message("Published"), ("published",)),
    "unknown": (message("Unknown"), ("unknown",)),
    "failed": (message("Failed"), ("failed",)),
    "set-aside": (message("Set aside"), ("rejected", "cancelled")),
}
"""The tabs of the posts page: their titles, and the states each shows."""

EMPTY_TABS: Mapping[str, str] = {
    "to-approve": message("Nothing waits for you. New drafts appear here as soon as stories are summarised."),
    "scheduled": message("Nothing is waiting to go out."),
    "published": message("Nothing has been published yet. Approve a draft, and it will be here with its receipt."),
    "unknown": message("No doubts: the platforms answered every time."),
    "failed": message("Nothing failed."),
    "set-aside": message("Nothing was turned down or cancelled."),
}

HEALTH: Mapping[str, Words] = {
    "new": Words(message("New"), message("Not polled yet."), "calm"),
    "ok": Words(message("Healthy"), message("The last poll went well."), "good"),
    "failing": Words(
        message("Failing"), message("The last poll went wrong. Pulse keeps trying, less and less often."), "bad"
    ),
}
"""Every state of a source."""

FULL_TEXT: Mapping[str, str] = {
    "auto": message("where the feed has only a teaser"),
    "always": message("always"),
    "never": message("never"),
}
"""When an article's own page is read."""

DONE: Mapping[str, str] = {
    "approved": message("Approved. It goes out in five seconds; until then it can be undone."),
    "scheduled": message("Approved and scheduled."),
    "rejected": message("Turned down."),
    "cancelled": message("Cancelled. It was not sent."),
    "retried": message("Back in the queue, rendered anew."),
    "settled": message("Noted, thank you."),
    "source-added": message("Source added. Its first articles arrive with the next poll."),
    "source-known": message("That source was there already."),
    "source-deleted": message("Source deleted. Its articles stay."),
    "source-changed": message("Saved."),
    "source-polled": message("It will be polled at once."),
    "niche-added": message("Niche added. Next, give it a source."),
    "niche-changed": message("Saved."),
    "channel-added": message("Channel added. New summaries are drafted for it from now on."),
    "channel-changed": message("Saved."),
    "channel-deleted": message("Channel deleted. What was posted stays."),
    "summarized": message("A summary was written and checked."),
    "edited": message("Saved as a draft of yours. It waits for approval."),
    "restored": message("The former text is back."),
    "budget-changed": message("Saved."),
    "signed-out": message("You are signed out."),
}
"""Notices, by the word that a redirect carries."""

SCORE_PARTS: tuple[tuple[str, str, float, str], ...] = (
    ("model", message("Model"), 0.4, message("how likely readers care, learned from what they did")),
    ("relevance", message("Relevance"), 0.3, message("how well it fits the niche's keywords")),
    ("freshness", message("Freshness"), 0.2, message("how new it is")),
    ("authority", message("Authority"), 0.1, message("how much its sources are trusted")),
)
"""The parts of a story's score: field, name, weight, meaning (requirement 4.3)."""

LAYERS: Mapping[str, str] = {
    "proof": message("Proven: the words of the source"),
    "verbatim": message("Proven: the words of the source"),
    "notation": message("Proven: the words of the source, written another way"),
    "compressed": message("Proven: a source sentence, shortened"),
    "rearranged": message("Proven: the same speaker and the same statement, in another order"),
    "rules": message("Decided by the rules"),
    "entailment": message("Decided by entailment"),
}
"""Which layer of the verifier decided, or how a sentence was proven."""

TONES: Mapping[str, str] = {
    "": message("As the niche has it"),
    "plain": message("None"),
    "formal_tone": message("Formal"),
    "casual_tone": message("Casual"),
    "question_hook": message("Opens with a question"),
    "statistic_lead": message("Opens with a number"),
}
"""The tones a summary can be asked for; a niche may have more of its own."""

STAGES: Mapping[str, str] = {
    "draft": message("Draft"),
    "facts": message("Facts"),
    "verified": message("Verification"),
    "verify": message("Verification"),
    "refined": message("Refinement"),
    "refine": message("Refinement"),
    "tone": message("Tone"),
    "judge": message("Judge"),
    "translate": message("Translation"),
    "try": message("Prompt comparison"),
}
"""The stages that cost money."""

SCRIPT: Mapping[str, str] = {
    "live": message("Live"),
    "no_figures": message("Connected, but the figures are not to be had right now"),
    "connecting": message("Connecting …"),
    "again": message("Connecting again …"),
    "unread": message("Live, but a message could not be read"),
    "ended": message("Your session has ended. Sign in again for live figures."),
    "retrying": message("Not connected; trying again in %(seconds)s s"),
    "lost": message("Connection lost; trying again"),
    "chart": message("%(title)s, the last two minutes"),
    "soon": message("in a moment"),
    "just_now": message("just now"),
    "silent": message("Pulse does not answer. Nothing was changed; check that it is running, and try again."),
    "unchecked": message("Changed since the last check"),
}
"""What the pages' scripts say."""


def happening(entry: Happening, translator: Translator) -> tuple[str, str, str | None]:
    """Return a post's event as a headline, a detail (may be empty), and a moment the detail speaks of, or None."""
    data, text = entry.data, translator.text

    def said(name: str) -> str:
        return str(data.get(name) or "").strip()

    somebody = said("by") or text(message("somebody"))
    match entry.event:
        case "post.drafted":
            channel = said("channel_kind") or text(message("a channel"))
            headline = text(message("Drafted for %(channel)s")) % {"channel": channel}
            return headline, "; ".join(map(str, data.get("doubts") or [])), None
        case "post.edited" if said("former"):
            back = text(message("The text of version %(number)s was taken back")) % {"number": said("former")}
            return text(message("Changed by %(name)s")) % {"name": somebody}, back, None
        case "post.edited":
            return text(message("Changed by %(name)s")) % {"name": somebody}, "", None
        case "post.approved":
            due = said("scheduled_at") or None
            return text(message("Approved by %(name)s")) % {"name": somebody}, text(message("to go out at")), due
        case "post.rejected":
            return text(message("Turned down by %(name)s")) % {"name": somebody}, said("reason"), None
        case "post.cancelled":
            return text(message("Cancelled by %(name)s")) % {"name": somebody}, said("reason"), None
        case "post.frozen":
            only = message("From here on only these exact bytes are ever sent.")
            return text(message("Text and key fixed")), text(only), None
        case "post.sending" if said("attempt"):
            return text(message("Attempt %(number)s began")) % {"number": said("attempt")}, "", None
        case "post.sending":
            return text(message("An attempt began")), "", None
        case "post.deferred":
            again = text(message("Next attempt at"))
            return text(message("Put off")), f"{said('reason')}. {again}".lstrip(". "), said("until") or None
        case "post.uncertain":
            return text(message("Outcome unknown")), said("reason"), None
        case "post.published":
            settled = bool(data.get("settled"))
            how = message("Found on the platform by reading back") if settled else message("Confirmed by the platform")
            return text(message("Published")), text(how), None
        case "post.failed":
            return text(message("Refused")), f"{said('message')} {said('next_step')}".strip(), None
        case "post.retried":
            return text(message("Retried by %(name)s")) % {"name": somebody}, "", None
    return entry.event.replace(".", " ").replace("_", " ").capitalize(), "", None
