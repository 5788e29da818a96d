"""From a summary to drafts, and what people and autopilot do with them."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from pydantic import ValidationError

from pulse.bus.events import Aggregate
from pulse.kernel.ids import new_id
from pulse.llm.events import ArticleSummarized
from pulse.llm.models import SummarySentence, Verdict
from pulse.social.errors import PostNotFound, WrongState
from pulse.social.handlers import drafting, life
from pulse.social.posts import State
from pulse.social.shapes import PostContent
from pulse.vault.seal import Vault
from tests.doubles import stories
from tests.integration.social.desk import TEXTS, Desk


async def test_a_summary_is_drafted_once_for_each_channel_of_its_niche(desk: Desk) -> None:
    wanted = {(await desk.add_channel("all")).id, (await desk.add_channel("tech", "technology", "art")).id}
    await desk.add_channel("sport", "sport")
    paused = await desk.add_channel("paused", "technology")
    await desk.change_channel(paused.id, paused=True)
    summary = await desk.draft()
    await desk.do_draft(summary)
    posts = await desk.posts()
    assert {post.channel_id for post in posts} == wanted
    assert len(posts) == 2
    for post in posts:
        assert post.state is State.DRAFT
        assert post.doubts == []
        assert (post.summary_id, post.story_id, post.score) == (summary.id, summary.story_id, 0.5)
        assert post.text.startswith(" ".join(TEXTS))
        content = PostContent.model_validate(post.content)
        assert [sentence.text for sentence in content.sentences] == list(TEXTS)
        assert all(sentence.citations for sentence in content.sentences)
    assert await desk.queue() == []


async def test_the_event_puts_the_draft_into_the_queue(desk: Desk) -> None:
    summary = desk.summary()
    assert summary.story_id is not None
    event = ArticleSummarized(
        summary_id=summary.id,
        story_id=summary.story_id,
        niche="technology",
        title="t",
        language="en",
        sentences=2,
        dropped=0,
        confidence=0.9,
        score=0.7,
        engine="extractive",
    )
    async with desk.room.database.transaction(desk.tenant) as tx:
        stored = await desk.room.bus.append(tx, event, Aggregate("summary", summary.id))
        await drafting.on_summarized(desk.room, tx, stored)
    (work,) = [row for row in await desk.queue() if row["queue"] == drafting.DRAFT]
    assert work["payload"] == {"summary": str(summary.id), "score": 0.7}


async def test_a_newer_summary_takes_the_place_of_a_draft(desk: Desk) -> None:
    await desk.add_channel()
    first = await desk.draft()
    second = await desk.draft("The bridge is open.", of=first)
    old, new = await desk.posts()
    assert (old.state, new.state) == (State.CANCELLED, State.DRAFT)
    assert new.summary_id == second.id
    assert new.text.startswith("The bridge is open.")


@pytest.mark.parametrize("decide", ["approve", "reject"])
async def test_what_a_person_decided_stays_whatever_is_summarised_later(desk: Desk, decide: str) -> None:
    await desk.add_channel()
    first = await desk.draft()
    (post,) = await desk.posts()
    await getattr(desk, decide)(post.id)
    await desk.draft("The bridge is open.", of=first)
    (kept,) = await desk.posts()
    assert kept.id == post.id
    assert kept.summary_id == first.id
    assert kept.state is {"approve": State.APPROVED, "reject": State.REJECTED}[decide]


async def test_autopilot_lets_go_no_more_than_its_daily_limit(desk: Desk) -> None:
    await desk.add_channel("one")
    await desk.add_channel("two")
    await desk.autopilot(daily_limit=2)
    for _ in range(3):
        await desk.draft()
    states = [(post.channel, post.state) for post in await desk.posts()]
    for channel in ("one", "two"):
        found = sorted(state for name, state in states if name == channel)
        assert found == [State.APPROVED, State.APPROVED, State.DRAFT]
    assert {post.approved_by for post in await desk.posts()} == {"autopilot", None}
    assert len([row for row in await desk.queue() if row["queue"] == life.DELIVER]) == 4
    desk.clock.advance(86_401)
    await desk.draft()
    assert sum(post.state is State.APPROVED for post in await desk.posts()) == 6


async def test_autopilot_of_another_niche_lets_nothing_go(desk: Desk) -> None:
    await desk.add_channel()
    await desk.autopilot("sport")
    await desk.draft()
    assert [post.state for post in await desk.posts()] == [State.DRAFT]


async def test_a_text_that_does_not_fit_is_a_doubt_that_stops_autopilot(desk: Desk) -> None:
    desk.platform.limit = 20
    await desk.add_channel()
    await desk.autopilot()
    await desk.draft()
    (post,) = await desk.posts()
    assert post.state is State.DRAFT
    assert "20 are allowed" in post.doubts[0]
    assert "Shorten" in post.doubts[0]
    await desk.approve(post.id)
    failed = await desk.deliver(post.id)
    assert failed.state is State.FAILED
    assert failed.error is not None
    assert failed.error["code"] == "social.text_too_long"
    assert desk.platform.delivered == []


async def test_a_channel_that_cannot_be_opened_does_not_take_the_others_drafts_away(desk: Desk) -> None:
    await desk.add_channel("a locked one", kind="guarded", settings={"server": "s"}, secret="sesame")
    await desk.add_channel("b")
    object.__setattr__(desk.room, "vault", Vault(b"x" * 32))
    await desk.autopilot()
    await desk.draft()
    locked, good = sorted(await desk.posts(), key=lambda post: str(post.channel))
    assert locked.state is State.DRAFT
    assert "does not open" in locked.doubts[0]
    assert good.state is State.APPROVED
    await desk.approve(locked.id)
    failed = await desk.deliver(locked.id)
    assert failed.state is State.FAILED
    assert failed.error is not None
    assert failed.error["code"] == "vault.secret_unreadable"


async def test_a_summary_without_sentences_or_niche_makes_no_draft(desk: Desk) -> None:
    await desk.add_channel()
    told = desk.summary()
    useless: tuple[dict[str, Any], ...] = ({"sentences": []}, {"niche": None})
    for changes in useless:
        summary = desk.llm.put(desk.tenant, told.model_copy(update={"id": new_id(), **changes}))
        await desk.do_draft(summary)
    assert await desk.posts() == []


def test_what_its_sources_do_not_support_cannot_be_content_unless_a_person_wrote_it() -> None:
    supported = stories.story()
    values = supported.model_dump()
    values["sentences"][1]["verdict"]["supported"] = False
    with pytest.raises(ValidationError, match="not supported by its sources"):
        PostContent.model_validate(values)
    assert PostContent.model_validate(values | {"written_by": "ada"}).written_by == "ada"


async def test_approved_now_it_is_due_and_queued(desk: Desk) -> None:
    await desk.add_channel()
    await desk.draft()
    (draft,) = await desk.posts()
    await desk.approve(draft.id)
    post = await desk.post(draft.id)
    assert (post.state, post.approved_by, post.scheduled_at) == (State.APPROVED, "ada", desk.clock.now)
    (work,) = await desk.queue()
    assert work["payload"] == {"post": str(draft.id)}


@pytest.mark.parametrize("hours", [-11, 0, 5.75, 14])
async def test_scheduled_it_waits_for_its_moment_in_any_zone(desk: Desk, hours: float) -> None:
    await desk.add_channel()
    await desk.draft()
    (draft,) = await desk.posts()
    moment = desk.clock.now.astimezone(timezone(timedelta(hours=hours))) + timedelta(hours=3)
    await desk.approve(draft.id, moment)
    post = await desk.post(draft.id)
    assert (post.state, post.scheduled_at) == (State.SCHEDULED, moment)
    (work,) = await desk.queue()
    assert work["at"] == moment
    await desk.empty_queue()

    assert (await desk.deliver(draft.id)).state is State.SCHEDULED
    assert desk.platform.delivered == []
    (again,) = await desk.queue()
    assert again["at"] == moment
    desk.clock.advance(3 * 3600)
    assert (await desk.deliver(draft.id)).state is State.PUBLISHED


async def test_a_moment_that_is_over_means_now(desk: Desk) -> None:
    await desk.add_channel()
    await desk.draft()
    (draft,) = await desk.posts()
    await desk.approve(draft.id, datetime(2020, 1, 1, tzinfo=UTC))
    assert (await desk.post(draft.id)).state is State.APPROVED


async def test_rejected_and_cancelled_posts_are_never_sent(desk: Desk) -> None:
    await desk.add_channel()
    for act, expected in (("reject", State.REJECTED), ("cancel", State.CANCELLED)):
        await desk.draft()
        post = (await desk.posts())[-1]
        await getattr(desk, act)(post.id)
        assert (await desk.deliver(post.id)).state is expected
    await desk.draft()
    scheduled = (await desk.posts())[-1]
    await desk.approve(scheduled.id, desk.clock.now + timedelta(hours=1))
    await desk.cancel(scheduled.id)
    desk.clock.advance(7200)
    post = await desk.deliver(scheduled.id)
    assert post.state is State.CANCELLED
    assert post.error is not None
    assert post.error["message"] == "not today"
    assert desk.platform.delivered == []
    # Its story may be drafted again.
    summary = desk.llm.written[desk.tenant, scheduled.summary_id or new_id()]
    await desk.draft("The bridge is open.", of=summary)
    assert (await desk.posts())[-1].state is State.DRAFT


async def test_what_may_not_happen_says_so(desk: Desk) -> None:
    post = await desk.ready()
    with pytest.raises(WrongState, match="approved"):
        await desk.approve(post)
    with pytest.raises(WrongState):
        await desk.reject(post)
    with pytest.raises(WrongState):
        await desk.retry(post)
    with pytest.raises(WrongState):
        await desk.settle(post, None)
    await desk.deliver(post)
    for act in (desk.approve, desk.reject, desk.cancel, desk.retry):
        with pytest.raises(WrongState):
            await act(post)
    with pytest.raises(PostNotFound):
        await desk.approve(new_id())
    assert await desk.history(post) == [
        "post.drafted",
        "post.approved",
        "post.frozen",
        "post.sending",
        "post.published",
    ]


async def test_autopilot_lets_nothing_go_that_waits_for_a_person(desk: Desk) -> None:
    await desk.add_channel()
    await desk.autopilot()
    summary = desk.summary()
    doubt = Verdict(supported=False, probability=0.6, reasons=["rewritten"], verifier="gate/1", needs_person=True)
    waiting = SummarySentence(text="Half the town came.", citations=[], verdict=doubt)
    summary = desk.llm.put(desk.tenant, summary.model_copy(update={"doubtful": [waiting]}))
    await desk.do_draft(summary)
    (post,) = await desk.posts()
    assert post.state is State.DRAFT
    assert post.doubts == ["not proven, and left out: Half the town came. (rewritten)"]
    assert "Half the town" not in post.text
