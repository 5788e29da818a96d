"""The life of a post: which event may follow which state, and what it makes of it. Pure."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from pulse.bus.events import Event
from pulse.social import events
from pulse.social.errors import WrongState


class State(StrEnum):
    """Where a post stands."""

    DRAFT = "draft"
    APPROVED = "approved"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    UNKNOWN = "unknown"
    PUBLISHED = "published"
    FAILED = "failed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


WAITING = frozenset({State.APPROVED, State.SCHEDULED})
"""Let go, and not yet sent."""
DELIVERABLE = WAITING | {State.SENDING, State.UNKNOWN}
"""A delivery has something to do."""
ENDED = frozenset({State.PUBLISHED, State.FAILED, State.REJECTED, State.CANCELLED})


@dataclass(frozen=True, slots=True)
class Transition:
    """An event may happen in these states, and leads to that one."""

    before: frozenset[State]
    after: State


TRANSITIONS: dict[type[Event], Transition] = {
    events.PostDrafted: Transition(frozenset(), State.DRAFT),
    events.PostEdited: Transition(frozenset({State.DRAFT}), State.DRAFT),
    events.PostApproved: Transition(frozenset({State.DRAFT}), State.SCHEDULED),
    events.PostRejected: Transition(frozenset({State.DRAFT}), State.REJECTED),
    events.PostCancelled: Transition(frozenset({State.DRAFT}) | WAITING, State.CANCELLED),
    events.PostFrozen: Transition(WAITING, State.SENDING),
    events.PostSending: Transition(DELIVERABLE, State.SENDING),
    events.PostDeferred: Transition(frozenset({State.SENDING, State.UNKNOWN}), State.SCHEDULED),
    events.PostUncertain: Transition(frozenset({State.SENDING, State.UNKNOWN}), State.UNKNOWN),
    events.PostPublished: Transition(frozenset({State.SENDING, State.UNKNOWN}), State.PUBLISHED),
    events.PostFailed: Transition(DELIVERABLE, State.FAILED),
    events.PostRetried: Transition(frozenset({State.FAILED}), State.SCHEDULED),
}


def after(state: State, event: Event, now: datetime) -> State:
    """Return the state that `event` leads to from `state`. Raises `WrongState` when it may not happen there."""
    transition = TRANSITIONS[type(event)]
    if state not in transition.before:
        raise WrongState(f"a post that is {state.value} cannot become {transition.after.value}", state=state.value)
    if isinstance(event, events.PostApproved) and event.scheduled_at <= now:
        return State.APPROVED
    return transition.after
