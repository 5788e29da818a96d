"""The pages as a person has them: read, decide, by mouse, by keys, and without scripts."""

import re
from datetime import timedelta

import pytest
from playwright.async_api import Browser, Page, expect

from pulse.http.tokens import Role
from pulse.web.pages import posts
from tests.browser.conftest import Complaints
from tests.doubles.newsroom import uid
from tests.doubles.web_server import WebServer

CABLE = f"/app/stories/{uid('cable')}"


def sent(web: WebServer, method: str, path: str) -> list[tuple[str, str, object, str | None]]:
    return [request for request in web.fake.requests if request[0] == method and request[1].startswith(path)]


async def test_the_link_signs_in_and_the_token_leaves_the_address(page: Page, web: WebServer) -> None:
    assert page.url == f"{web.url}/"
    [cookie] = [cookie for cookie in await page.context.cookies() if cookie["name"] == "pulse_session"]
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Strict", "/")
    assert "pulse_session" not in await page.evaluate("document.cookie")


async def test_the_form_signs_in_and_the_menu_signs_out(chromium: Browser, web: WebServer) -> None:
    context = await chromium.new_context(base_url=web.url)
    page = await context.new_page()
    await page.goto("/app/posts?tab=failed")
    await page.get_by_label("Token").fill("not a token")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_have_text("That is not a token of this Pulse.")
    await page.get_by_label("Token").fill(web.token())
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{web.url}/app/posts?tab=failed")
    await page.locator(".menu > summary").click()
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.locator("#notices")).to_contain_text("You are signed out.")
    await page.goto("/app/posts")
    await expect(page).to_have_url(re.compile("/sign-in"))
    await context.close()


async def test_a_post_is_approved_in_the_list_and_followed_until_it_is_out(
    page: Page, web: WebServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(posts, "UNDO", timedelta(seconds=1))
    await page.goto("/app/posts")
    card = page.locator(f"#post-{uid('p1')}")
    await card.get_by_role("button", name="Approve", exact=True).click()
    await expect(card.locator(".chip")).to_have_text("Scheduled")
    await expect(page.locator("#notices")).to_contain_text("Approved.")
    await expect(page).to_have_url(f"{web.url}/app/posts")
    await expect(card.locator(".chip")).to_have_text("Published")
    await expect(card.get_by_role("link", name="news.example")).to_be_visible()
    [(_, _, _, key)] = sent(web, "POST", f"/posts/{uid('p1')}/approve")
    assert key


async def test_second_thoughts_take_it_back(page: Page, web: WebServer) -> None:
    await page.goto("/app/posts")
    card = page.locator(f"#post-{uid('p1')}")
    await card.get_by_role("button", name="Approve", exact=True).click()
    await card.get_by_role("button", name="Undo").click()
    await expect(card.locator(".chip")).to_have_text("Cancelled")
    assert web.fake.room.posts[0]["state"] == "cancelled"


async def test_what_somebody_else_decided_meanwhile_is_said(page: Page, web: WebServer, complaints: Complaints) -> None:
    await page.goto("/app/posts")
    web.fake.room.posts[0]["state"] = "published"
    await page.locator(f"#post-{uid('p1')}").get_by_role("button", name="Approve", exact=True).click()
    await expect(page.locator("#notices").get_by_role("alert")).to_contain_text(
        "A post that is published cannot approve."
    )
    await expect(page.locator(f"#post-{uid('p1')}")).to_be_visible()
    assert [complaint for complaint in complaints if "409" not in complaint] == []
    complaints.clear()


async def test_scheduling_uses_the_clock_on_the_wall(page: Page, web: WebServer) -> None:
    await page.goto(f"/app/posts/{uid('p1')}")
    await page.locator("summary", has_text="Schedule").click()
    await expect(page.locator("[data-zone-name]")).to_have_text("Europe/Berlin")
    await page.get_by_label("Send at").fill("2126-07-24T09:00")
    await page.get_by_role("button", name="Approve for then").click()
    await expect(page.locator(".story-head .chip")).to_have_text("Scheduled")
    await expect(page.locator(".facts")).to_contain_text("24 Jul 2126, 09:00")
    assert sent(web, "POST", "/posts/")[0][2] == {"schedule_at": "2126-07-24T07:00:00+00:00"}


async def test_a_sentence_lights_up_its_source_by_mouse_keys_and_click(page: Page) -> None:
    await page.goto(CABLE)
    third = page.locator("[data-sentence='3']")
    source = page.locator("mark[data-cited-by='3']")
    active = re.compile(r"\bactive\b")
    await third.hover()
    await expect(source).to_have_class(active)
    await expect(page.locator("[data-receipt='3']")).to_have_class(active)
    await page.mouse.move(5, 5)
    await expect(source).not_to_have_class(active)
    await third.focus()
    await expect(source).to_have_class(active)
    await page.keyboard.press("Enter")
    await expect(source).to_be_in_viewport()
    await page.get_by_role("link", name="Back to sentence 3 of the summary").press("Enter")
    await expect(third).to_be_focused()
    await source.hover()
    await expect(third).to_have_class(active)


async def test_left_out_sentences_are_struck_out_with_the_reason(page: Page) -> None:
    await page.goto(CABLE)
    left_out = page.locator(".dropped > li")
    await expect(left_out.locator("del")).to_have_text("All hospitals on the islands lost their connection.")
    await expect(left_out).to_contain_text("the source speaks of one clinic")


async def test_more_stories_come_in_place_and_the_focus_goes_on(page: Page) -> None:
    await page.goto("/app/stories")
    await expect(page.locator(".story-item")).to_have_count(20)
    await page.get_by_role("link", name="More stories").press("Enter")
    await expect(page.locator(".story-item")).to_have_count(40)
    await expect(page.locator(".story-item").nth(20).locator("h2 a")).to_be_focused()
    await page.get_by_role("link", name="More stories").click()
    await expect(page.locator(".story-item")).to_have_count(46)
    await expect(page.get_by_role("link", name="More stories")).to_have_count(0)


async def test_choosing_a_niche_filters_and_changes_the_address(page: Page) -> None:
    await page.goto("/app/stories")
    await page.get_by_label("Niche").select_option("climate")
    await expect(page.locator(".story-item")).to_have_count(2)
    await expect(page).to_have_url(re.compile(r"niche=climate"))
    await page.reload()
    await expect(page.locator(".story-item")).to_have_count(2)


async def test_sources_are_added_paused_and_deleted_in_place(page: Page, web: WebServer) -> None:
    await page.goto("/app/sources")
    await page.get_by_label("Address of a feed or a site").fill("example.org")
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.locator("#sources")).to_contain_text("https://example.org")
    card = page.locator(f"#source-{uid('Open Lattice')}")
    await card.get_by_role("button", name="Pause").click()
    await expect(card.locator(".chip")).to_have_text("Paused")
    async with page.expect_response(lambda answer: answer.request.method == "POST"):
        await card.get_by_label("Read pages").select_option("always")
    assert next(row for row in web.fake.room.sources if row["title"] == "Open Lattice")["full_text"] == "always"
    await card.locator("summary", has_text="Delete").click()
    await card.get_by_role("button", name="Yes, delete it").click()
    await expect(card).to_have_count(0)
    await expect(page.locator("#notices")).to_contain_text("Source deleted.")


