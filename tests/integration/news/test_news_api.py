"""The room's HTTP interface, asked as other rooms ask it and as strangers do."""

import time
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest

from pulse.http import application
from pulse.http.client import Peer
from pulse.http.errors import PeerRefused
from pulse.http.tokens import Principal, Role, Tokens
from pulse.kernel.tenant import DEFAULT_TENANT, TenantId
from pulse.news import rank
from pulse.news.client import NewsClient
from pulse.news.handlers import list_sources, niches
from pulse.news.models import Article, Source, Story
from pulse.news.poll import poll_due
from pulse.news.room import NewsRoom
from pulse.news.service import service
from tests.integration.news.conftest import Site, Time, item, rss
from tests.integration.news.sources import niche, rows, source, unlike

OPML = """<?xml version='1.0'?><opml version='2.0'><body><outline text='Folder'>
<outline type='rss' text='One' xmlUrl='https://one.example/feed' htmlUrl='https://one.example/'/>
<outline type='rss' text='Two' xmlUrl='https://two.example/feed'/>
<outline type='rss' text='One again' xmlUrl='https://one.example/feed'/>
</outline></body></opml>"""


@pytest.fixture
async def http(room: NewsRoom, tokens: Tokens) -> AsyncIterator[httpx.AsyncClient]:
    async def ready() -> dict[str, Any]:
        return {}

    app = application.build("news", service(room).routers, tokens, ready=ready, max_body_bytes=1_000_000)
    token = tokens.issue(Principal(DEFAULT_TENANT, "tests", Role.OWNER), timedelta(minutes=5))
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://news", headers={"authorization": f"Bearer {token}"}
    ) as client:
        yield client


@pytest.fixture
def client(http: httpx.AsyncClient, tokens: Tokens) -> NewsClient:
    http.headers.pop("authorization")
    return NewsClient(Peer(http, tokens, caller="tests", service="news"))


async def fill(room: NewsRoom, site: Site, *, feeds: int = 3, entries: int = 5, name: str = "technology") -> None:
    for number in range(feeds):
        site.documents[f"/{name}/{number}"] = rss(
            *(
                item(
                    f"Title {number}-{n}", link=f"https://a.example/{name}/{number}/{n}", text=unlike(100 * number + n)
                )
                for n in range(entries)
            )
        )
        await source(room, site.url(f"/{name}/{number}"), name=name, title=f"Feed {number}")
    await poll_due(room, DEFAULT_TENANT)


async def test_niches(http: httpx.AsyncClient) -> None:
    made = await http.post("/niches", json={"name": "technology", "keywords": ["chips", " chips ", ""]})
    assert (made.status_code, made.json()["keywords"], made.json()["title"]) == (201, ["chips"], "Technology")
    assert (await http.post("/niches", json={"name": "technology"})).json()["code"] == "news.niche_exists"
    for bad in ("Tech", "-tech", "te ch", "", "x" * 65, "-"):
        assert (await http.post("/niches", json={"name": bad})).status_code == 422, bad
    changed = await http.patch("/niches/technology", json={"title": "Tech", "language": "de-AT"})
    assert (changed.json()["title"], changed.json()["language"], changed.json()["keywords"]) == (
        "Tech",
        "de-AT",
        ["chips"],
    )
    assert (await http.patch("/niches/technology", json={"language": "%%"})).status_code == 422
    toned = await http.patch("/niches/technology", json={"tone": "statistic_lead"})
    assert (toned.json()["tone"], toned.json()["language"]) == ("statistic_lead", "de-AT")
    assert (await http.patch("/niches/technology", json={"title": "Tech"})).json()["tone"] == "statistic_lead"
    assert (await http.patch("/niches/technology", json={"tone": None})).json()["tone"] is None
    assert (await http.patch("/niches/technology", json={"tone": "Loud!"})).status_code == 422
    assert (await http.post("/niches", json={"name": "toned", "tone": "dry"})).json()["tone"] == "dry"
    assert (await http.get("/niches/technology")).json()["title"] == "Tech"
    assert (await http.get("/niches/nothing")).json()["code"] == "news.unknown_niche"
    assert [one["name"] for one in (await http.get("/niches")).json()["niches"]] == ["technology", "toned"]


