"""The live figures: a message a second, and what the page says when there is none."""

import re

from playwright.async_api import Page, expect

from tests.browser.conftest import Complaints
from tests.doubles.web_server import WebServer

STATE = "[data-live-state]"


async def drop_viewers(page: Page, web: WebServer, code: int) -> None:
    """Close the WebSocket from the server's side, as when a process ends or a session does."""
    web.fake.close_viewers(code)
    await page.wait_for_timeout(50)


async def test_figures_come_alive_each_second_with_their_charts(page: Page) -> None:
    await expect(page.locator(STATE)).to_have_text("Live")
    seen = set()
    for _ in range(3):
        seen.add(await page.locator("[data-live-at]").inner_text())
        await page.wait_for_timeout(1_050)
    assert len(seen) == 3
    for figure in await page.locator("[data-value]").all_inner_texts():
        assert re.fullmatch(r"\d+(\.\d)?%?", figure)
    await expect(page.locator("[data-chart] canvas")).to_have_count(4)
    await expect(page.locator("[data-chart]").first).to_have_attribute(
        "aria-label", "Articles a minute, the last two minutes"
    )


async def test_a_lost_connection_is_said_and_found_again(page: Page, web: WebServer, complaints: Complaints) -> None:
    await expect(page.locator(STATE)).to_have_text("Live")
    web.fake.refuse_live = True
    await drop_viewers(page, web, 1012)
    await expect(page.locator(STATE)).to_have_text(re.compile("Not connected; trying again in"))
    await expect(page.locator("[data-live-dot]")).to_have_attribute("data-state", "waiting")
    web.fake.refuse_live = False
    await expect(page.locator(STATE)).to_have_text("Live")
    complaints.clear()


async def test_a_session_that_ended_is_said_and_not_tried_again(page: Page, web: WebServer) -> None:
    await expect(page.locator(STATE)).to_have_text("Live")
    await page.context.clear_cookies()
    await drop_viewers(page, web, 1012)
    await expect(page.locator(STATE)).to_contain_text("Your session has ended.")
    await page.wait_for_timeout(1_500)
    await expect(page.locator(STATE)).to_contain_text("Your session has ended.")


async def test_the_lists_refresh_themselves_but_not_under_somebodys_hands(page: Page, web: WebServer) -> None:
    web.fake.room.stories[0]["title"] = "A new headline"
    await page.locator("#lists h3 a").first.focus()
    await page.evaluate("document.querySelector('[data-refresh]').dispatchEvent(new CustomEvent('refresh'))")
    await expect(page.locator("#lists")).to_contain_text("A new headline")
    await expect(page.locator("#lists time").first).to_have_text(re.compile("ago"))


async def test_what_is_not_measured_is_said(page: Page, web: WebServer) -> None:
    web.fake.figures = {"engagement_score": None}
    await page.reload()
    figure = page.locator("[data-figure='engagement_score']")
    await expect(figure.locator("[data-chart]")).to_have_text("not measured yet")
    await expect(figure.locator("[data-value]")).to_have_text("–")
    await expect(page.locator(STATE)).to_have_text("Live")
    web.fake.figures = dict.fromkeys(("articles_per_minute", "active_jobs", "success_rate", "engagement_score"))
    await expect(page.locator(STATE)).to_contain_text("the figures are not to be had")
