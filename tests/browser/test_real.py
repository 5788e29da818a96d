"""The whole thing in a real browser: `pulse up` as a process, real feeds, and what a person does with it."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

import httpx
import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.conftest import Complaints
from tests.servers import demo_feeds
from tests.servers import pulse as server

PAGES = ("/", "/app/stories", "/app/posts", "/app/posts?tab=published", "/app/sources", "/app/channels", "/app/niches")


@dataclass(frozen=True)
class Newsroom:
    """A Pulse that has read the demo's feeds and waits for approvals."""

    pulse: server.Running


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    settings = {
        "PULSE_BUS__POLL_SECONDS": "0.3",
        "PULSE_NEWS__MIN_INTERVAL_SECONDS": "2",
        "PULSE_STORAGE__POOL_SIZE": "5",
    }
    home = tmp_path_factory.mktemp("real") / "home"
    with demo_feeds.serving() as feeds:
        allowed = settings | {"PULSE_FETCH__ALLOW_HOSTS": feeds.host}
        with server.up(home, settings=allowed) as pulse, pulse.client() as client:
            for source in client.get("/sources").json()["sources"]:  # the starter's: nobody asks the world here
                client.delete(f"/sources/{source['id']}")
            addresses = [address for address in feeds.by_niche["technology"] if "/brass/" not in address]
            for address in addresses:
                added = client.post("/sources", json={"url": address, "niche": "technology"})
                assert added.status_code == 201, added.text

            def drafts() -> bool:
                return len(client.get("/posts", params={"state": "draft"}).json()["posts"]) >= 3

            server.wait_for("drafts", drafts)
            yield Newsroom(pulse)


@pytest.fixture
async def page(chromium: Browser, newsroom: Newsroom, complaints: Complaints) -> AsyncIterator[Page]:
    """Give a page of somebody who followed the link that `pulse up` prints."""
    context = await chromium.new_context(
        timezone_id="Europe/Berlin",
        locale="en-GB",
        base_url=newsroom.pulse.url,
        viewport={"width": 1280, "height": 900},
    )
    page = await context.new_page()
    page.set_default_timeout(20_000)
    complaints.watch(page)
    await page.goto(f"/?token={newsroom.pulse.token}")
    yield page
    await context.close()


async def published(newsroom: Newsroom, href: str) -> dict[str, object]:
    """Return the post of a page's address when it is out."""
    async with httpx.AsyncClient(
        base_url=newsroom.pulse.url, headers={"authorization": f"Bearer {newsroom.pulse.token}"}, trust_env=False
    ) as client:
        for _ in range(150):
            post: dict[str, object] = (await client.get(href.removeprefix("/app"))).json()
            if post["state"] == "published":
                return post
            await asyncio.sleep(0.2)
    raise AssertionError(f"the post is still {post['state']}")


async def seen_on_the_site(page: Page, complaints: Complaints, post: dict[str, object], title: str) -> None:
    """Read the post's page as a stranger would, and find it in the list and the feed of its niche."""
    stranger = await page.context.browser.new_context()  # type: ignore[union-attr]
    public = await stranger.new_page()
    complaints.watch(public)
    answer = await public.goto(str(post["url"]))
    assert answer is not None
    assert answer.status == 200
    await expect(public.locator("h1")).to_have_text(title)
    base = str(post["url"]).partition("/site/")[0]
    await public.goto(f"{base}/site/niches/technology/")
    await expect(public.locator("main")).to_contain_text(title)
    await stranger.close()


async def test_the_overview_is_live(page: Page, newsroom: Newsroom) -> None:
    assert page.url == f"{newsroom.pulse.url}/", "the token has left the address"
    messages: list[str] = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda frame: messages.append(str(frame))))
    await page.reload()
    await expect(page.locator("[data-live-state]")).to_have_text("Live")
    seen = set()
    for _ in range(3):
        seen.add(await page.locator("[data-live-at]").inner_text())
        await page.wait_for_timeout(1_100)
    assert len(seen) == 3, "the clock of the figures goes on each second"
    assert len(messages) >= 3
    figure = page.locator("[data-figure='articles_per_minute'] [data-value]")
    await expect(figure).to_have_text(re.compile(r"\d"))
    await expect(page.locator("#lists")).to_contain_text("technology")


async def test_the_figures_follow_what_happens(page: Page, newsroom: Newsroom) -> None:
    rate = page.locator("[data-figure='success_rate'] [data-value]")
    await expect(page.locator("[data-live-state]")).to_have_text("Live")
    await page.goto("/app/posts")
    card = page.locator("article.post").first
    href = str(await card.locator("h2 a").get_attribute("href"))
    await card.get_by_role("button", name="Approve", exact=True).click()
    await expect(card.locator(".chip")).to_have_text("Scheduled")
    await page.goto("/")
    await published(newsroom, href)
    await expect(rate).to_have_text(re.compile(r"100"))


async def test_a_post_approved_with_the_mouse_appears_on_the_site(
    page: Page, newsroom: Newsroom, complaints: Complaints
) -> None:
    await page.goto("/app/posts")
    card = page.locator("article.post").first
    link = card.locator("h2 a")
    title, href = await link.inner_text(), str(await link.get_attribute("href"))
    card = page.locator("article.post", has=page.locator(f"a[href='{href}']"))
    await card.get_by_role("button", name="Approve", exact=True).click()
    await expect(card.locator(".chip")).to_have_text("Scheduled")
    await expect(page.locator("#notices")).to_contain_text("Approved.")
    await expect(card.locator(".chip")).to_have_text("Published", timeout=40_000)
    await seen_on_the_site(page, complaints, await published(newsroom, href), title)


async def test_a_post_approved_with_the_keyboard_appears_on_the_site(
    page: Page, newsroom: Newsroom, complaints: Complaints
) -> None:
    await page.keyboard.press("g")
    await page.keyboard.press("p")
    await expect(page).to_have_url(f"{newsroom.pulse.url}/app/posts")
    link = page.locator("article.post h2 a").first
    title, href = await link.inner_text(), str(await link.get_attribute("href"))
    await page.keyboard.press("j")
    await expect(link).to_be_focused()
    await page.keyboard.press("a")
    card = page.locator(f"#post-{href.rpartition('/')[2]}")
    await expect(card.locator(".chip")).to_have_text("Scheduled")
    await expect(card.locator(".chip")).to_have_text("Published", timeout=40_000)
    await seen_on_the_site(page, complaints, await published(newsroom, href), title)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_page_fits_a_phone_and_breaks_no_policy(
    chromium: Browser, newsroom: Newsroom, complaints: Complaints, scheme: str
) -> None:
    context = await chromium.new_context(
        base_url=newsroom.pulse.url,
        color_scheme=scheme,  # type: ignore[arg-type]
        viewport={"width": 375, "height": 812},
    )
    page = await context.new_page()
    complaints.watch(page)
    await page.goto(f"/?token={newsroom.pulse.token}")
    paths = list(PAGES)
    for listing, link in (("/app/stories", ".story-item h2 a"), ("/app/posts", "article.post h2 a")):
        await page.goto(listing)
        paths.append(str(await page.locator(link).first.get_attribute("href")))
    backgrounds = set()
    for path in [*paths, "/site/", "/docs"]:
        answer = await page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        assert "content-security-policy" in answer.headers, path
        over = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert over <= 0, f"{path} is {over} px too wide"
        if path in paths:
            backgrounds.add(await page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
    [colour] = backgrounds
    brightness = sum(int(part) for part in re.findall(r"\d+", colour)[:3]) / 3
    assert (brightness < 80) is (scheme == "dark"), colour
    await context.close()
