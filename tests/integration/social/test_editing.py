"""A person's text in the place of a draft's: judged before it is kept, its history whole, nothing lost."""

from typing import Any
from uuid import UUID

import pytest

from pulse.http.errors import PeerUnavailable
from pulse.http.tokens import Role
from pulse.kernel.ids import new_id
from pulse.social.content import CHANGED, SOURCES_GONE
from pulse.social.errors import NoFormerText, NothingToPublish, StaleEdit, WrongState
from pulse.social.handlers.explaining import why
from pulse.social.models import Post
from pulse.social.posts import State
from tests.doubles.service_http import ServiceHttp, problem
from tests.integration.social.desk import TEXTS, Desk

PROVEN = TEXTS[1]
FALSE = "Work begins in May."
REWRITTEN = "The bridge got its approval."


async def drafted(desk: Desk) -> Post:
    """Return the draft of a new summary on the one channel."""
    if not await desk.channels():
        await desk.add_channel()
    await desk.draft()
    return (await desk.posts())[-1]


def verdicts(post: Post) -> list[tuple[str, bool]]:
    return [(sentence["text"], sentence["verdict"]["supported"]) for sentence in post.content["sentences"]]


async def test_a_text_is_judged_and_takes_the_place_of_the_drafts(desk: Desk) -> None:
    before = await drafted(desk)
    post = await desk.edit(before.id, f"{PROVEN} {FALSE}")
    assert (post.id, post.state, post.version) == (before.id, State.DRAFT, 2)
    assert verdicts(post) == [(PROVEN, True), (FALSE, False)]
    proven, false = post.content["sentences"]
    assert proven["citations"][0]["quote"] == PROVEN
    assert false["citations"] == []
    assert false["verdict"]["reasons"]
    assert post.text.startswith(f"{PROVEN} {FALSE}")
    assert post.doubts[0] == CHANGED
    assert FALSE in post.doubts[1]
    assert post.content["written_by"] == "ada"
    assert post.content["title"] == before.content["title"]
    assert post.content["sources"] == before.content["sources"]


async def test_a_proven_text_waits_for_a_person_too(desk: Desk) -> None:
    post = await desk.edit((await drafted(desk)).id, PROVEN)
    assert verdicts(post) == [(PROVEN, True)]
    assert post.doubts == [CHANGED]


async def test_why_tells_who_put_which_text_in_the_place_of_which(desk: Desk) -> None:
    before = await drafted(desk)
    first = await desk.edit(before.id, PROVEN, by="ada")
    second = await desk.edit(before.id, REWRITTEN, by="bo")
    history = (await why(desk.room, desk.tenant, before.id))["history"]
    edits = [(entry["version"], entry["data"]) for entry in history if entry["event"] == "post.edited"]
    assert [(version, data["by"], data["before"], data["text"]) for version, data in edits] == [
        (2, "ada", before.text, first.text),
        (3, "bo", first.text, second.text),
    ]
    assert edits[1][1]["content"]["sentences"][0]["verdict"]["supported"] is False


async def test_a_stale_edit_is_refused_and_nothing_is_lost(desk: Desk) -> None:
    before = await drafted(desk)
    kept = await desk.edit(before.id, PROVEN, by="ada")
    with pytest.raises(StaleEdit):
        await desk.edit(before.id, REWRITTEN, version=before.version, by="bo")
    with pytest.raises(StaleEdit):
        await desk.restore(before.id, former=1, version=before.version)
    assert await desk.post(before.id) == kept


