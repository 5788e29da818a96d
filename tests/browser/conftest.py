"""A real browser, and the pages over the fake services for it to look at."""

import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, async_playwright

from pulse.web.assets import FOLDER
from tests.doubles.newsroom import newsroom
from tests.doubles.web_server import WebServer, serve

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    """Run Chromium for the session."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("there is no Chromium on the PATH (Debian: apt install chromium)")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture(scope="session")
def web_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WebServer]:
    """Serve the pages for the session."""
    assert (FOLDER / "vendor" / "htmx.min.js").exists(), "run `python scripts/build_web.py` first"
    with serve(Path(tmp_path_factory.mktemp("web"))) as server:
        yield server


@pytest.fixture
def web(web_server: WebServer) -> WebServer:
    """Give the pages with fresh data behind them."""
    web_server.fake.reset(newsroom())
    return web_server


class Complaints(list[str]):
    """What the browser complained about: errors of scripts, and everything the security policy kept out."""

    def watch(self, page: Page) -> None:
        """Collect what `page` says."""
        page.on("pageerror", lambda error: self.append(str(error)))
        page.on("console", lambda message: self.append(message.text) if message.type == "error" else None)


@pytest.fixture
async def complaints() -> AsyncIterator[Complaints]:
    """Give a list for complaints; a test that leaves some in it fails."""
    complaints = Complaints()
    yield complaints
    assert complaints == []


@pytest.fixture
async def page(chromium: Browser, web: WebServer, complaints: Complaints) -> AsyncIterator[Page]:
    """Give a page of an owner in Berlin, signed in, on the overview."""
    context = await chromium.new_context(timezone_id="Europe/Berlin", locale="en-GB", base_url=web.url)
    page = await context.new_page()
    page.set_default_timeout(10_000)
    complaints.watch(page)
    await page.goto(f"/?token={web.token()}")
    yield page
    await context.close()
