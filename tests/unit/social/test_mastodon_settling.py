"""The decision table of `mastodon_settling`."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.social.channels.mastodon_settling import Action, Doubt, Patience, Settlement, Sighting, settle

P = Patience(quiet=60, silence=180, again=30)
FOUND, ABSENT, UNREADABLE, FORBIDDEN = Sighting.FOUND, Sighting.ABSENT, Sighting.UNREADABLE, Sighting.FORBIDDEN


@pytest.mark.parametrize(
    ("sighting", "honours", "since_frozen", "since_last", "settlement"),
    [
        (FOUND, True, 1, 1, Settlement(Action.PUBLISHED)),
        (FOUND, False, 9999, 9999, Settlement(Action.PUBLISHED)),
        (ABSENT, True, 61, 60, Settlement(Action.SEND_AGAIN)),
        (ABSENT, True, 59, 59, Settlement(Action.WAIT, 1)),
        (ABSENT, False, 181, 180, Settlement(Action.SEND_AGAIN)),
        (ABSENT, False, 61, 60, Settlement(Action.WAIT, 120)),
        (ABSENT, True, 3539, 60, Settlement(Action.SEND_AGAIN)),
        (ABSENT, True, 3540, 60, Settlement(Action.WAIT, 120)),
        (ABSENT, True, 7200, 180, Settlement(Action.SEND_AGAIN)),
        (UNREADABLE, True, 9999, 9999, Settlement(Action.WAIT, 30)),
        (FORBIDDEN, True, 100, 100, Settlement(Action.ASK)),
        (FORBIDDEN, False, 9999, 9999, Settlement(Action.ASK)),
    ],
)
def test_the_table(
    sighting: Sighting, honours: bool, since_frozen: float, since_last: float, settlement: Settlement
) -> None:
    assert settle(Doubt(sighting, honours, since_frozen, since_last), P) == settlement


SECONDS = st.floats(-100, 100_000)


@given(st.builds(Doubt, st.sampled_from(Sighting), st.booleans(), SECONDS, SECONDS))
def test_nothing_is_sent_again_that_was_not_looked_for_in_vain_and_long_enough(doubt: Doubt) -> None:
    settlement = settle(doubt, P)
    if settlement.action is Action.SEND_AGAIN:
        assert doubt.sighting is Sighting.ABSENT
        assert doubt.since_last_attempt >= P.quiet
        assert doubt.honours_keys or doubt.since_last_attempt >= P.silence
    if settlement.action is Action.WAIT:
        assert settlement.wait > 0


@given(st.booleans(), SECONDS, SECONDS)
def test_waiting_as_long_as_asked_is_enough(honours: bool, since_frozen: float, since_last: float) -> None:
    """Unless the key runs out in between, and then once more."""
    for _ in range(3):
        settlement = settle(Doubt(Sighting.ABSENT, honours, since_frozen, since_last), P)
        if settlement.action is Action.SEND_AGAIN:
            return
        since_frozen += settlement.wait + 0.001
        since_last += settlement.wait + 0.001
    raise AssertionError("waits for ever")
