"""A post is on its platform exactly once, whatever the platform, the network and the processes do."""

from datetime import timedelta
from uuid import UUID

from pulse.settings import SocialSettings
from pulse.social import events
from pulse.social.channels.outcomes import (
    NotPublished,
    Refused,
    Retry,
    StillUnknown,
    Unknown,
)
from pulse.social.channels.port import Frozen
from pulse.social.handlers import channels, life
from pulse.social.models import Post
from pulse.social.posts import State
from pulse.vault.seal import Vault
from tests.doubles.scripted_channel import hang
from tests.integration.social.desk import LEASE_SECONDS, Desk

REFUSED = Refused("social.content_refused", "the server says: no swearing.", "Change the post.")
ABSENT = NotPublished("there is no such status")


def message(post: Post) -> str:
    assert post.error is not None
    return str(post.error["message"])


async def test_published(desk: Desk) -> None:
    post = await desk.deliver(await desk.ready())
    assert (post.state, post.remote_id, post.url) == (State.PUBLISHED, "remote-1", "https://platform.example/1")
    assert (post.attempts, post.in_doubt, post.settled, post.error) == (1, False, False, None)
    assert post.published_at == desk.clock.now
    (sent,) = desk.platform.delivered
    assert sent == Frozen.model_validate((await desk.row(post.id))["payload"])
    await desk.deliver(post.id)
    assert len(desk.platform.delivered) == 1


async def test_refused_it_fails_in_words_with_a_next_step_and_the_channel_shows_it(desk: Desk) -> None:
    desk.platform.outcomes.append(REFUSED)
    post = await desk.deliver(await desk.ready())
    assert post.state is State.FAILED
    assert post.error == {"code": REFUSED.code, "message": REFUSED.message, "next_step": REFUSED.next_step}
    channel = await desk.channel(post.channel_id)
    assert channel.last_error == f"{REFUSED.message} {REFUSED.next_step}"
    assert not post.in_doubt

    first = desk.platform.delivered[0]
    await desk.retry(post.id)
    published = await desk.deliver(post.id)
    assert (published.state, published.attempts) == (State.PUBLISHED, 2)
    again = desk.platform.delivered[1]
    assert again.body != first.body  # rendered anew
    assert (await desk.channel(post.channel_id)).last_error is None


async def test_an_attempt_that_did_nothing_is_made_again_at_its_time(desk: Desk) -> None:
    desk.platform.outcomes.append(Retry("429, slow down", 600))
    post = await desk.deliver(await desk.ready())
    until = desk.clock.now + timedelta(seconds=600)
    assert (post.state, post.scheduled_at, post.in_doubt) == (State.SCHEDULED, until, False)
    assert message(post) == "429, slow down"
    assert (await desk.queue())[-1]["at"] == until
    desk.clock.advance(599)
    assert (await desk.deliver(post.id)).state is State.SCHEDULED
    assert len(desk.platform.delivered) == 1
    desk.clock.advance(1)
    assert (await desk.deliver(post.id)).state is State.PUBLISHED
    first, second = desk.platform.delivered
    assert first == second
    assert desk.platform.checked == []


async def test_without_a_time_attempts_grow_apart(desk: Desk) -> None:
    desk.platform.outcomes.extend([Retry("no connection")] * 12)
    post_id = await desk.ready()
    waits = []
    for _ in range(12):
        post = await desk.deliver(post_id)
        assert post.scheduled_at is not None
        waits.append((post.scheduled_at - desk.clock.now).total_seconds())
        desk.clock.now = post.scheduled_at
    assert waits == sorted(waits)
    assert waits[0] < 60
    assert waits[-1] == 3_600


async def test_a_time_out_is_unknown_and_found_by_reading_back(desk: Desk) -> None:
    object.__setattr__(desk.room, "settings", SocialSettings(deliver_timeout_seconds=0.05))
    desk.platform.outcomes.append(hang)
    post = await desk.deliver(await desk.ready())
    assert (post.state, post.in_doubt) == (State.UNKNOWN, True)
    assert "did not answer in time" in message(post)
    work = (await desk.queue())[-1]
    assert work["payload"] == {"post": str(post.id)}
    assert work["at"] > desk.clock.now
    sent_at = desk.clock.now
    object.__setattr__(desk.room, "settings", SocialSettings())
    desk.clock.advance(10)
    settled = await desk.deliver(post.id)
    assert (settled.state, settled.settled, settled.url) == (State.PUBLISHED, True, "https://platform.example/found")
    assert len(desk.platform.delivered) == 1
    assert desk.platform.checked == [(desk.platform.delivered[0], sent_at)]