async def test_an_address_without_a_feed_is_explained_and_can_be_corrected(page: Page, complaints: Complaints) -> None:
    await page.goto("/app/sources")
    await page.get_by_label("Address of a feed or a site").fill("nofeed.example")
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.locator("#notices")).to_contain_text("is neither a feed nor a page that names one")
    await expect(page.get_by_label("Address of a feed or a site")).to_have_value("nofeed.example")
    complaints.clear()


async def test_an_opml_file_is_imported(page: Page) -> None:
    await page.goto("/app/sources")
    await page.locator("summary", has_text="Import a list").click()
    opml = '<opml version="2.0"><body><outline xmlUrl="https://ü.example/feed"/></body></opml>'
    await page.get_by_label("OPML file").set_input_files(
        {"name": "my feeds.opml", "mimeType": "text/x-opml", "buffer": opml.encode()}
    )
    await page.get_by_role("button", name="Import").click()
    await expect(page.locator("h1")).to_have_text("1 source added")
    await page.get_by_role("link", name="To the sources").click()
    await expect(page.locator("#sources")).to_contain_text("https://ü.example/feed")


async def test_a_channel_is_added_and_its_secret_is_gone(page: Page) -> None:
    await page.goto("/app/channels")
    await page.locator("summary", has_text="Posts with link and card").click()
    form = page.locator(".platform[open]")
    await form.get_by_label("Name").fill("Second account")
    await form.get_by_label("Handle").fill("second.example.org")
    await form.get_by_label("App password").fill("hush-hush")
    await form.get_by_role("button", name="Add Bluesky").click()
    await expect(page.locator(".source-cards")).to_contain_text("Second account")
    assert "hush-hush" not in await page.content()


async def test_autopilot_is_a_switch(page: Page, web: WebServer) -> None:
    await page.goto("/app/niches")
    card = page.locator("#niche-technology")
    await card.get_by_role("switch").check()
    await card.get_by_label("At most").fill("3")
    await card.get_by_role("button", name="Save").first.click()
    await expect(page.locator("#notices")).to_contain_text("Saved.")
    assert web.fake.room.publishing["technology"] == {"niche": "technology", "autopilot": True, "daily_limit": 3}


async def test_keys_go_everywhere_and_approve(page: Page, web: WebServer) -> None:
    await page.keyboard.press("g")
    await page.keyboard.press("p")
    await expect(page).to_have_url(f"{web.url}/app/posts")
    titles = page.locator(".post h2 a")
    await page.keyboard.press("j")
    await expect(titles.nth(0)).to_be_focused()
    await page.keyboard.press("j")
    await expect(titles.nth(1)).to_be_focused()
    await page.keyboard.press("k")
    await expect(titles.nth(0)).to_be_focused()
    await page.keyboard.press("a")
    await expect(page.locator(f"#post-{uid('p1')} .chip")).to_have_text("Scheduled")
    assert web.fake.room.posts[1]["state"] == "draft"