async def test_a_repeated_post_is_done_once(http: httpx.AsyncClient) -> None:
    headers = {"idempotency-key": "k1"}
    first = await http.post("/niches", json={"name": "science"}, headers=headers)
    again = await http.post("/niches", json={"name": "science"}, headers=headers)
    assert (again.status_code, again.json()) == (first.status_code, first.json()) == (201, first.json())


async def test_nobody_gets_in_without_a_token_and_viewers_change_nothing(
    http: httpx.AsyncClient, tokens: Tokens
) -> None:
    viewer = tokens.issue(Principal(DEFAULT_TENANT, "viewer", Role.VIEWER), timedelta(minutes=1))
    calls = [
        ("POST", "/niches"), ("PATCH", "/niches/x"), ("POST", "/sources"), ("POST", "/sources/import?niche=x"),
        ("PATCH", f"/sources/{uuid4()}"), ("DELETE", f"/sources/{uuid4()}"), ("POST", f"/sources/{uuid4()}/poll"),
    ]  # fmt: skip
    for method, path in calls:
        assert (await http.request(method, path, headers={"authorization": ""})).status_code == 401
        assert (await http.request(method, path, headers={"authorization": f"Bearer {viewer}"})).status_code == 403
    for path in (
        "/niches",
        "/articles",
        "/articles/x",
        "/stories",
        "/sources",
        "/sources/export",
        f"/stories/{uuid4()}",
    ):
        assert (await http.get(path, headers={"authorization": ""})).status_code == 401


async def test_a_source_is_added_by_its_feed_and_by_its_site(http: httpx.AsyncClient, site: Site) -> None:
    await http.post("/niches", json={"name": "technology"})
    site.documents["/feed"] = rss(item("One", link="https://a.example/1"), title="The feed")
    site.documents["/comments"] = rss(item("C", link="https://a.example/c"), title="Comments")
    site.documents["/"] = (
        "<html><head><link rel='alternate' type='application/rss+xml' href='/broken'>"
        "<link rel='alternate' type='application/rss+xml' href='/feed' title='Main'>"
        "<link rel='alternate' type='application/rss+xml' href='/comments' title='Comments'></head><body></body></html>"
    )
    by_site = await http.post("/sources", json={"url": site.url("/"), "niche": "technology"})
    assert by_site.status_code == 201, by_site.text
    assert (by_site.json()["url"], by_site.json()["title"]) == (site.url("/feed"), "The feed")
    assert site.url("/comments") in by_site.json()["other_feeds"]
    by_feed = await http.post("/sources", json={"url": site.url("/feed"), "niche": "technology"})
    assert (by_feed.status_code, by_feed.json()["code"]) == (409, "news.source_exists")
    site.documents["/plain"] = "<html><body>Nothing here</body></html>"
    for documents in ("/feed", "/comments"):
        del site.documents[documents]
    none = await http.post("/sources", json={"url": site.url("/plain"), "niche": "technology"})
    assert (none.status_code, none.json()["code"]) == (422, "news.no_feed_found")
    private = await http.post("/sources", json={"url": "http://10.0.0.1/feed", "niche": "technology"})
    assert (private.status_code, private.json()["code"]) == (403, "fetch.address_refused")


async def test_a_source_of_an_unknown_niche_is_refused(http: httpx.AsyncClient, site: Site) -> None:
    site.documents["/feed"] = rss(item("One", link="https://a.example/1"))
    answer = await http.post("/sources", json={"url": site.url("/feed"), "niche": "nowhere"})
    assert (answer.status_code, answer.json()["code"]) == (404, "news.unknown_niche")


async def test_opml_in_and_out(http: httpx.AsyncClient) -> None:
    await http.post("/niches", json={"name": "technology"})
    first = await http.post("/sources/import?niche=technology", content=OPML, headers={"content-type": "text/x-opml"})
    assert first.json() == {"added": 2, "known": 0, "errors": []}
    again = await http.post("/sources/import?niche=technology", content=OPML)
    assert again.json() == {"added": 0, "known": 2, "errors": []}
    out = await http.get("/sources/export?niche=technology")
    assert out.headers["content-type"].startswith("text/x-opml")
    assert "https://one.example/feed" in out.text
    await http.post("/niches", json={"name": "science"})
    copied = await http.post("/sources/import?niche=science", content=out.content)
    assert copied.json()["added"] == 2
    assert (await http.post("/sources/import?niche=technology", content=b"nonsense")).status_code == 422
    assert (await http.post("/sources/import?niche=nothing", content=OPML)).status_code == 404