async def test_certainly_not_there_it_is_sent_again_in_the_very_same_bytes(desk: Desk) -> None:
    post = await desk.doubtful()
    desk.clock.advance(10)
    desk.platform.readings.append(ABSENT)
    published = await desk.deliver(post)
    assert (published.state, published.attempts, published.settled) == (State.PUBLISHED, 2, False)
    first, second = desk.platform.delivered
    assert first == second
    assert await desk.history(post) == [
        "post.drafted",
        "post.approved",
        "post.frozen",
        "post.sending",
        "post.uncertain",
        "post.sending",
        "post.published",
    ]


async def test_after_a_doubt_an_attempt_that_did_nothing_does_not_end_it(desk: Desk) -> None:
    post_id = await desk.doubtful()
    desk.platform.readings.append(ABSENT)
    desk.platform.outcomes.append(Retry("rate limited", 30.0))
    post = await desk.deliver(post_id)
    assert (post.state, post.in_doubt) == (State.UNKNOWN, True)


async def test_the_moment_of_the_last_attempt_counts(desk: Desk) -> None:
    post = await desk.doubtful()
    desk.clock.advance(100)
    second = desk.clock.now
    desk.platform.readings.append(ABSENT)
    desk.platform.outcomes.append(Unknown("again no answer"))
    assert (await desk.deliver(post)).state is State.UNKNOWN
    desk.clock.advance(100)
    await desk.deliver(post)
    assert desk.platform.checked[-1][1] == second


async def test_still_unknown_it_is_read_back_when_the_channel_says(desk: Desk) -> None:
    post = await desk.doubtful()
    desk.platform.readings.append(StillUnknown("reading failed", 77))
    await desk.empty_queue()
    unknown = await desk.deliver(post)
    assert (unknown.state, message(unknown)) == (State.UNKNOWN, "reading failed")
    (work,) = await desk.queue()
    assert work["at"] == desk.clock.now + timedelta(seconds=77)
    assert len(desk.platform.delivered) == 1


async def waiting_for_a_person(desk: Desk) -> UUID:
    post = await desk.doubtful()
    desk.platform.readings.append(StillUnknown("the token may not read", None))
    await desk.empty_queue()
    asked = await desk.deliver(post)
    assert asked.state is State.UNKNOWN
    assert asked.error == {"message": "the token may not read", "ask": True}
    return post


async def test_what_only_a_person_can_tell_waits_for_one(desk: Desk) -> None:
    post = await waiting_for_a_person(desk)
    assert await desk.queue() == []
    desk.clock.advance(86_400)
    await desk.sweep()
    assert await desk.queue() == []
    assert (await desk.deliver(post)).state is State.UNKNOWN
    assert (len(desk.platform.delivered), len(desk.platform.checked)) == (1, 1)


async def test_a_person_found_it(desk: Desk) -> None:
    post = await waiting_for_a_person(desk)
    await desk.settle(post, "https://platform.example/@us/7")
    settled = await desk.post(post)
    assert (settled.state, settled.settled, settled.url) == (State.PUBLISHED, True, "https://platform.example/@us/7")
    await desk.deliver(post)
    assert len(desk.platform.delivered) == 1


async def test_a_person_did_not_find_it(desk: Desk) -> None:
    post = await waiting_for_a_person(desk)
    await desk.settle(post, None)
    assert [work["payload"] for work in await desk.queue()] == [{"post": str(post)}]
    published = await desk.deliver(post)
    assert (published.state, published.attempts) == (State.PUBLISHED, 2)
    first, second = desk.platform.delivered
    assert first == second


async def test_an_adapter_that_breaks_may_have_sent_the_post(desk: Desk) -> None:
    desk.platform.outcomes.append(RuntimeError("bug"))
    post = await desk.deliver(await desk.ready())
    assert (post.state, post.in_doubt) == (State.UNKNOWN, True)
    assert "bug" in message(post)
    desk.platform.readings.append(ValueError("another bug"))
    assert (await desk.deliver(post.id)).state is State.UNKNOWN
    assert len(desk.platform.delivered) == 1


async def test_what_reading_back_finds_in_its_place_fails(desk: Desk) -> None:
    post = await desk.doubtful()
    desk.platform.readings.append(REFUSED)
    assert (await desk.deliver(post)).state is State.FAILED
    assert len(desk.platform.delivered) == 1


