"""The social room over HTTP: who may do what, once, page by page, and nothing of another tenant's."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from pulse.http.pages import encode_cursor
from pulse.http.tokens import Role
from pulse.kernel.ids import new_id
from pulse.social.channels.outcomes import StillUnknown, Unknown
from pulse.social.service import service
from tests.doubles.service_http import ServiceHttp, problem
from tests.integration.social.desk import Desk


async def draft(desk: Desk) -> UUID:
    if not await desk.channels():
        await desk.add_channel()
    await desk.draft()
    return (await desk.posts())[-1].id


async def test_what_each_role_may(desk: Desk, http: ServiceHttp) -> None:
    post = await draft(desk)
    channel = (await desk.channels())[0].id
    reading = ("/posts", f"/posts/{post}", f"/posts/{post}/why", "/channels", "/publishing/art")
    writing = {
        "/publish": {"content": "Hello", "platform": "scripted"},
        f"/posts/{post}/restore": {"version": 1, "former": 1},
        f"/posts/{post}/approve": None,
        f"/posts/{post}/reject": {"reason": "dull"},
        f"/posts/{post}/cancel": None,
        f"/posts/{post}/retry": None,
        f"/posts/{post}/settle": {"url": None},
    }
    managing: tuple[tuple[str, str, dict[str, Any] | None], ...] = (
        ("POST", "/channels", {"kind": "scripted", "name": "more"}),
        ("PATCH", f"/channels/{channel}", {"paused": True}),
        ("DELETE", f"/channels/{channel}", None),
        ("PUT", "/publishing/art", {"autopilot": True}),
    )
    for role in (Role.OWNER, Role.EDITOR, Role.ANALYST, Role.VIEWER):
        for path in reading:
            assert (await http.ask("GET", path, desk.tenant, role)).status_code == 200
    for role in (Role.ANALYST, Role.VIEWER):
        for path, body in writing.items():
            assert problem(await http.ask("POST", path, desk.tenant, role, json=body), 403)["code"]
        edit = {"text": "Work begins in March.", "version": 1}
        problem(await http.ask("PATCH", f"/posts/{post}", desk.tenant, role, json=edit), 403)
    for role in (Role.EDITOR, Role.ANALYST, Role.VIEWER):
        for method, path, change in managing:
            problem(await http.ask(method, path, desk.tenant, role, json=change), 403)
    assert [item.state.value for item in await desk.posts()] == ["draft"]
    assert len(await desk.channels()) == 1
    assert (await http.ask("POST", f"/posts/{post}/approve", desk.tenant, Role.EDITOR)).json()["state"] == "approved"
    for method, path, change in managing:
        assert (await http.ask(method, path, desk.tenant, Role.OWNER, json=change)).is_success


async def test_without_a_good_token_nothing_is_told(desk: Desk, http: ServiceHttp) -> None:
    for authorization in ("", "Bearer nonsense", "Basic YTpi"):
        answer = await http.ask("GET", "/posts", desk.tenant, headers={"authorization": authorization})
        assert problem(answer, 401)["code"] == "http.not_authenticated"


async def test_a_text_of_ones_own_is_drafted_and_approval_shows_who_wrote_it(desk: Desk, http: ServiceHttp) -> None:
    await desk.add_channel()
    request = {"content": "Test post", "platform": "scripted", "niche": "art"}
    answer = await http.ask("POST", "/publish", desk.tenant, Role.OWNER, json=request)
    assert answer.status_code == 202
    post = answer.json()
    assert (post["state"], post["niche"]) == ("draft", "art")
    assert post["content"]["written_by"] == "a owner"
    assert "no source was given" in post["doubts"][0]
    assert desk.platform.delivered == []
    assert await desk.queue() == []
    approved = await http.ask("POST", f"/posts/{post['id']}/approve", desk.tenant, Role.EDITOR)
    assert (approved.json()["state"], approved.json()["approved_by"]) == ("approved", "a editor")
    assert (await desk.deliver(UUID(post["id"]))).url == "https://platform.example/1"
    assert "Test post" in desk.platform.delivered[0].body


async def test_publishing_a_summary_approves_it_at_once(desk: Desk, http: ServiceHttp) -> None:
    await desk.add_channel()
    summary = desk.summary()
    request = {"summary_id": str(summary.id), "platform": "scripted"}
    post = (await http.ask("POST", "/publish", desk.tenant, Role.EDITOR, json=request)).json()
    assert (post["state"], post["approved_by"]) == ("approved", "a editor")
    again = (await http.ask("POST", "/publish", desk.tenant, Role.EDITOR, json=request)).json()
    assert again["id"] == post["id"]
    at = (desk.clock.now + timedelta(hours=2)).isoformat()
    later = request | {"summary_id": str(desk.summary().id), "schedule_at": at}
    assert (await http.ask("POST", "/publish", desk.tenant, json=later)).json()["state"] == "scheduled"


async def test_two_who_publish_one_story_at_a_time_get_one_post(desk: Desk, http: ServiceHttp) -> None:
    await desk.add_channel()
    request = {"summary_id": str(desk.summary().id), "platform": "scripted"}
    answers = await asyncio.gather(*(http.ask("POST", "/publish", desk.tenant, json=request) for _ in range(5)))
    assert {answer.status_code for answer in answers} == {202}
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(await desk.posts()) == 1


async def test_with_one_key_a_request_does_its_work_once(desk: Desk, http: ServiceHttp) -> None:
    await desk.add_channel()
    request = {"content": "Test post", "platform": "scripted"}
    first = await http.ask("POST", "/publish", desk.tenant, key="k1", json=request)
    second = await http.ask("POST", "/publish", desk.tenant, key="k1", json=request)
    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert second.headers["idempotency-replayed"] == "true"
    assert len(await desk.posts()) == 1
    other = await http.ask("POST", "/publish", desk.tenant, key="k1", json=request | {"content": "Another"})
    assert problem(other, 409)["code"] == "http.idempotency_key_reused"

    path = f"/posts/{first.json()['id']}/approve"
    approvals = await asyncio.gather(*(http.ask("POST", path, desk.tenant, key="k2") for _ in range(3)))
    assert [answer.json()["state"] for answer in approvals] == ["approved"] * 3
    assert len(await desk.queue()) == 1
    assert problem(await http.ask("POST", path, desk.tenant), 409)["code"] == "social.wrong_state"
    # The key is the tenant's own.
    assert (await http.ask("GET", "/posts", desk.tenant, key="k1")).status_code == 200


async def test_pages_are_whole_and_without_repetition(desk: Desk, http: ServiceHttp) -> None:
    await desk.add_channel("one")
    await desk.add_channel("two")
    for number in range(4):
        await desk.draft(f"Sentence {number} is true.")
    await desk.autopilot()
    await desk.draft()
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 3}
    while True:
        page = (await http.ask("GET", "/posts", desk.tenant, params=query)).json()
        assert len(page["posts"]) <= 3
        seen += [post["id"] for post in page["posts"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == [str(post.id) for post in reversed(await desk.posts())]
    assert len(seen) == len(set(seen)) == 10
    approved = (await http.ask("GET", "/posts?state=approved&state=scheduled", desk.tenant)).json()["posts"]
    assert {post["state"] for post in approved} == {"approved"}
    assert len(approved) == 2
    assert (await http.ask("GET", "/posts?niche=sport", desk.tenant)).json()["posts"] == []


@pytest.mark.parametrize(
    "query",
    [
        "cursor=nonsense",
        "cursor=é",
        "cursor=WzEsMl0",
        f"cursor={encode_cursor('2026-01-01T00:00:00+00:00', 5)}",
        f"cursor={encode_cursor('yesterday', new_id())}",
        f"cursor={encode_cursor('0001-01-01T00:00:00+14:00', new_id())}",
        "limit=0",
        "limit=201",
        "state=eaten",
        f"niche={'x' * 64}",
    ],
)
async def test_a_query_that_makes_no_sense_is_refused(desk: Desk, http: ServiceHttp, query: str) -> None:
    problem(await http.ask("GET", f"/posts?{query}", desk.tenant), 422)


async def test_an_unknown_platform_is_answered_with_those_there_are(desk: Desk, http: ServiceHttp) -> None:
    request = {"content": "Test post", "platform": "myspace"}
    refusal = problem(await http.ask("POST", "/publish", desk.tenant, json=request), 422)
    assert refusal["code"] == "social.unknown_platform"
    assert "guarded, scripted" in refusal["detail"]
    refusal = problem(await http.ask("POST", "/channels", desk.tenant, json={"kind": "myspace", "name": "m"}), 422)
    assert "guarded, scripted" in refusal["detail"]
    request["platform"] = "scripted"
    refusal = problem(await http.ask("POST", "/publish", desk.tenant, json=request), 422)
    assert "pulse channel add scripted" in refusal["detail"]


async def test_what_is_published_goes_past_channels_that_are_paused(desk: Desk, http: ServiceHttp) -> None:
    paused = await desk.add_channel("a")
    await desk.change_channel(paused.id, paused=True)
    request = {"content": "Test post", "platform": "scripted"}
    assert "paused" in problem(await http.ask("POST", "/publish", desk.tenant, json=request), 422)["detail"]
    active = await desk.add_channel("b")
    answer = await http.ask("POST", "/publish", desk.tenant, json=request)
    assert answer.json()["channel_id"] == str(active.id)


@pytest.mark.parametrize(
    "request_body",
    [
        {},
        {"platform": "scripted"},
        {"platform": "scripted", "content": ""},
        {"platform": "scripted", "content": " \n\u0000 "},
        {"platform": "scripted", "content": "x" * 5_001},
        {"platform": "scripted", "content": "Hello", "niche": " "},
        {"platform": "scripted", "content": "Hello", "summary_id": str(new_id())},
        {"platform": "scripted", "content": "Hello", "colour": "red"},
        {"platform": "scripted", "content": "Hello", "schedule_at": "2026-11-23T09:00:00"},
        {"platform": "scripted", "content": "Hello", "schedule_at": "9999-12-31T23:59:59-12:00"},
        {"platform": "scripted", "summary_id": "12"},
        [],
    ],
)
async def test_what_cannot_be_published_is_refused(desk: Desk, http: ServiceHttp, request_body: Any) -> None:
    await desk.add_channel()
    problem(await http.ask("POST", "/publish", desk.tenant, json=request_body), 422)
    assert await desk.posts() == []


async def test_a_summary_nobody_has_is_not_found(desk: Desk, http: ServiceHttp) -> None:
    await desk.add_channel()
    request = {"summary_id": str(new_id()), "platform": "scripted"}
    refusal = problem(await http.ask("POST", "/publish", desk.tenant, json=request), 404)
    assert refusal["code"] == "llm.summary_not_found"


async def test_a_summary_whose_story_is_gone_can_be_published(desk: Desk, http: ServiceHttp) -> None:
    await desk.add_channel()
    summary = desk.summary()
    desk.news.told.clear()
    request = {"summary_id": str(summary.id), "platform": "scripted"}
    assert (await http.ask("POST", "/publish", desk.tenant, json=request)).status_code == 202


async def test_hostile_text_breaks_nothing(desk: Desk, http: ServiceHttp) -> None:
    hostile = "a\u0000b\u202e\ud800c"
    name = {"kind": "scripted", "name": hostile, "niches": [hostile], "settings": {"server": hostile}}
    created = await http.ask("POST", "/channels", desk.tenant, content=json.dumps(name))
    assert created.status_code == 201, created.text
    assert created.json()["name"] == "a b c"
    naive = encode_cursor("2026-01-01T00:00:00", new_id())
    for path in ("/posts?niche=a%00b", "/publishing/a%00b", "/posts?niche=%ED%A0%80", f"/posts?cursor={naive}"):
        assert (await http.ask("GET", path, desk.tenant)).status_code == 200, path
    await desk.add_channel("for all")
    post = await draft(desk)
    answer = await http.ask("POST", f"/posts/{post}/reject", desk.tenant, json={"reason": "a\u0000b"})
    assert answer.json()["error"]["message"] == "a b"
    for body in (b"{", b"\xff\xfe", b"[" * 50_000, b'"' + b"x" * 90_000 + b'"'):
        answer = await http.ask("POST", "/publish", desk.tenant, content=body)
        assert answer.status_code in (400, 422), (body[:5], answer.text)
    assert (await http.ask("POST", "/publish", desk.tenant, content=b"x" * 100_001)).status_code == 413


async def test_an_uncertain_post_is_settled_with_an_address_people_can_open(desk: Desk, http: ServiceHttp) -> None:
    post = await desk.ready()
    desk.platform.outcomes.append(Unknown("no answer"))
    desk.platform.readings.append(StillUnknown("may not read", None))
    await desk.deliver(post)
    await desk.deliver(post)
    path = f"/posts/{post}/settle"
    for url in ("javascript:alert(1)", "data:text/html,x", "", "not an address", 'https://e.example/"><b>'):
        problem(await http.ask("POST", path, desk.tenant, json={"url": url}), 422)
    answer = await http.ask("POST", path, desk.tenant, json={"url": "https://platform.example/@us/7"})
    assert (answer.json()["state"], answer.json()["url"]) == ("published", "https://platform.example/@us/7")


async def test_another_tenant_finds_nothing(desk: Desk, other: Desk, http: ServiceHttp) -> None:
    post = await draft(desk)
    channel = (await desk.channels())[0].id
    await desk.autopilot()
    mine = (await desk.post(post)).model_dump()
    routes: list[tuple[str, str, Any]] = [
        ("GET", f"/posts/{post}", None),
        ("GET", f"/posts/{post}/why", None),
        ("PATCH", f"/posts/{post}", {"text": "Work begins in March.", "version": 1}),
        ("POST", f"/posts/{post}/restore", {"version": 1, "former": 1}),
        ("POST", f"/posts/{post}/approve", None),
        ("POST", f"/posts/{post}/reject", {"reason": "x"}),
        ("POST", f"/posts/{post}/cancel", None),
        ("POST", f"/posts/{post}/retry", None),
        ("POST", f"/posts/{post}/settle", {"url": "https://platform.example/1"}),
        ("PATCH", f"/channels/{channel}", {"paused": True}),
        ("PATCH", f"/channels/{channel}", {"secret": "x"}),
        ("DELETE", f"/channels/{channel}", None),
    ]
    with_ids = {
        (method, route.path)  # type: ignore[attr-defined]
        for route in service(desk.room).routers[0].routes
        for method in route.methods  # type: ignore[attr-defined]
        if "_id}" in route.path  # type: ignore[attr-defined]
    }
    named = {
        (method, path.replace(str(post), "{post_id}").replace(str(channel), "{channel_id}"))
        for method, path, _ in routes
    }
    assert named == with_ids
    for method, path, body in routes:
        problem(await http.ask(method, path, other.tenant, json=body), 404)
    summary = desk.summary()
    await other.add_channel("theirs")
    request = {"summary_id": str(summary.id), "platform": "scripted"}
    problem(await http.ask("POST", "/publish", other.tenant, json=request), 404)
    assert (await http.ask("GET", "/posts", other.tenant)).json()["posts"] == []
    names = [item["name"] for item in (await http.ask("GET", "/channels", other.tenant)).json()["channels"]]
    assert names == ["theirs"]
    assert (await http.ask("GET", "/publishing/technology", other.tenant)).json()["autopilot"] is False
    assert (await desk.post(post)).model_dump() == mine
    assert [(item.id, item.paused) for item in await desk.channels()] == [(channel, False)]
    # Nor does a key of one tenant answer the other.
    body = {"content": "Mine", "platform": "scripted"}
    first = await http.ask("POST", "/publish", desk.tenant, key="same", json=body)
    second = await http.ask("POST", "/publish", other.tenant, key="same", json=body)
    assert second.status_code == 202
    assert first.json()["id"] != second.json()["id"]