async def test_a_source_is_changed_paused_polled_and_deleted(
    http: httpx.AsyncClient, room: NewsRoom, site: Site, clock: Time
) -> None:
    await niche(room)
    await fill(room, site, feeds=1)
    [added] = (await http.get("/sources?niche=technology")).json()["sources"]
    assert Source.model_validate(added).articles == 5
    path = f"/sources/{added['id']}"
    changed = await http.patch(path, json={"paused": True, "authority": 0.9, "title": "Renamed", "full_text": "always"})
    assert {name: changed.json()[name] for name in ("paused", "authority", "title", "full_text")} == {
        "paused": True, "authority": 0.9, "title": "Renamed", "full_text": "always",
    }  # fmt: skip
    assert (await http.patch(path, json={"authority": 2})).status_code == 422
    clock.advance(days=3)
    assert (await poll_due(room, DEFAULT_TENANT)).sources == 0
    assert not (await http.patch(path, json={"paused": False})).json()["paused"]
    assert (await poll_due(room, DEFAULT_TENANT)).sources == 1
    assert (await poll_due(room, DEFAULT_TENANT)).sources == 0
    soon = await http.post(f"{path}/poll")
    assert soon.status_code == 202
    assert (await poll_due(room, DEFAULT_TENANT)).sources == 1
    assert (await http.delete(path)).status_code == 204
    assert (await http.delete(path)).json()["code"] == "news.unknown_source"
    assert (await http.get("/sources")).json()["sources"] == []
    # What it brought stays.
    assert len((await http.get("/articles/technology")).json()["articles"]) == 5


async def test_articles_page_by_page(http: httpx.AsyncClient, room: NewsRoom, site: Site) -> None:
    for name in ("technology", "science"):
        await niche(room, name)
        await fill(room, site, feeds=2, entries=12, name=name)
    seen: list[dict[str, Any]] = []
    cursor = None
    while True:
        query: dict[str, Any] = {"niche": "technology", "limit": 7} | ({"cursor": cursor} if cursor else {})
        page = (await http.get("/articles", params=query)).json()
        seen += page["articles"]
        cursor = page["next_cursor"]
        assert len(page["articles"]) == (7 if cursor else 3)
        if cursor is None:
            break
    assert len({article["id"] for article in seen}) == 24
    assert [one["created_at"] for one in seen] == sorted((one["created_at"] for one in seen), reverse=True)
    for one in seen:
        assert len(Article.model_validate(one).content) <= 500
    assert {one["source"] for one in seen} == {"Feed 0", "Feed 1"}
    same = (await http.get("/articles/technology?limit=7")).json()
    assert [one["id"] for one in same["articles"]] == [one["id"] for one in seen[:7]]
    everything = (await http.get("/articles?limit=200")).json()["articles"]
    assert len(everything) == 48
    backlog = (await http.get("/articles?niche=technology&status=backlog")).json()["articles"]
    assert len(backlog) == 4
    whole = await http.get(f"/articles/technology/{seen[0]['id']}")
    assert len(whole.json()["content"]) > 500
    assert (await http.get(f"/articles/-/{seen[0]['id']}")).json() == whole.json()
    assert (await http.get(f"/articles/science/{seen[0]['id']}")).status_code == 404
    assert (await http.get("/articles?niche=nothing")).json()["code"] == "news.unknown_niche"
    for bad in ("x", "W10", "WzEsMl0", "WyJhIiwiYiJd"):
        assert (await http.get(f"/articles?cursor={bad}")).status_code == 422
        assert (await http.get(f"/stories?cursor={bad}")).status_code == 422


@pytest.mark.parametrize("order", ["score", "new"])
async def test_stories_page_by_page(
    http: httpx.AsyncClient, room: NewsRoom, site: Site, clock: Time, order: str
) -> None:
    await niche(room, keywords=("council3q1",))
    await fill(room, site, feeds=3, entries=6)
    seen: list[dict[str, Any]] = []
    cursor = None
    while True:
        query: dict[str, Any] = {"order": order, "limit": 5} | ({"cursor": cursor} if cursor else {})
        page = (await http.get("/stories", params=query)).json()
        seen += page["stories"]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        # Scores fade while somebody turns the pages; the listing stays the one it was.
        clock.advance(hours=2)
    assert len({story["id"] for story in seen}) == len(seen) == 18
    for one in seen:
        score = Story.model_validate(one).score
        assert score.total == pytest.approx(rank.total(score.model, score.relevance, score.freshness, score.authority))
    if order == "score":
        totals = [one["score"]["total"] for one in seen]
        assert totals == sorted(totals, reverse=True)
        assert seen[0]["score"]["reasons"][0] == "about council3q1"
        assert "names none of the niche's keywords" in seen[-1]["score"]["reasons"]


