"""After a busy life, `social.posts` is exactly what the log says."""

import random
from uuid import UUID

from pulse.bus.replay import rebuild
from pulse.http.errors import PeerRefused
from pulse.social.channels.outcomes import (
    NotPublished,
    Outcome,
    Published,
    Reading,
    Refused,
    Retry,
    StillUnknown,
    Unknown,
)
from pulse.social.errors import DeliveryBusy, WrongState
from pulse.social.posts import State
from tests.integration.social.desk import Desk

POSTS = 50
STEPS = 300


def outcome(chance: random.Random) -> Outcome:
    return chance.choice(
        (
            Published("1", "https://platform.example/1"),
            Refused("social.content_refused", "no", "Change it."),
            Retry("429", chance.choice((None, 1.0, 500.0))),
            Unknown("a time-out"),
            Unknown("a time-out"),
        )
    )


def reading(chance: random.Random) -> Reading:
    return chance.choice(
        (
            Published("1", "https://platform.example/1"),
            NotPublished("absent"),
            StillUnknown("not yet", 5.0),
            StillUnknown("ask somebody", None),
            Refused("social.key_taken", "another post", "Look."),
        )
    )


async def rewrite(desk: Desk, chance: random.Random, post: UUID) -> None:
    try:
        if chance.random() < 0.5:
            await desk.edit(post, f"Another text, number {chance.randrange(1_000)}.", by=chance.choice(("ada", "bo")))
        else:
            await desk.restore(post, former=1)
    except WrongState:
        pass


async def live(desk: Desk, chance: random.Random) -> None:
    edits = random.Random(7)
    for number in range(POSTS // 2):
        await desk.draft(f"Sentence {number} “is” true \\ 100 %: été 🌉.")
    ids = [post.id for post in await desk.posts()]
    for _ in range(STEPS):
        post: UUID = chance.choice(ids)
        desk.platform.outcomes.clear()
        desk.platform.readings.clear()
        desk.platform.outcomes.append(outcome(chance))
        desk.platform.readings.append(reading(chance))
        if edits.random() < 0.8:
            await rewrite(desk, edits, post)
        act = chance.choice(
            (desk.approve, desk.deliver, desk.deliver, desk.deliver, desk.retry, desk.cancel, desk.reject)
        )
        try:
            if act is desk.deliver or chance.random() < 0.7:
                await (desk.approve if act is not desk.deliver and chance.random() < 0.6 else act)(post)
            else:
                await desk.settle(post, chance.choice((None, "https://platform.example/1")))
        except (WrongState, DeliveryBusy, PeerRefused):
            pass
        desk.clock.advance(chance.choice((0, 1, 40, 700)))


async def test_a_rebuild_equals_the_live_posts(desk: Desk, other: Desk) -> None:
    await desk.add_channel("one")
    await desk.add_channel("two")
    await live(desk, random.Random(20261123))
    await other.ready()
    posts = await desk.posts()
    assert len(posts) == POSTS
    assert {post.state for post in posts} >= set(State) - {State.SENDING}
    declarations = desk.room.bus.declarations
    for check in (True, False):
        report = await rebuild(desk.room.database, declarations, "social", desk.tenant, check=check)
        assert report.equal
        assert report.tables["social.posts"].before == report.tables["social.posts"].after == POSTS
        assert report.kept is not check
        assert report.events >= POSTS * 2
    edited = [post for post in posts if "post.edited" in await desk.history(post.id)]
    assert {post.content.get("written_by") for post in edited} == {None, "ada", "bo"}
    assert await desk.posts() == posts
    assert len(await other.posts()) == 1

    changed = next(post for post in posts if post.state is State.PUBLISHED)
    async with desk.room.database.transaction(desk.tenant) as tx:
        await tx.execute("UPDATE social.posts SET url = 'https://elsewhere.example' WHERE id = :id", id=changed.id)
    report = await rebuild(desk.room.database, declarations, "social", desk.tenant, check=True)
    assert not report.equal
    assert not report.kept
    assert (await desk.post(changed.id)).url == "https://elsewhere.example"
    await rebuild(desk.room.database, declarations, "social", desk.tenant, check=False)
    assert (await desk.post(changed.id)).url == changed.url
