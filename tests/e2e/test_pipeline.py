"""Feeds in, posts out, through real processes over HTTP: the same test against one process and against six."""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import httpx
import pytest

from pulse.demo.corpus import hidden_text, wrong_sentences
from tests.servers import demo_feeds
from tests.servers import pulse as server

SETTINGS = {
    "PULSE_BUS__POLL_SECONDS": "0.3",
    "PULSE_NEWS__MIN_INTERVAL_SECONDS": "2",
    "PULSE_STORAGE__POOL_SIZE": "5",
}


@pytest.fixture(scope="module", params=[server.up, server.six], ids=["one process", "six processes"])
def running(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[server.Running, demo_feeds.Feeds]]:
    start: Callable[..., AbstractContextManager[server.Running]] = request.param
    with demo_feeds.serving() as feeds:
        settings = SETTINGS | {"PULSE_FETCH__ALLOW_HOSTS": feeds.host}
        with start(tmp_path_factory.mktemp("pipeline") / "home", settings=settings) as pulse:
            yield pulse, feeds


def posts(client: httpx.Client, state: str) -> list[dict[str, Any]]:
    page = client.get("/posts", params={"state": state, "limit": 200}).raise_for_status().json()
    return list(page["posts"])


@pytest.mark.timeout(240)
def test_from_a_feed_to_a_published_post(running: tuple[server.Running, demo_feeds.Feeds]) -> None:
    pulse, feeds = running
    with pulse.client() as client:
        for niche in ("technology", "science"):
            client.post("/niches", json={"name": niche})
        channel = client.post("/channels", json={"kind": "site", "name": "the site"})
        assert channel.status_code in (201, 409), channel.text
        for niche, addresses in feeds.by_niche.items():
            for address in addresses:
                added = client.post("/sources", json={"url": address, "niche": niche})
                if "/brass/" in address:  # the feed that is broken says why it cannot be added
                    assert (added.status_code, added.json()["code"]) == (422, "news.no_feed_found")
                    continue
                assert added.status_code == 201, added.text
        drafts = server.wait_for("drafts", lambda: len(posts(client, "draft")) >= 8 and posts(client, "draft"))
        assert isinstance(drafts, list)

        stories = client.get("/stories", params={"niche": "technology", "limit": 100}).json()["stories"]
        score = stories[0]["score"]
        parts = 0.4 * score["model"] + 0.3 * score["relevance"] + 0.2 * score["freshness"] + 0.1 * score["authority"]
        assert score["total"] == pytest.approx(parts, abs=1e-3)
        assert any(story["article_count"] > story["independent_sources"] for story in stories), (
            "a wire copy counts once"
        )

        chosen = drafts[:5]
        for post in chosen:
            approved = client.post(f"/posts/{post['id']}/approve", headers={"Idempotency-Key": f"approve-{post['id']}"})
            assert approved.status_code == 200, approved.text
            again = client.post(f"/posts/{post['id']}/approve", headers={"Idempotency-Key": f"approve-{post['id']}"})
            assert again.json() == approved.json()
        wanted = {post["id"] for post in chosen}
        server.wait_for("published posts", lambda: wanted <= {post["id"] for post in posts(client, "published")})

        for post_id in wanted:
            post = client.get(f"/posts/{post_id}").json()
            page = httpx.get(post["url"], trust_env=False)
            assert page.status_code == 200
            for sentence in post["content"]["sentences"]:
                assert sentence["verdict"]["supported"]
                assert sentence["citations"], "every sentence has its receipt"
            why = client.get(f"/posts/{post_id}/why").json()
            names = [event["event"] for event in why["history"]]
            assert names[0] == "post.drafted"
            assert names[-1] == "post.published"
            assert why["summary"]["stages"]
            assert why["story"]["articles"]

        everything = json.dumps(client.get("/posts", params={"limit": 200}).json()["posts"], ensure_ascii=False)
        texts = [sentence["text"] for post in json.loads(everything) for sentence in post["content"]["sentences"]]
        for slug, sentences in wrong_sentences().items():
            for wrong in sentences:
                assert wrong not in texts, f"{slug}: {wrong}"
        for hidden in (text for hides in hidden_text().values() for text in hides):
            assert hidden not in everything

        feed = httpx.get(f"{pulse.url}/site/niches/{chosen[0]['niche']}/feed.json", trust_env=False)
        assert feed.status_code == 200, feed.text
        live = client.get("/stats/live").json()
        assert live["success_rate"] == 1.0
        about = client.get("/openapi.json").json()["info"]
        assert (about["title"], about["version"]) == ("Pulse API", "2.0.0")


def test_nothing_is_open_by_accident(running: tuple[server.Running, demo_feeds.Feeds]) -> None:
    pulse, _ = running
    with pulse.client() as client:
        document = client.get("/openapi.json").json()
    with httpx.Client(base_url=pulse.url, trust_env=False) as stranger:
        for path, operations in document["paths"].items():
            for method in operations:
                address = re.sub(r"\{[^}]+\}", "01890a5d-ac96-774b-bcce-b302099a8057", path)
                answer = stranger.request(method, address, json={} if method in ("post", "put", "patch") else None)
                assert answer.status_code == 401, f"{method} {path} answers {answer.status_code} to a stranger"
                assert answer.headers["content-type"].startswith("application/problem+json")
        assert stranger.get("/").status_code in (302, 303, 307)
        assert stranger.get("/health/live").status_code == 200