async def test_scores_are_of_now(http: httpx.AsyncClient, room: NewsRoom, site: Site, clock: Time) -> None:
    await niche(room)
    await fill(room, site, feeds=1, entries=1)
    before = (await http.get("/stories")).json()["stories"][0]["score"]
    clock.advance(hours=12)
    after = (await http.get("/stories")).json()["stories"][0]["score"]
    assert after["freshness"] == pytest.approx(before["freshness"] / 2, rel=1e-3)
    assert after["total"] == pytest.approx(before["total"] - 0.2 * before["freshness"] / 2, rel=1e-3)


async def test_new_keywords_change_the_scores_of_stories(http: httpx.AsyncClient, room: NewsRoom, site: Site) -> None:
    await niche(room)
    await fill(room, site, feeds=1, entries=2)
    await http.patch("/niches/technology", json={"keywords": ["council1q1"]})
    [work] = await rows(room.database, "SELECT queue FROM bus.work")
    assert work["queue"] == niches.RESCORE
    await niches.rescore(room, DEFAULT_TENANT, {"niche": "technology"})
    relevances = [one["score"]["relevance"] for one in (await http.get("/stories")).json()["stories"]]
    assert relevances[0] > 0.4
    assert relevances[1] == 0


async def test_other_rooms_ask_by_the_client(client: NewsClient, room: NewsRoom, site: Site) -> None:
    await niche(room)
    await fill(room, site)
    assert [one.name for one in await client.niches(DEFAULT_TENANT)] == ["technology"]
    one = await client.niche(DEFAULT_TENANT, "technology")
    assert (one.sources, one.articles, one.stories) == (3, 15, 15)
    assert len(await client.sources(DEFAULT_TENANT)) == 3
    articles, cursor = await client.articles(DEFAULT_TENANT, "technology", limit=4)
    assert len(articles) == 4
    assert cursor
    stories, _ = await client.list_stories(DEFAULT_TENANT, "technology", limit=3)
    assert all(not story.articles for story in stories)
    wanted = [story.id for story in stories]
    full = await client.stories(DEFAULT_TENANT, [*wanted[::-1], uuid4()])
    assert [story.id for story in full] == wanted[::-1]
    assert all(len(story.articles[0].content) > 500 for story in full)
    assert (await client.story(DEFAULT_TENANT, wanted[0])).articles
    assert (await client.article(DEFAULT_TENANT, articles[0].id)).title == articles[0].title
    assert await client.stories(DEFAULT_TENANT, []) == []
    with pytest.raises(PeerRefused):
        await client.story(DEFAULT_TENANT, uuid4())


async def test_another_tenant_sees_nothing(client: NewsClient, room: NewsRoom, site: Site) -> None:
    await niche(room)
    await fill(room, site)
    stranger = TenantId(UUID("00000000-0000-7000-8000-00000000000f"))
    [story, *_], _ = await client.list_stories(DEFAULT_TENANT)
    [article, *_], _ = await client.articles(DEFAULT_TENANT)
    assert await client.niches(stranger) == []
    assert await client.sources(stranger) == []
    assert await client.articles(stranger) == ([], None)
    assert await client.list_stories(stranger) == ([], None)
    assert await client.stories(stranger, [story.id]) == []
    with pytest.raises(PeerRefused):
        await client.article(stranger, article.id)
    assert (
        await poll_due(room, stranger, sources=[one.id for one in await list_sources(room, DEFAULT_TENANT)])
    ).sources == 0


async def test_lists_answer_fast(http: httpx.AsyncClient, room: NewsRoom, site: Site) -> None:
    await niche(room)
    await fill(room, site, feeds=20, entries=50)
    for path in ("/articles?niche=technology&limit=50", "/stories?niche=technology&limit=50"):
        times = []
        for _ in range(30):
            began = time.perf_counter()
            assert (await http.get(path)).status_code == 200
            times.append(time.perf_counter() - began)
        # The promise is 50 ms at the 95th percentile on an idle machine, which `make bench` measures. Here others work
        # too, but hardly all the time.
        assert min(times) < 0.05, (path, times)
