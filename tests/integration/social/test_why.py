"""Why a post is what it is: the whole chain, as far as it is still there."""

import pytest

from pulse.http.errors import PeerUnavailable
from pulse.kernel.ids import new_id
from pulse.social.channels.outcomes import NotPublished, Unknown
from pulse.social.errors import PostNotFound
from pulse.social.handlers.explaining import why
from tests.integration.social.desk import TEXTS, Desk


async def test_the_chain_goes_from_the_sources_to_the_platforms_answer(desk: Desk) -> None:
    post_id = await desk.ready()
    desk.platform.outcomes.append(Unknown("a time-out"))
    desk.platform.readings.append(NotPublished("absent"))
    await desk.deliver(post_id)
    desk.clock.advance(15)
    post = await desk.deliver(post_id)
    chain = await why(desk.room, desk.tenant, post_id)
    assert chain["post"]["url"] == post.url
    assert chain["post"]["state"] == "published"

    events = chain["history"]
    assert [(item["version"], item["event"]) for item in events] == [
        (1, "post.drafted"),
        (2, "post.approved"),
        (3, "post.frozen"),
        (4, "post.sending"),
        (5, "post.uncertain"),
        (6, "post.sending"),
        (7, "post.published"),
    ]
    data = {item["event"]: item["data"] for item in events}
    assert data["post.approved"]["by"] == "ada"
    assert data["post.frozen"]["payload"] == desk.platform.delivered[0].model_dump(mode="json")
    assert data["post.uncertain"]["reason"] == "a time-out"
    assert all(item["at"] for item in events)

    summary, story = chain["summary"], chain["story"]
    assert summary["id"] == chain["post"]["summary_id"]
    assert [stage["name"] for stage in summary["stages"]] == ["draft"]
    assert story["id"] == chain["post"]["story_id"]
    assert {"model", "relevance", "freshness", "authority", "total", "reasons"} <= set(story["score"])
    contents = {article["id"]: article["content"] for article in story["articles"]}
    sentences = chain["post"]["content"]["sentences"]
    assert [sentence["text"] for sentence in sentences] == list(TEXTS)
    for sentence in sentences:
        (citation,) = sentence["citations"]
        assert contents[citation["article_id"]][citation["start"] : citation["end"]] == citation["quote"]
        assert sentence["verdict"]["verifier"]


async def test_what_is_gone_is_left_out_and_the_rest_is_shown(desk: Desk) -> None:
    post_id = await desk.ready()
    stories = dict(desk.news.told)
    desk.llm.written.clear()
    chain = await why(desk.room, desk.tenant, post_id)
    assert chain["summary"] is None
    assert "there is no summary" in str(chain["missing"])
    assert chain["story"] is not None
    desk.news.told.clear()
    chain = await why(desk.room, desk.tenant, post_id)
    assert (chain["summary"], chain["story"]) == (None, None)
    assert len(chain["history"]) == 2
    assert stories


async def test_a_service_that_is_down_is_not_taken_for_something_gone(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def down(*_arguments: object) -> None:
        raise PeerUnavailable("llm does not answer")

    post_id = await desk.ready()
    monkeypatch.setattr(desk.llm, "summary", down)
    with pytest.raises(PeerUnavailable):
        await why(desk.room, desk.tenant, post_id)


async def test_nobody_is_told_of_another_tenants_post(desk: Desk, other: Desk) -> None:
    post_id = await desk.ready()
    with pytest.raises(PostNotFound):
        await why(other.room, other.tenant, post_id)
    with pytest.raises(PostNotFound):
        await why(desk.room, desk.tenant, new_id())
