"""Workers that die, are held up or are overtaken: of all that have a post in hand, one sends it and says so."""

import asyncio

import pytest

from pulse.social.channels.outcomes import (
    NotPublished,
    Outcome,
    Published,
    Reading,
    Refused,
    Retry,
    StillUnknown,
)
from pulse.social.errors import DeliveryBusy, WrongState
from pulse.social.models import Post
from pulse.social.posts import State
from pulse.vault.seal import Vault
from tests.doubles.scripted_channel import Killed, hang
from tests.integration.social.desk import LEASE_SECONDS, Desk

REFUSED = Refused("social.content_refused", "the server says: no swearing.", "Change the post.")
ABSENT = NotPublished("there is no such status")


def message(post: Post) -> str:
    assert post.error is not None
    return str(post.error["message"])


async def test_nobody_settles_what_is_being_sent(desk: Desk) -> None:
    """A person who says "it is not there" while an attempt is under way would have it sent a second time."""
    post = await desk.ready()

    async def meddled() -> Outcome:
        for url in (None, "https://platform.example/1"):
            with pytest.raises(WrongState):
                await desk.settle(post, url)
        return Published("1", "https://platform.example/1")

    desk.platform.outcomes.append(meddled)
    assert (await desk.deliver(post)).state is State.PUBLISHED
    assert not (await desk.post(post)).settled


@pytest.mark.parametrize("landed", [True, False])
async def test_a_process_that_dies_while_sending_leaves_a_post_that_is_read_back_first(
    desk: Desk, landed: bool
) -> None:
    post = await desk.ready()
    desk.platform.outcomes.append(Killed())
    with pytest.raises(Killed):
        await desk.deliver(post)
    dead = await desk.post(post)
    assert (dead.state, dead.in_doubt) == (State.SENDING, True)
    with pytest.raises(DeliveryBusy):  # its lease holds others off
        await desk.deliver(post)
    desk.clock.advance(LEASE_SECONDS)
    if not landed:
        desk.platform.readings.append(ABSENT)
    settled = await desk.deliver(post)
    assert (settled.state, settled.settled) == (State.PUBLISHED, landed)
    assert len(desk.platform.checked) == 1
    assert len(desk.platform.delivered) == (1 if landed else 2)
    assert len({sent.body for sent in desk.platform.delivered}) == 1


async def test_a_cancelled_worker_leaves_a_post_in_doubt(desk: Desk) -> None:
    post = await desk.ready()
    desk.platform.outcomes.append(hang)
    task = asyncio.create_task(desk.deliver(post))
    while not desk.platform.delivered:
        await asyncio.sleep(0.005)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await desk.post(post)).in_doubt
    desk.clock.advance(LEASE_SECONDS)
    assert (await desk.deliver(post)).settled
    assert len(desk.platform.delivered) == 1


async def test_of_two_workers_at_a_time_one_sends(desk: Desk) -> None:
    async def slow() -> Outcome:
        await asyncio.sleep(0.05)
        return Published("1", "https://platform.example/1")

    post = await desk.ready()
    desk.platform.outcomes.append(slow)
    results = await asyncio.gather(*(desk.deliver(post) for _ in range(4)), return_exceptions=True)
    assert len(desk.platform.delivered) == 1
    assert desk.platform.checked == []
    assert (await desk.post(post)).state is State.PUBLISHED
    assert all(isinstance(result, (Post, DeliveryBusy)) for result in results)


async def test_a_worker_that_was_held_up_does_not_send(desk: Desk) -> None:
    post = await desk.ready()
    desk.platform.on_prepare = lambda: desk.clock.advance(LEASE_SECONDS)
    with pytest.raises(DeliveryBusy):
        await desk.deliver(post)
    assert desk.platform.delivered == []
    desk.platform.on_prepare = lambda: None
    desk.clock.advance(LEASE_SECONDS)
    desk.platform.readings.append(ABSENT)
    assert (await desk.deliver(post)).state is State.PUBLISHED
    assert len(desk.platform.delivered) == 1


async def test_a_worker_that_was_held_up_while_reading_back_does_not_send(desk: Desk) -> None:
    post = await desk.doubtful()

    async def late() -> Reading:
        desk.clock.advance(LEASE_SECONDS)
        return ABSENT

    desk.platform.readings.append(late)
    with pytest.raises(DeliveryBusy):
        await desk.deliver(post)
    assert len(desk.platform.delivered) == 1
    desk.clock.advance(LEASE_SECONDS)
    assert (await desk.deliver(post)).settled


@pytest.mark.parametrize("late", [Published("1", "https://platform.example/1"), Retry("no connection"), REFUSED])
async def test_a_worker_that_was_overtaken_records_nothing_and_leaves_the_lease_alone(
    desk: Desk, late: Outcome
) -> None:
    post = await desk.ready()
    found = asyncio.Event()
    others: list[asyncio.Task[Post]] = []

    async def overtaken() -> Outcome:
        desk.clock.advance(LEASE_SECONDS)
        others.append(asyncio.create_task(desk.deliver(post)))
        while not desk.platform.checked:
            await asyncio.sleep(0.005)
        return late

    async def looking() -> Reading:
        await found.wait()
        return Published("1", "https://platform.example/1")

    desk.platform.outcomes.append(overtaken)
    desk.platform.readings.append(looking)
    with pytest.raises(DeliveryBusy, match="taken over"):
        await desk.deliver(post)
    with pytest.raises(DeliveryBusy, match="being sent"):  # the other one still has its lease
        await desk.deliver(post)
    assert (await desk.post(post)).state is State.SENDING
    found.set()
    settled = await others[0]
    assert (settled.state, settled.settled) == (State.PUBLISHED, True)
    assert (await desk.history(post))[-2:] == ["post.sending", "post.published"]
    assert len(desk.platform.delivered) == 1


async def test_a_worker_that_was_overtaken_while_reading_back_does_not_send(desk: Desk) -> None:
    post = await desk.doubtful()

    async def overtaken() -> Reading:
        desk.clock.advance(LEASE_SECONDS)
        desk.platform.readings.append(StillUnknown("no answer", 30))
        await desk.deliver(post)
        return ABSENT

    desk.platform.readings.append(overtaken)
    with pytest.raises(DeliveryBusy, match="taken over"):
        await desk.deliver(post)
    assert (len(desk.platform.delivered), (await desk.post(post)).attempts) == (1, 1)


async def test_an_unusable_channel_does_not_end_a_post_that_is_being_sent(desk: Desk) -> None:
    await desk.add_channel(kind="guarded", settings={"server": "s"}, secret="sesame")
    post = await desk.ready()

    async def meanwhile() -> Outcome:
        object.__setattr__(desk.room, "vault", Vault(b"x" * 32))
        desk.room.open_channels.clear()
        with pytest.raises(DeliveryBusy):
            await desk.deliver(post)
        return Published("1", "https://platform.example/1")

    desk.platform.outcomes.append(meanwhile)
    published = await desk.deliver(post)
    assert published.state is State.PUBLISHED
    assert (await desk.history(post))[-2:] == ["post.sending", "post.published"]
