"""The llm room over HTTP."""

from typing import Any

import pytest
import regex

from pulse.http.errors import PeerRefused
from pulse.http.tokens import Role
from pulse.kernel.ids import new_id
from pulse.kernel.tenant import TenantId
from pulse.llm import handlers
from pulse.llm.room import LlmRoom
from pulse.settings import LlmSettings
from tests.doubles.fake_services import FakeNews, refused
from tests.doubles.service_http import ServiceHttp, problem
from tests.integration.llm.test_summarizing import FIRST, SECOND, THIRD, events, summaries, told

GRAPHEME = regex.compile(r"\X")


async def test_an_article_is_summarised_once(
    room: LlmRoom, news: FakeNews, http: ServiceHttp, tenant: TenantId
) -> None:
    report = told(news, tenant).articles[0]
    first = await http.ask("POST", "/summarize", tenant, json={"article_id": str(report.id)})
    assert first.status_code == 200
    summary = first.json()
    assert (summary["story_id"], summary["title"], summary["niche"]) == (None, report.title, "technology")
    assert FIRST in summary["text"]
    for sentence in summary["sentences"]:
        for citation in sentence["citations"]:
            assert report.content[citation["start"] : citation["end"]] == citation["quote"]
    second = await http.ask("POST", "/summarize", tenant, json={"article_id": str(report.id)})
    assert second.json()["id"] == summary["id"]
    assert len(await summaries(room, tenant)) == 1
    assert await events(room, tenant) == []
    shown = (await http.ask("GET", f"/summaries/{summary['id']}", tenant)).json()
    assert [stage["name"] for stage in shown["stages"]] == ["draft", "facts", "verified", "refined"]


async def test_an_article_summarised_by_hand_does_not_keep_its_story_from_being_told(
    room: LlmRoom, news: FakeNews, http: ServiceHttp, tenant: TenantId
) -> None:
    item = told(news, tenant)
    await http.ask("POST", "/summarize", tenant, json={"article_id": str(item.articles[0].id)})
    await handlers.summarize_stories(room, tenant, {"stories": [str(item.id)]})
    assert [event.data["story_id"] for event in await events(room, tenant)] == [str(item.id)]


async def test_a_story_is_summarised(room: LlmRoom, news: FakeNews, http: ServiceHttp, tenant: TenantId) -> None:
    item = told(news, tenant)
    answer = await http.ask("POST", "/summarize", tenant, json={"story_id": str(item.id)})
    assert answer.json()["story_id"] == str(item.id)
    # The same as the pipeline would have written: it has nothing left to do.
    await handlers.summarize_stories(room, tenant, {"stories": [str(item.id)]})
    assert len(await summaries(room, tenant)) == len(await events(room, tenant)) == 1


async def test_the_length_of_the_settings_holds_where_none_is_asked_for(
    room: LlmRoom, news: FakeNews, http: ServiceHttp, tenant: TenantId
) -> None:
    object.__setattr__(room, "settings", LlmSettings(max_length=60, min_sentences=1))
    item = told(news, tenant)
    answer = await http.ask("POST", "/summarize", tenant, json={"story_id": str(item.id)})
    assert 0 < len(answer.json()["text"]) <= 60
    await handlers.summarize_stories(room, tenant, {"stories": [str(item.id)]})
    assert len(await events(room, tenant)) == 1


@pytest.mark.parametrize("length", [40, 60, 120, 5_000])
async def test_the_length_is_honoured_as_a_reader_counts(
    news: FakeNews, http: ServiceHttp, tenant: TenantId, length: int
) -> None:
    family = "👨‍👩‍👧‍👦"
    texts = (FIRST, f"Families {family * 3} marched on Monday.", SECOND, THIRD)
    report = told(news, tenant, *texts).articles[0]
    request = {"article_id": str(report.id), "max_length": length}
    text = (await http.ask("POST", "/summarize", tenant, json=request)).json()["text"]
    assert len(GRAPHEME.findall(text)) <= length
    assert bool(text) is (length > 40)


async def test_what_is_not_there_is_not_found(news: FakeNews, http: ServiceHttp, tenant: TenantId) -> None:
    missing = str(new_id())
    for body, code in (
        ({"article_id": missing}, "news.unknown_article"),
        ({"story_id": missing}, "news.unknown_story"),
    ):
        found = problem(await http.ask("POST", "/summarize", tenant, json=body), 404)
        assert (found["code"], missing in found["detail"]) == (code, True)
    assert problem(await http.ask("GET", f"/summaries/{missing}", tenant), 404)["code"] == "llm.summary_not_found"


