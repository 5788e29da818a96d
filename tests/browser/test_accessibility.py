"""Every page against WCAG 2.2 AA as far as a machine can tell (axe-core), in both themes, down to 320 pixels."""

from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from tests.doubles.newsroom import uid
from tests.doubles.web_server import WebServer

AXE = Path(__file__).parents[2] / ".cache" / "web" / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = [
    "/",
    "/app/stories?niche=climate",
    f"/app/stories/{uid('cable')}",
    f"/app/stories/{uid('water')}",
    f"/app/stories/{uid('cable')}/edit",
    f"/app/stories/{uid('cable')}/prompts",
    "/app/budget",
    "/app/posts",
    "/app/posts?tab=failed",
    "/app/posts?tab=unknown",
    f"/app/posts/{uid('p7')}",
    "/app/sources",
    "/app/channels",
    "/app/niches",
    "/app/help",
    "/app/nothing",
]
COLOURFUL = [
    "/",
    f"/app/stories/{uid('cable')}",
    "/app/posts?tab=unknown",
    "/app/posts",
    "/app/channels",
    "/app/budget",
]
LIGHT_EVERYTHING = (
    "document.querySelectorAll('[data-sentence], [data-receipt], mark').forEach((part) => part.classList.add('active'))"
)
OPEN_EVERYTHING = (
    "document.querySelectorAll('details').forEach((part) => { part.removeAttribute('name'); part.open = true })"
)

# WCAG 2.2, 2.5.8: 24 by 24 CSS pixels, links within text excepted.
TOO_SMALL = """() =>
  [...document.querySelectorAll("button, select, summary, input:not([type=hidden]), nav a, .button")]
    .filter((element) => element.checkVisibility({ visibilityProperty: true }) && !element.closest("label, .skip"))
    .map((element) => [element, element.getBoundingClientRect()])
    .filter(([, box]) => box.width && (box.width < 24 || box.height < 24))
    .map(([element, box]) => `${location.pathname}: ${element.outerHTML.slice(0, 80)} ${box.width}x${box.height}`)
"""


async def signed_in(chromium: Browser, web: WebServer, width: int, theme: str) -> Page:
    context = await chromium.new_context(
        base_url=web.url,
        viewport={"width": width, "height": 800},
        color_scheme="dark" if theme == "dark" else "light",
        reduced_motion="reduce",
    )
    page = await context.new_page()
    await page.goto(f"/?token={web.token()}")
    return page


async def broken_rules(page: Page, paths: list[str], options: dict[str, object]) -> list[str]:
    found = []
    for path in paths:
        await page.goto(path)
        await page.evaluate(AXE.read_text())
        # Sections that are closed, and sentences lit up, are looked at too.
        await page.evaluate(f"{OPEN_EVERYTHING}; {LIGHT_EVERYTHING}")
        result = await page.evaluate("(options) => axe.run(document, options)", options)
        found += [
            f"{path}: {violation['id']}: {node['html'][:160]} ({node.get('failureSummary', '')[:200]})"
            for violation in result["violations"]
            for node in violation["nodes"]
        ]
    await page.context.close()
    return found


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed; `python scripts/build_web.py` installs it")
async def test_no_page_breaks_a_rule(chromium: Browser, web: WebServer) -> None:
    page = await signed_in(chromium, web, 1280, "light")
    assert await broken_rules(page, [*PAGES, "/sign-in"], {"runOnly": RULES, "resultTypes": ["violations"]}) == []


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed; `python scripts/build_web.py` installs it")
async def test_the_dark_theme_has_contrast_too(chromium: Browser, web: WebServer) -> None:
    page = await signed_in(chromium, web, 1280, "dark")
    assert await broken_rules(page, COLOURFUL, {"runOnly": {"type": "rule", "values": ["color-contrast"]}}) == []


async def test_nothing_is_wider_than_the_screen(chromium: Browser, web: WebServer) -> None:
    page = await signed_in(chromium, web, 320, "light")
    too_wide = []
    for path in [*PAGES, "/sign-in"]:
        await page.goto(path)
        await page.evaluate(OPEN_EVERYTHING)
        for width in (320, 375, 768):
            await page.set_viewport_size({"width": width, "height": 800})
            over = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            if over > 0:
                too_wide.append(f"{path}: {over} px at {width}")
    await page.context.close()
    assert too_wide == []


async def test_on_a_phone_everything_to_touch_is_large_enough(chromium: Browser, web: WebServer) -> None:
    page = await signed_in(chromium, web, 375, "light")
    too_small = []
    for path in PAGES:
        await page.goto(path)
        too_small += await page.evaluate(TOO_SMALL)
    await page.context.close()
    assert too_small == []