async def test_the_list_of_keys_opens_closes_and_switches_them_off(page: Page, web: WebServer) -> None:
    dialog = page.get_by_role("dialog")
    await page.keyboard.press("?")
    await expect(dialog).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(dialog).not_to_be_visible()
    await page.keyboard.press("?")
    await dialog.get_by_label("Single keys are on").uncheck()
    await dialog.get_by_role("button", name="Close").click()
    await page.reload()
    await page.keyboard.press("?")
    await page.keyboard.press("g")
    await page.keyboard.press("s")
    await expect(dialog).not_to_be_visible()
    assert page.url == f"{web.url}/"


async def test_keys_rest_while_somebody_types(page: Page, web: WebServer) -> None:
    await page.goto("/app/sources")
    await page.get_by_label("Address of a feed or a site").press_sequentially("gs?")
    await expect(page.get_by_label("Address of a feed or a site")).to_have_value("gs?")
    assert page.url == f"{web.url}/app/sources"


async def test_everything_is_reached_with_the_tab_key_and_nothing_holds_it(page: Page) -> None:
    await page.goto("/app/posts")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    await expect(page.get_by_role("link", name="Skip to the content")).to_be_in_viewport()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await expect(page.locator(".tabs a").first).to_be_focused()
    reached = set()
    for _ in range(80):
        await page.keyboard.press("Tab")
        reached.add(await page.evaluate("document.activeElement.textContent.trim().slice(0, 20)"))
        if await page.evaluate("document.activeElement.closest('.colophon') !== null"):
            break
    assert {"Approve", "Schedule", "Turn down"} <= reached
    assert await page.evaluate("document.activeElement.closest('.colophon') !== null")


async def test_the_theme_is_chosen_and_remembered(page: Page) -> None:
    async def paper() -> str:
        return str(await page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))

    light = await paper()
    await page.locator(".menu > summary").click()
    await page.get_by_role("button", name="Dark").click()
    assert await paper() != light
    await expect(page.get_by_role("button", name="Dark")).to_have_attribute("aria-pressed", "true")
    await page.goto("/app/posts")
    assert await paper() != light
    assert await page.evaluate("document.documentElement.dataset.theme") == "dark"


async def test_times_are_those_of_the_viewer(page: Page, web: WebServer) -> None:
    web.fake.room.posts[0]["created_at"] = "2026-07-01T22:30:00+00:00"
    await page.goto(f"/app/posts/{uid('p1')}")
    await expect(page.locator(".story-head time")).to_have_text("2 Jul 2026, 00:30")


async def test_what_feeds_bring_runs_nothing(page: Page) -> None:
    asked = []
    page.on("dialog", lambda dialog: asked.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url) if not request.url.startswith(page.url[:16]) else None)
    for path in ("/", f"/app/stories/{uid('hostile')}", "/app/posts?tab=set-aside", f"/app/posts/{uid('p9')}"):
        await page.goto(path)
        await expect(page.locator("body")).to_contain_text("<script>alert('feeds are hostile')</script>")
    assert asked == []


async def test_a_viewer_reads_and_is_offered_nothing_to_change(chromium: Browser, web: WebServer) -> None:
    context = await chromium.new_context(base_url=web.url)
    page = await context.new_page()
    await page.goto(f"/?token={web.token(Role.VIEWER)}")
    await page.goto("/app/posts")
    await expect(page.locator(".post")).to_have_count(4)
    await expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    await context.close()


async def test_without_scripts_the_work_still_gets_done(chromium: Browser, web: WebServer) -> None:
    context = await chromium.new_context(base_url=web.url, java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"/?token={web.token()}")
    await page.goto(CABLE)
    await page.locator("[data-sentence='3']").click()
    assert page.url.endswith("#receipt-3")
    await page.goto("/app/posts")
    await page.locator(f"#post-{uid('p1')}").get_by_role("button", name="Approve", exact=True).click()
    await expect(page).to_have_url(f"{web.url}/app/posts/{uid('p1')}?done=approved")
    await expect(page.locator("#notices")).to_contain_text("Approved.")
    await page.get_by_role("button", name="Cancel").click()
    await expect(page.locator(".story-head .chip")).to_have_text("Cancelled")
    await page.goto("/app/stories")
    await page.get_by_label("Niche").select_option("climate")
    await page.get_by_role("button", name="Show").click()
    await expect(page.locator(".story-item")).to_have_count(2)
    await page.goto("/app/sources")
    await page.get_by_label("Address of a feed or a site").fill("nofeed.example")
    await page.get_by_role("button", name="Add", exact=True).click()
    await expect(page.get_by_role("alert")).to_contain_text("is neither a feed nor a page that names one")
    await expect(page.get_by_label("Address of a feed or a site")).to_have_value("nofeed.example")
    await context.close()
