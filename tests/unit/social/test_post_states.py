"""The life of a post: whatever happens in whatever order, only what the table allows."""

from datetime import UTC, datetime, timedelta
from unittest.mock import AsyncMock
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.bus.events import Aggregate, Event, StoredEvent
from pulse.kernel.tenant import DEFAULT_TENANT
from pulse.social import events, posts, store
from pulse.social.errors import WrongState
from pulse.social.posts import DELIVERABLE, ENDED, TRANSITIONS, WAITING, State

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
EXAMPLES: tuple[Event, ...] = (
    events.PostDrafted(
        niche="art",
        channel_id=uuid4(),
        channel_kind="site",
        summary_id=None,
        story_id=None,
        score=0.5,
        content={},
        text="A text",
        doubts=[],
    ),
    events.PostEdited(by="ada", before="A text", content={}, text="Another text", doubts=[]),
    events.PostApproved(by="ada", scheduled_at=NOW),
    events.PostApproved(by="ada", scheduled_at=NOW + timedelta(hours=1)),
    events.PostRejected(by="ada", reason="dull"),
    events.PostCancelled(by="ada", reason="dull"),
    events.PostFrozen(key="k", payload={}),
    events.PostSending(attempt=1),
    events.PostDeferred(reason="429", until=NOW),
    events.PostUncertain(reason="a time-out"),
    events.PostPublished(
        niche="art", channel_id=uuid4(), channel_kind="site", story_id=None, remote_id="1", url="u", settled=False
    ),
    events.PostFailed(code="c", message="m", next_step="n"),
    events.PostRetried(by="ada"),
)
lives = st.lists(st.tuples(st.booleans(), st.integers(0, 10_000)), min_size=4, max_size=40)
Life = list[tuple[bool, int]]


def live(life: Life) -> list[tuple[State, Event, State]]:
    """Let a draft live: what may not happen does not. Returns what happened.

    Half of what is tried is chosen among what may happen, so that lives get far.
    """
    state, happened = State.DRAFT, []
    for any_event, number in life:
        allowed = [event for event in EXAMPLES if state in TRANSITIONS[type(event)].before]
        choice = EXAMPLES[1:] if any_event or not allowed else allowed
        event = choice[number % len(choice)]
        try:
            after = posts.after(state, event, NOW)
        except WrongState:
            assert event not in allowed
            continue
        happened.append((state, event, after))
        state = after
    return happened


@given(lives)
def test_only_what_the_table_allows_happens(life: Life) -> None:
    for before, event, after in live(life):
        assert before in TRANSITIONS[type(event)].before
        assert after is TRANSITIONS[type(event)].after or (
            isinstance(event, events.PostApproved) and after is State.APPROVED
        )


@given(lives)
def test_what_has_ended_stays_ended_unless_a_person_retries_what_failed(life: Life) -> None:
    for before, event, after in live(life):
        if before in ENDED:
            assert before is State.FAILED
            assert isinstance(event, events.PostRetried)
            assert after in WAITING


@given(lives)
def test_nothing_is_published_or_in_doubt_that_was_not_approved_and_sent_before(life: Life) -> None:
    happened = live(life)
    for number, (_, event, _) in enumerate(happened):
        kinds = [type(earlier) for _, earlier, _ in happened[:number]]
        if isinstance(event, (events.PostPublished, events.PostUncertain, events.PostDeferred)):
            assert {events.PostSending, events.PostFrozen} & set(kinds)
        if isinstance(event, (events.PostSending, events.PostFrozen, events.PostPublished)):
            assert events.PostApproved in kinds


@given(lives)
def test_once_a_post_is_being_sent_nobody_takes_it_back(life: Life) -> None:
    for before, event, _ in live(life):
        if before in (State.SENDING, State.UNKNOWN):
            assert not isinstance(event, (events.PostCancelled, events.PostRejected, events.PostRetried))


@given(lives)
def test_every_post_can_still_end(life: Life) -> None:
    """No sequence leads where nothing goes on."""
    happened = live(life)
    state = happened[-1][2] if happened else State.DRAFT
    seen = {state}
    while not seen & ENDED:
        more = {transition.after for transition in TRANSITIONS.values() if seen & transition.before} - seen
        assert more
        seen |= more


def test_the_states_fall_into_what_they_are() -> None:
    assert WAITING < DELIVERABLE
    assert not DELIVERABLE & ENDED
    assert set(State) == DELIVERABLE | ENDED | {State.DRAFT}
    reachable = {transition.after for transition in TRANSITIONS.values()} | {State.APPROVED}
    assert reachable == set(State)


def test_every_event_has_its_transition_and_stands_in_the_list() -> None:
    declared = {
        kind
        for kind in vars(events).values()
        if isinstance(kind, type) and issubclass(kind, Event) and kind is not Event
    }
    assert declared == set(TRANSITIONS) == set(events.ALL)
    assert {type(event) for event in EXAMPLES} == declared
    assert len({kind.name for kind in declared}) == len(events.ALL)


@pytest.mark.parametrize("state", State)
def test_nothing_but_a_new_post_is_drafted(state: State) -> None:
    with pytest.raises(WrongState):
        posts.after(state, EXAMPLES[0], NOW)


def stored(event: Event) -> StoredEvent:
    return StoredEvent(
        id=uuid4(),
        name=event.name,
        wire_version=1,
        aggregate=Aggregate("post", uuid4()),
        version=2,
        tenant=DEFAULT_TENANT,
        occurred_at=NOW,
        data=event.model_dump(mode="json"),
        headers={},
    )


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: str(event.name))
async def test_the_table_of_posts_takes_in_every_event(event: Event) -> None:
    tx = AsyncMock()
    await store.apply(tx, stored(event))
    tx.execute.assert_awaited_once()
    statement = tx.execute.await_args.args[0]
    state = TRANSITIONS[type(event)].after.value
    assert f"'{state}'" in statement


async def test_an_event_nobody_knows_is_not_swallowed() -> None:
    class PostEaten(Event):
        name = "post.eaten"

    with pytest.raises(ValueError, match="no change is known"):
        await store.apply(AsyncMock(), stored(PostEaten()))