async def test_while_a_platform_is_down_looks_grow_rare_and_the_log_does_not_grow(desk: Desk) -> None:
    post = await desk.doubtful()
    known = await desk.history(post)
    ends = desk.clock.now + timedelta(days=3)
    waits = []
    while desk.clock.now < ends:
        desk.platform.readings.append(StillUnknown("connection refused", 5))
        await desk.empty_queue()
        await desk.deliver(post)
        await desk.deliver(post)  # before its time nobody looks
        await desk.sweep()
        (work,) = await desk.queue()
        waits.append((work["at"] - desk.clock.now).total_seconds())
        desk.clock.now = work["at"]
    assert await desk.history(post) == [*known, "post.uncertain"]
    assert len(desk.platform.checked) == len(waits) < 110
    assert waits[0] == 5
    assert waits == sorted(waits)
    assert waits[-1] == 3_600

    desk.platform.readings.append(StillUnknown("503", 5))
    assert message(await desk.deliver(post)) == "503"  # what changed is written down
    desk.clock.advance(3_600)
    assert (await desk.deliver(post)).settled


async def test_a_look_that_was_lost_is_made_up_for(desk: Desk) -> None:
    post = await desk.doubtful()
    desk.platform.readings.append(StillUnknown("no answer", 600))
    await desk.deliver(post)
    await desk.empty_queue()
    desk.clock.advance(600 + 2 * LEASE_SECONDS - 1)
    await desk.sweep()
    assert await desk.queue() == []
    desk.clock.advance(2)
    await desk.sweep()
    assert [work["payload"] for work in await desk.queue()] == [{"post": str(post)}]


async def test_a_person_need_not_wait_for_the_next_look(desk: Desk) -> None:
    post = await desk.doubtful()
    desk.platform.readings.append(StillUnknown("no answer", 600))
    await desk.deliver(post)
    await desk.settle(post, None)
    assert (await desk.deliver(post)).state is State.PUBLISHED
    assert len(desk.platform.delivered) == 2


async def test_the_bytes_that_were_frozen_first_stay(desk: Desk) -> None:
    post = await desk.ready()
    for key in ("first", "second"):
        frozen = Frozen(channel="scripted", key=key, body=key, link="https://e.example", frozen_at=desk.clock.now)
        fact = events.PostFrozen(key=frozen.key, payload=frozen.model_dump(mode="json"))
        async with desk.room.database.transaction(desk.tenant) as tx:
            await desk.room.bus.append(tx, fact, life.aggregate(post))
    assert (await desk.row(post))["key"] == "first"
    await desk.deliver(post)
    assert [sent.body for sent in desk.platform.delivered] == ["first"]


async def test_the_sweep_puts_lost_work_back_into_the_queue(desk: Desk) -> None:
    due = await desk.ready()
    later = await desk.ready()
    unknown = await desk.doubtful()
    await desk.cancel(later)
    await desk.empty_queue()
    await desk.sweep()
    assert await desk.queue() == []  # they are not late yet
    desk.clock.advance(2 * LEASE_SECONDS + 1)
    await desk.sweep()
    await desk.sweep()
    assert sorted(work["payload"]["post"] for work in await desk.queue()) == sorted([str(due), str(unknown)])
    assert {work["queue"] for work in await desk.queue()} == {life.DELIVER}


async def remove_channel(desk: Desk, post_id: UUID) -> None:
    async with desk.room.database.transaction(desk.tenant) as tx:
        await channels.remove_channel(tx, (await desk.post(post_id)).channel_id)


async def test_without_its_channel_a_post_fails(desk: Desk) -> None:
    post = await desk.ready()
    await remove_channel(desk, post)
    failed = await desk.deliver(post)
    assert failed.state is State.FAILED
    assert "there is no channel" in message(failed)


async def test_in_doubt_and_without_its_channel_only_a_person_can_tell(desk: Desk) -> None:
    """Failed, it could be sent again; and it may be on the platform."""
    post = await desk.doubtful()
    await remove_channel(desk, post)
    asked = await desk.deliver(post)
    assert (asked.state, asked.in_doubt) == (State.UNKNOWN, True)
    assert asked.error is not None
    assert asked.error["ask"] is True


async def test_in_doubt_and_its_secret_unreadable_only_a_person_can_tell(desk: Desk) -> None:
    await desk.add_channel(kind="guarded", settings={"server": "s"}, secret="sesame")
    post = await desk.doubtful()
    object.__setattr__(desk.room, "vault", Vault(b"x" * 32))
    desk.room.open_channels.clear()
    assert (await desk.deliver(post)).error == {
        "message": message(await desk.post(post)),
        "ask": True,
    }
    assert "does not open" in message(await desk.post(post))
