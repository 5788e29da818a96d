"""The pages over HTTP: who gets in, what leaves, what is sent on to the services."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import ASGIApp

from pulse.http.tokens import Principal, Role, Tokens, new_key
from pulse.kernel.tenant import DEFAULT_TENANT
from pulse.settings import HttpSettings, Settings
from pulse.web.application import PAGES, WebRoom, application
from pulse.web.session import COOKIE
from tests.doubles.fake_peers import FakePulse
from tests.doubles.newsroom import newsroom, uid
from tests.doubles.newsroom_stories import HOSTILE

OWN = {"origin": "http://pulse.test", "sec-fetch-site": "same-origin"}
SHOWN = [
    "/",
    "/app/overview/lists",
    "/app/stories",
    f"/app/stories/{uid('cable')}",
    f"/app/stories/{uid('hostile')}",
    f"/app/stories/{uid('cable')}/edit",
    f"/app/stories/{uid('cable')}/edit?post={uid('p2')}",
    f"/app/stories/{uid('hostile')}/edit",
    f"/app/stories/{uid('cable')}/prompts",
    "/app/budget",
    "/app/posts",
    "/app/posts?tab=failed",
    "/app/posts?tab=unknown",
    "/app/posts?tab=published",
    f"/app/posts/{uid('p2')}",
    f"/app/posts/{uid('p9')}",
    "/app/sources",
    "/app/channels",
    "/app/niches",
    "/app/help",
]


TOKENS = Tokens(new_key())


@lru_cache
def _application(public_url: str) -> tuple[ASGIApp, FakePulse]:
    """Build the pages and the services behind them once: compiling templates and routes takes long."""
    fake = FakePulse(newsroom(), TOKENS)
    settings = Settings(home=Path("/nonexistent"), http=HttpSettings(public_url=public_url))
    return application(WebRoom(peers=fake.peers(), tokens=TOKENS, settings=settings)), fake


class Site:
    """The pages, the services behind them as new, and a browser without a face."""

    def __init__(self, public_url: str = "") -> None:
        self.tokens = TOKENS
        app, self.fake = _application(public_url)
        self.fake.reset(newsroom())
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://pulse.test")

    def token(self, role: Role = Role.OWNER, hours: float = 1) -> str:
        return self.tokens.issue(Principal(DEFAULT_TENANT, role.value, role), timedelta(hours=hours))

    def sign_in(self, role: Role = Role.OWNER) -> "Site":
        self.http.cookies.set(COOKIE, self.token(role))
        return self

    async def post(self, path: str, headers: dict[str, str] | None = None, /, **fields: Any) -> httpx.Response:
        return await self.http.post(path, data=fields, headers=OWN | (headers or {}))

    def sent(self, method: str, path: str) -> list[tuple[str, str, Any, str | None]]:
        return [request for request in self.fake.requests if request[0] == method and request[1].startswith(path)]


@pytest.fixture
async def site() -> AsyncIterator[Site]:
    site = Site()
    yield site
    await site.http.aclose()


# ---- Who gets in ----


def _address(path: str) -> str:
    path = re.sub(r"\{\w+:uuid\}", uid("x"), path)
    return re.sub(r"\{\w+:str\}", "word", path)


@pytest.mark.parametrize(("method", "path"), [(method, _address(path)) for method, path, _ in PAGES])
async def test_without_a_session_every_page_leads_to_the_sign_in(site: Site, method: str, path: str) -> None:
    answer = await site.http.request(method, path, headers=OWN)
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=")
    assert site.fake.requests == []


async def test_a_link_with_a_token_opens_a_session_and_loses_the_token(site: Site) -> None:
    answer = await site.http.get("/", params={"token": site.token()})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("pulse_session=")
    assert all(part in cookie for part in ("httponly", "samesite=strict", "path=/", "max-age=3"))
    assert "secure" not in cookie
    assert (await site.http.get("/")).status_code == 200


async def test_over_https_the_cookie_is_secure() -> None:
    site = Site(public_url="https://news.example")
    answer = await site.http.get("/", params={"token": site.token()})
    assert "secure" in answer.headers["set-cookie"].lower()


async def test_another_site_cannot_sign_somebody_in(site: Site) -> None:
    answer = await site.http.get("/", params={"token": site.token()}, headers={"sec-fetch-site": "cross-site"})
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert "Another site sent you here" in answer.text


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c"])
async def test_what_is_no_token_opens_nothing(site: Site, token: str) -> None:
    answer = await site.post("/sign-in", token=token)
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert "not a token of this Pulse" in answer.text


async def test_an_expired_session_says_so_and_leads_back(site: Site) -> None:
    site.http.cookies.set(COOKIE, site.token(hours=-1))
    answer = await site.http.get("/app/posts?tab=failed")
    assert answer.headers["location"] == "/sign-in?next=%2Fapp%2Fposts%3Ftab%3Dfailed&reason=expired"
    assert "session has ended" in (await site.http.get(answer.headers["location"])).text
    back = await site.post("/sign-in", token=f" {site.token()}\n", next="/app/posts?tab=failed")
    assert back.headers["location"] == "/app/posts?tab=failed"


async def test_htmx_is_sent_to_the_sign_in_too(site: Site) -> None:
    answer = await site.http.get("/app/overview/lists", headers={"hx-request": "true"})
    assert answer.status_code == 401
    assert answer.headers["hx-redirect"].startswith("/sign-in")


@pytest.mark.parametrize(
    "path", ["//evil.example/", "https://evil.example/", "/\\evil.example", "evil", "/\t/evil.example"]
)
async def test_sign_in_leads_nowhere_else(site: Site, path: str) -> None:
    answer = await site.post("/sign-in", token=site.token(), next=path)
    assert answer.headers["location"] == "/"


async def test_a_link_from_another_site_is_followed_by_our_own_page(site: Site) -> None:
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    answer = await site.http.get("/app/posts", headers=headers)
    assert answer.status_code == 200
    assert '<meta http-equiv="refresh" content="0">' in answer.text


async def test_signing_out_ends_it(site: Site) -> None:
    site.sign_in()
    answer = await site.post("/sign-out")
    assert "max-age=0" in answer.headers["set-cookie"].lower()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": "http://pulse.test", "sec-fetch-site": "same-site"},
        {"origin": "http://pulse.test", "sec-fetch-site": "cross-site"},
        {"origin": "http://evil.example", "sec-fetch-site": "same-origin"},
        {"origin": "http://pulse.test.evil.example"},
    ],
)
@pytest.mark.parametrize(
    "path", [f"/app/posts/{uid('p1')}/approve", "/app/sources", "/sign-out", "/sign-in", "/app/theme", "/app/language"]
)
async def test_only_our_own_pages_change_anything(site: Site, path: str, headers: dict[str, str]) -> None:
    site.sign_in()
    answer = await site.http.post(path, data={"token": site.token()}, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers
    assert site.fake.requests == []


async def test_behind_a_proxy_the_public_address_is_ours() -> None:
    site = Site(public_url="https://news.example").sign_in()
    answer = await site.http.post("/sign-out", headers={"origin": "https://news.example"})
    assert answer.status_code == 303


# ---- What leaves ----


def _tags(markup: str) -> list[tuple[str, dict[str, str]]]:
    found: list[tuple[str, dict[str, str]]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.append((tag, {name: value or "" for name, value in attrs}))

    Reader().feed(markup)
    return found


@pytest.mark.parametrize("path", [*SHOWN, "/sign-in", "/app/nothing", f"/app/posts/{uid('nobody')}"])
async def test_every_answer_is_guarded_and_carries_no_script_or_style_of_its_own(site: Site, path: str) -> None:
    answer = await site.sign_in().http.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert answer.headers["cache-control"] == "no-store"
    tags = _tags(answer.text)
    assert tags
    for tag, attributes in tags:
        assert tag != "style"
        assert tag != "script" or attributes["src"].startswith("/static/")
        assert not [name for name in attributes if name == "style" or name.startswith(("on", "hx-on"))]


@pytest.mark.parametrize(
    "path", ["/", f"/app/stories/{uid('hostile')}", "/app/stories?order=new", "/app/posts?tab=set-aside"]
)
async def test_text_from_feeds_stays_text(site: Site, path: str) -> None:
    text = (await site.sign_in().http.get(path)).text
    assert HOSTILE not in text
    assert "<script>alert" not in text
    assert "<img" not in text
    assert "&lt;script&gt;alert" in text


async def test_links_to_sources_are_web_addresses_only(site: Site) -> None:
    site.fake.room.stories[0]["articles"][0]["url"] = "javascript:alert(1)"
    site.fake.room.summaries[0]["sentences"][0]["citations"][0]["url"] = "javascript:alert(1)"
    text = (await site.sign_in().http.get(f"/app/stories/{uid('cable')}")).text
    assert 'href="javascript:' not in text


async def test_static_files_are_kept_for_ever_under_their_version(site: Site) -> None:
    page = (await site.http.get("/sign-in")).text
    found = re.search(r'href="(/static/\w+/pulse\.css)"', page)
    assert found
    answer = await site.http.get(found[1])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["content-encoding"] == "gzip"
    plain = await site.http.get(found[1], headers={"accept-encoding": "identity"})
    assert plain.text == answer.text
    assert (await site.http.get("/static/000000000000/pulse.css")).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "name", ["nothing.css", "../application.py", "..%2fapplication.py", "%2e%2e/application.py", ""]
)
async def test_nothing_else_is_served_as_a_file(site: Site, name: str) -> None:
    assert (await site.http.get(f"/static/x/{name}")).status_code == 404


# ---- Roles ----


@pytest.mark.parametrize(
    "path", ["/app/posts", "/app/sources", "/app/channels", "/app/niches", f"/app/stories/{uid('glacier')}"]
)
async def test_who_may_only_look_gets_no_buttons(site: Site, path: str) -> None:
    text = (await site.sign_in(Role.VIEWER).http.get(path)).text
    main = text[text.index("<main") : text.index("</main>")]
    assert "<form" not in re.sub(r'<form class="filters".*?</form>', "", main, flags=re.DOTALL)


async def test_the_service_refuses_what_the_role_may_not(site: Site) -> None:
    answer = await site.sign_in(Role.VIEWER).post(f"/app/posts/{uid('p1')}/approve")
    assert answer.status_code == 403
    assert "You may not do this" in answer.text
    assert site.fake.room.posts[0]["state"] == "draft"


async def test_an_editor_approves_but_does_not_add_channels(site: Site) -> None:
    site.sign_in(Role.EDITOR)
    assert "data-approve" in (await site.http.get("/app/posts")).text
    assert "Add a channel" not in (await site.http.get("/app/channels")).text


# ---- When parts are away ----


async def test_a_service_that_is_down_spoils_only_its_part_of_the_overview(site: Site) -> None:
    site.fake.down = {"social", "analytics"}
    answer = await site.sign_in().http.get("/")
    assert answer.status_code == 200
    assert "The social service does not answer." in answer.text
    assert "Back to paper" in answer.text


async def test_a_page_whose_service_is_down_says_what_to_do(site: Site) -> None:
    site.fake.down = {"news"}
    answer = await site.sign_in().http.get("/app/stories")
    assert answer.status_code == 503
    assert "The news service does not answer." in answer.text
    assert "Start the service" in answer.text
    assert "ConnectError" not in answer.text


async def test_a_story_without_its_summary_service_is_still_shown(site: Site) -> None:
    site.fake.down = {"llm"}
    answer = await site.sign_in().http.get(f"/app/stories/{uid('cable')}")
    assert answer.status_code == 200
    assert "The llm service does not answer." in answer.text


async def test_an_answer_nobody_foresaw_is_an_error_page_not_a_trace(site: Site) -> None:
    site.fake.room.stories[0]["score"] = "nonsense"
    answer = await site.sign_in().http.get("/app/stories")
    assert answer.status_code == 500
    assert "Something went wrong" in answer.text
    assert "Traceback" not in answer.text
    assert "content-security-policy" in answer.headers


async def test_htmx_gets_an_error_as_a_notice(site: Site) -> None:
    headers = {"hx-request": "true", "hx-target": f"post-{uid('p6')}"}
    answer = await site.sign_in().post(f"/app/posts/{uid('p6')}/approve", headers)
    assert answer.status_code == 409
    assert answer.headers["hx-retarget"] == "#notices"
    assert "A post that is published cannot approve." in answer.text
    assert "<html" not in answer.text


# ---- What is sent on ----


async def test_approving_leaves_a_moment_for_second_thoughts(site: Site) -> None:
    answer = await site.sign_in().post(f"/app/posts/{uid('p1')}/approve", key="k1")
    assert answer.headers["location"] == f"/app/posts/{uid('p1')}?done=approved"
    [(_, _, body, key)] = site.sent("POST", f"/posts/{uid('p1')}/approve")
    wait = datetime.fromisoformat(body["schedule_at"]) - datetime.now(UTC)
    assert timedelta(seconds=3) < wait <= timedelta(seconds=5)
    assert key == "k1"


async def test_scheduling_sends_the_moment_of_the_viewers_clock(site: Site) -> None:
    fields = {"when": "later", "local": "2126-07-24T09:00", "zone": "Europe/Berlin"}
    answer = await site.sign_in().post(f"/app/posts/{uid('p1')}/approve", **fields)
    assert answer.headers["location"].endswith("?done=scheduled")
    assert site.sent("POST", "/posts/")[0][2] == {"schedule_at": "2126-07-24T07:00:00+00:00"}


async def test_a_time_that_is_over_is_refused(site: Site) -> None:
    fields = {"when": "later", "local": "2020-07-24T09:00", "zone": "Europe/Berlin"}
    answer = await site.sign_in().post(f"/app/posts/{uid('p1')}/approve", **fields)
    assert answer.status_code == 422
    assert "That time is over." in answer.text
    assert site.sent("POST", "/posts/") == []


@pytest.mark.parametrize(
    ("post", "action", "fields", "body", "state"),
    [
        ("p1", "reject", {"reason": "old news"}, {"reason": "old news"}, "rejected"),
        ("p5", "cancel", {}, {"reason": ""}, "cancelled"),
        ("p8", "retry", {}, None, "approved"),
        ("p7", "settle", {"found": "yes", "url": "https://x.example/1"}, {"url": "https://x.example/1"}, "published"),
        ("p7", "settle", {"found": "no", "url": ""}, {"url": None}, "scheduled"),
    ],
)
async def test_every_decision_about_a_post_arrives(
    site: Site, post: str, action: str, fields: dict[str, str], body: Any, state: str
) -> None:
    answer = await site.sign_in().post(f"/app/posts/{uid(post)}/{action}", **fields)
    assert answer.status_code == 303
    assert [request[2] for request in site.sent("POST", "/posts/")] == [body]
    assert next(item["state"] for item in site.fake.room.posts if item["id"] == uid(post)) == state


@pytest.mark.parametrize("action", ["explode", "delete", ".."])
async def test_what_posts_cannot_do_is_not_asked_for(site: Site, action: str) -> None:
    answer = await site.sign_in().post(f"/app/posts/{uid('p1')}/{action}")
    assert answer.status_code in (404, 405)
    assert site.sent("POST", "/") == []


async def test_a_source_is_added_by_the_address_people_type(site: Site) -> None:
    answer = await site.sign_in().post("/app/sources", url="example.org", niche="climate", full_text="never", key="k")
    assert answer.headers["location"] == "/app/sources?done=source-added"
    sent = {"url": "https://example.org", "niche": "climate", "full_text": "never"}
    assert site.sent("POST", "/sources") == [("POST", "/sources", sent, "k")]


async def test_a_source_that_was_refused_can_be_corrected(site: Site) -> None:
    answer = await site.sign_in().post("/app/sources", url="nofeed.example", niche="climate", full_text="never")
    assert answer.status_code == 422
    assert 'value="nofeed.example"' in answer.text
    assert "look for its RSS or Atom link" in answer.text


async def test_other_feeds_of_a_site_are_offered(site: Site) -> None:
    answer = await site.sign_in().post("/app/sources", url="manyfeeds.example", niche="climate")
    assert answer.status_code == 200
    assert 'name="url" value="https://manyfeeds.example/comments.xml"' in answer.text
    await site.post("/app/sources", url="https://manyfeeds.example/comments.xml", niche="climate")
    assert len(site.sent("POST", "/sources")) == 2


@pytest.mark.parametrize(
    ("action", "fields", "change"),
    [
        ("pause", {}, {"paused": True}),
        ("resume", {}, {"paused": False}),
        ("full-text", {"full_text": "always"}, {"full_text": "always"}),
    ],
)
async def test_a_source_is_changed(site: Site, action: str, fields: dict[str, str], change: dict[str, Any]) -> None:
    path = f"/sources/{uid('Pegelbote')}"
    answer = await site.sign_in().post(f"/app{path}/{action}", **fields)
    assert answer.status_code == 303
    assert site.sent("PATCH", path) == [("PATCH", path, change, None)]


async def test_a_source_is_polled_and_deleted(site: Site) -> None:
    path = f"/sources/{uid('Pegelbote')}"
    await site.sign_in().post(f"/app{path}/poll", key="now")
    assert site.sent("POST", path) == [("POST", f"{path}/poll", None, "now")]
    headers = {"hx-request": "true", "hx-target": f"source-{uid('Pegelbote')}"}
    answer = await site.post(f"/app{path}/delete", headers)
    assert "<article" not in answer.text
    assert len(site.sent("DELETE", path)) == 1


async def test_opml_goes_in_and_out(site: Site) -> None:
    opml = '<?xml version="1.0"?><opml><body><outline xmlUrl="https://ü.example/f"/></body></opml>'
    answer = await site.sign_in().http.post(
        "/app/sources/import", data={"niche": "climate", "key": "k"}, files={"file": ("a.opml", opml)}, headers=OWN
    )
    assert answer.status_code == 200
    assert "1 source added" in answer.text
    assert "ftp://x: not a web address" in answer.text
    assert site.sent("POST", "/sources/import") == [("POST", "/sources/import?niche=climate", opml, "k")]
    out = await site.http.get("/app/sources/export?niche=climate")
    assert out.headers["content-disposition"].startswith("attachment;")
    assert "https://ü.example/f" in out.text


async def test_a_channels_secret_goes_in_and_never_comes_out(site: Site) -> None:
    fields = {
        "kind": "bluesky",
        "name": "New",
        "server": "https://bsky.social",
        "handle": "a.example",
        "secret": "hush-hush",
    }
    site.sign_in()
    assert (await site.post("/app/channels", **fields, niches=["technology"])).status_code == 303
    assert site.sent("POST", "/channels")[0][2] == {
        "kind": "bluesky",
        "name": "New",
        "niches": ["technology"],
        "settings": {"server": "https://bsky.social", "handle": "a.example"},
        "secret": "hush-hush",
    }
    again = await site.post("/app/channels", **fields)
    assert again.status_code == 409
    assert 'value="a.example"' in again.text
    for answer in (again, await site.http.get("/app/channels")):
        assert "hush-hush" not in answer.text


async def test_a_niche_is_added_changed_and_put_on_autopilot(site: Site) -> None:
    site.sign_in()
    await site.post("/app/niches", title="Science & Health", keywords="mRNA, vaccines\nclinics", language="")
    wanted = {"name": "science-health", "title": "Science & Health", "keywords": ["mRNA", "vaccines", "clinics"]}
    assert site.sent("POST", "/niches")[0][2] == wanted | {"language": None, "tone": None}
    await site.post("/app/niches/climate", title="Climate", keywords="ice", language="de")
    assert site.sent("PATCH", "/niches/climate")[0][2] == {
        "title": "Climate",
        "keywords": ["ice"],
        "language": "de",
        "tone": None,
    }
    await site.post("/app/niches/climate/publishing", daily_limit="3")
    assert site.sent("PUT", "/publishing/climate")[0][2] == {"autopilot": False, "daily_limit": 3}
    assert (await site.post("/app/niches/climate/publishing", daily_limit="lots")).status_code == 422


async def test_a_summary_can_be_asked_for(site: Site) -> None:
    answer = await site.sign_in().post(f"/app/stories/{uid('glacier')}/summarize", key="k")
    assert answer.status_code == 303
    assert site.sent("POST", "/summarize") == [("POST", "/summarize", {"story_id": uid("glacier")}, "k")]


# ---- What is shown ----


async def test_a_story_marks_what_its_summary_rests_on_and_strikes_out_the_rest(site: Site) -> None:
    text = (await site.sign_in().http.get(f"/app/stories/{uid('cable')}")).text
    assert text.count("data-sentence=") == 4
    assert re.search(r'<mark data-cited-by="3">An anchor dragged across.*?said\.</mark>', text)
    assert "<del" in text
    assert "&#34;all hospitals&#34; is said nowhere" in text
    anchors = re.findall(r'id="(receipt-\d+)"', text)
    assert sorted(anchors) == [f"receipt-{number}" for number in (1, 2, 3, 4)]


async def test_a_story_shows_what_waits_for_a_person_with_its_doubts(site: Site) -> None:
    reasons = ["rewritten: nothing speaks against it, but these are not the words of a source"]
    verdict = {"supported": False, "probability": 0.6, "reasons": reasons, "verifier": "2", "needs_person": True}
    waiting = {"text": "An anchor <b>cut</b> the cable.", "citations": [], "verdict": verdict}
    [summary] = [item for item in site.fake.room.summaries if item["story_id"] == uid("cable")]
    summary["doubtful"] = [waiting]
    text = (await site.sign_in().http.get(f"/app/stories/{uid('cable')}")).text
    place = text.index("An anchor &lt;b&gt;cut&lt;/b&gt; the cable.")
    assert "for a person to judge" in text[place : place + 1_500]


async def test_the_next_page_of_stories_is_a_fragment_for_htmx_and_a_page_without(site: Site) -> None:
    first = (await site.sign_in().http.get("/app/stories")).text
    found = re.search(r'hx-get="([^"]*cursor=[^"]*)"', first)
    assert found
    address = found[1].replace("&amp;", "&")
    more = (await site.http.get(address, headers={"hx-request": "true", "hx-target": "more"})).text
    assert "<html" not in more
    assert more.count("story-item") == 20
    assert "<html" in (await site.http.get(address)).text
    titles = re.compile(r'href="/app/stories/([0-9a-f-]{36})"')
    assert not set(titles.findall(first)) & set(titles.findall(more))


async def test_a_post_shows_how_much_of_the_limit_it_uses(site: Site) -> None:
    text = (await site.sign_in().http.get(f"/app/posts/{uid('p1')}")).text
    used = len(site.fake.room.posts[0]["text"])
    assert f"<strong>{used}</strong> of 300 characters" in text


async def test_a_post_without_a_count_is_counted_here_where_the_limit_is_known(site: Site) -> None:
    for post in site.fake.room.posts:
        for name in ("used", "limit", "unit"):
            post.pop(name)
    site.fake.room.posts[0]["text"] = "🏳️‍🌈" * 7
    site.fake.room.posts[1]["text"] = "x" * 480 + " https://example.org/" + "y" * 100
    site.sign_in()
    assert "<strong>7</strong> of 300 characters" in (await site.http.get(f"/app/posts/{uid('p1')}")).text
    longer = (await site.http.get(f"/app/posts/{uid('p2')}")).text
    assert "<strong>504</strong> characters" in longer
    assert "counter" not in (await site.http.get(f"/app/posts/{uid('p3')}")).text


async def test_an_empty_pulse_says_what_to_do_first(site: Site) -> None:
    room = site.fake.room
    for rows in (room.niches, room.sources, room.stories, room.summaries, room.channels, room.posts):
        rows.clear()
    site.sign_in()
    for path, words in (
        ("/", "Add the first source"),
        ("/app/stories", "No stories yet."),
        ("/app/posts", "Add a channel"),
        ("/app/sources", "Make the first niche"),
        ("/app/channels", "No channels yet."),
        ("/app/niches", "No niches yet."),
    ):
        answer = await site.http.get(path)
        assert answer.status_code == 200
        assert words in answer.text, path


async def test_the_chosen_theme_is_in_the_page_from_the_start(site: Site) -> None:
    answer = await site.post("/app/theme", theme="dark", back="/sign-in")
    assert answer.headers["location"] == "/sign-in"
    assert 'data-theme="dark"' in (await site.http.get("/sign-in")).text
    site.http.cookies.set("pulse_theme", "</html>")
    assert 'data-theme="auto"' in (await site.http.get("/sign-in")).text