async def test_a_service_that_fails_otherwise_is_not_taken_for_a_missing_article(
    news: FakeNews, http: ServiceHttp, tenant: TenantId, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_arguments: object) -> None:
        raise refused("http.unexpected", "Something went wrong", 500)

    monkeypatch.setattr(news, "article", broken)
    found = problem(await http.ask("POST", "/summarize", tenant, json={"article_id": str(new_id())}), 500)
    assert found["code"] == PeerRefused.code


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"article_id": str(new_id()), "story_id": str(new_id())},
        {"article_id": "12"},
        {"article_id": str(new_id()), "max_length": 39},
        {"article_id": str(new_id()), "max_length": 5_001},
        {"article_id": str(new_id()), "colour": "red"},
        [],
    ],
)
async def test_a_request_that_makes_no_sense_is_refused(http: ServiceHttp, tenant: TenantId, body: Any) -> None:
    problem(await http.ask("POST", "/summarize", tenant, json=body), 422)


async def test_with_one_key_a_request_does_its_work_once(
    room: LlmRoom, news: FakeNews, http: ServiceHttp, tenant: TenantId
) -> None:
    report = told(news, tenant).articles[0]
    body = {"article_id": str(report.id)}
    first = await http.ask("POST", "/summarize", tenant, key="k", json=body)
    news.reports.clear()  # the answer is kept, not made again
    again = await http.ask("POST", "/summarize", tenant, key="k", json=body)
    assert (again.json(), again.headers["idempotency-replayed"]) == (first.json(), "true")
    problem(await http.ask("POST", "/summarize", tenant, key="k", json=body | {"max_length": 100}), 409)


async def test_what_each_role_may(news: FakeNews, http: ServiceHttp, tenant: TenantId) -> None:
    body = {"article_id": str(told(news, tenant).articles[0].id)}
    for role, status in ((Role.VIEWER, 403), (Role.ANALYST, 403), (Role.EDITOR, 200), (Role.OWNER, 200)):
        assert (await http.ask("POST", "/summarize", tenant, role, json=body)).status_code == status
        assert (await http.ask("GET", "/summaries", tenant, role)).status_code == 200


async def test_pages_are_whole_even_where_moments_are_equal(
    room: LlmRoom, news: FakeNews, http: ServiceHttp, tenant: TenantId
) -> None:
    stories = [told(news, tenant, f"{FIRST} Number {number} of them is green.") for number in range(7)]
    moment = room.clock()
    object.__setattr__(room, "clock", lambda: moment)
    await handlers.summarize_stories(room, tenant, {"stories": [str(item.id) for item in stories]})
    seen: list[str] = []
    query: dict[str, Any] = {"limit": 3}
    while True:
        page = (await http.ask("GET", "/summaries", tenant, params=query)).json()
        seen += [summary["story_id"] for summary in page["summaries"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert sorted(seen) == sorted(str(item.id) for item in stories)
    chosen = (await http.ask("GET", f"/summaries?story_id={stories[0].id}", tenant)).json()["summaries"]
    assert [summary["story_id"] for summary in chosen] == [str(stories[0].id)]
    for cursor in ("nonsense", "WzVd", "WzUsNV0", "WyIyMDI2LTAxLTAxIiw1XQ"):
        problem(await http.ask("GET", f"/summaries?cursor={cursor}", tenant), 422)


async def test_another_tenant_finds_nothing(
    room: LlmRoom, news: FakeNews, http: ServiceHttp, tenant: TenantId, other: TenantId
) -> None:
    item = told(news, tenant)
    summary = (await http.ask("POST", "/summarize", tenant, json={"story_id": str(item.id)})).json()
    problem(await http.ask("GET", f"/summaries/{summary['id']}", other), 404)
    problem(await http.ask("POST", "/summarize", other, json={"story_id": str(item.id)}), 404)
    problem(await http.ask("POST", "/summarize", other, json={"article_id": str(item.articles[0].id)}), 404)
    assert (await http.ask("GET", "/summaries", other)).json()["summaries"] == []
    assert (await http.ask("GET", f"/summaries?story_id={item.id}", other)).json()["summaries"] == []