async def test_of_two_who_edit_at_once_one_is_told_to_read_again(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    before = await drafted(desk)
    check = desk.llm.check

    async def slow(*arguments: Any, **more: Any) -> Any:
        monkeypatch.setattr(desk.llm, "check", check)
        await desk.edit(before.id, PROVEN, by="bo")
        return await check(*arguments, **more)

    monkeypatch.setattr(desk.llm, "check", slow)
    with pytest.raises(StaleEdit):
        await desk.edit(before.id, REWRITTEN, by="ada")
    assert (await desk.post(before.id)).content["written_by"] == "bo"


async def test_what_was_let_go_is_not_edited(desk: Desk) -> None:
    before = await drafted(desk)
    await desk.approve(before.id)
    for act in (desk.edit(before.id, PROVEN), desk.restore(before.id, former=1)):
        with pytest.raises(WrongState):
            await act
    assert (await desk.deliver(before.id)).text == before.text


async def test_an_approval_during_the_check_wins(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    before = await drafted(desk)
    check = desk.llm.check

    async def slow(*arguments: Any, **more: Any) -> Any:
        await desk.approve(before.id)
        return await check(*arguments, **more)

    monkeypatch.setattr(desk.llm, "check", slow)
    with pytest.raises(WrongState):
        await desk.edit(before.id, REWRITTEN)
    assert (await desk.post(before.id)).text == before.text


async def test_without_a_judge_nothing_is_stored(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    before = await drafted(desk)

    async def down(*_arguments: Any, **_more: Any) -> Any:
        raise PeerUnavailable("llm does not answer")

    monkeypatch.setattr(desk.llm, "check", down)
    with pytest.raises(PeerUnavailable):
        await desk.edit(before.id, PROVEN)
    assert await desk.post(before.id) == before


async def test_a_text_whose_sources_are_gone_is_not_supported(desk: Desk) -> None:
    before = await drafted(desk)
    desk.news.told.clear()
    post = await desk.edit(before.id, f"{PROVEN} {REWRITTEN}")
    assert verdicts(post) == [(PROVEN, False), (REWRITTEN, False)]
    assert post.doubts == [SOURCES_GONE]


async def test_a_text_without_a_sentence_and_the_same_text_change_nothing(desk: Desk) -> None:
    before = await drafted(desk)
    with pytest.raises(NothingToPublish):
        await desk.edit(before.id, " ")
    assert await desk.edit(before.id, " ".join(TEXTS)) == before
    assert await desk.history(before.id) == ["post.drafted"]


async def test_a_former_text_is_taken_back_with_its_receipts(desk: Desk) -> None:
    before = await drafted(desk)
    await desk.edit(before.id, REWRITTEN)
    other = await desk.edit(before.id, PROVEN)
    back = await desk.restore(before.id, former=1, by="bo")
    assert (back.content, back.text, back.doubts) == (before.content, before.text, before.doubts)
    assert back.version == 4
    event = (await why(desk.room, desk.tenant, before.id))["history"][-1]
    assert (event["data"]["by"], event["data"]["former"], event["data"]["before"]) == ("bo", 1, other.text)
    again = await desk.restore(before.id, former=3)
    assert (again.content, again.doubts) == (other.content, other.doubts)
    with pytest.raises(NoFormerText, match="1, 2, 3, 4, 5"):
        await desk.restore(before.id, former=9)


async def test_a_newer_summary_does_not_throw_a_persons_text_away(desk: Desk) -> None:
    await desk.add_channel()
    summary = await desk.draft()
    (before,) = await desk.posts()
    await desk.edit(before.id, PROVEN)
    await desk.draft(TEXTS[0], "Work begins in March.", "It costs 3 million.", of=summary)
    (post,) = await desk.posts()
    assert (post.id, post.state) == (before.id, State.DRAFT)
    await desk.restore(before.id, former=1)
    await desk.draft(TEXTS[0], "Work begins in March.", "It costs 4 million.", of=summary)
    assert [post.state for post in await desk.posts()] == [State.CANCELLED, State.DRAFT]


async def test_over_http_once_for_each_key(desk: Desk, http: ServiceHttp) -> None:
    before = await drafted(desk)
    path, wanted = f"/posts/{before.id}", {"text": PROVEN, "version": 1}
    first = await http.ask("PATCH", path, desk.tenant, Role.EDITOR, key="k", json=wanted)
    assert (first.status_code, first.json()["version"]) == (200, 2)
    assert (await http.ask("PATCH", path, desk.tenant, Role.EDITOR, key="k", json=wanted)).json() == first.json()
    stale = problem(await http.ask("PATCH", path, desk.tenant, json={"text": FALSE, "version": 1}), 409)
    assert stale["code"] == "social.stale_edit"
    back = await http.ask("POST", f"{path}/restore", desk.tenant, json={"version": 2, "former": 1})
    assert back.json()["text"] == before.text
    gone = await http.ask("POST", f"{path}/restore", desk.tenant, json={"version": 3, "former": 8})
    assert problem(gone, 404)["code"] == "social.no_former_text"
    for bad in ({"text": PROVEN}, {"text": "", "version": 3}, {"text": "a" * 5_001, "version": 3}):
        problem(await http.ask("PATCH", path, desk.tenant, json=bad), 422)
    missing = await http.ask("PATCH", f"/posts/{new_id()}", desk.tenant, json=wanted)
    assert problem(missing, 404)["code"] == "social.post_not_found"


async def test_a_text_of_ones_own_about_a_story_is_judged_by_its_sources(desk: Desk, http: ServiceHttp) -> None:
    await desk.add_channel()
    summary = desk.summary()
    wanted = {"content": f"{PROVEN} {FALSE}", "platform": "scripted", "story_id": str(summary.story_id)}
    post = (await http.ask("POST", "/publish", desk.tenant, Role.OWNER, json=wanted)).json()
    assert (post["state"], post["story_id"]) == ("draft", str(summary.story_id))
    assert [sentence["verdict"]["supported"] for sentence in post["content"]["sentences"]] == [True, False]
    assert post["content"]["title"] == "Council approves bridge"
    assert post["content"]["written_by"] == "a owner"
    assert post["doubts"][0] == CHANGED
    # Another text goes where the first one is.
    again = (await http.ask("POST", "/publish", desk.tenant, json=wanted | {"content": PROVEN})).json()
    assert (again["id"], again["version"]) == (post["id"], 2)
    assert (await desk.restore(UUID(post["id"]), former=1)).text == post["text"]
    await desk.approve(UUID(post["id"]))
    late = problem(await http.ask("POST", "/publish", desk.tenant, json=wanted), 409)
    assert late["code"] == "social.story_has_post"
    unknown = await http.ask("POST", "/publish", desk.tenant, json=wanted | {"story_id": str(new_id())})
    assert problem(unknown, 404)["code"] == "news.unknown_story"
    alone = {"story_id": str(summary.story_id), "platform": "scripted"}
    problem(await http.ask("POST", "/publish", desk.tenant, json=alone), 422)
