"""Which application answers: by the first segment of the path, and by nothing else."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from pulse.gateway.dispatch import Dispatch, Unserved, no_such_path
from pulse.gateway.routes import PublicPages
from tests.unit.gateway.conftest import serving


class Named:
    """An application that tells its name and the path it was asked for."""

    def __init__(self, name: str) -> None:
        self.name = name

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await PlainTextResponse(f"{self.name} {scope['path']}")(scope, receive, send)


DISPATCH = Dispatch({"articles": Named("news"), "posts": Named("social")}, Named("pages"))


async def ask(app: Any, path: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://pulse") as client:
        return await client.get(path)


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/articles", "news"),
        ("/articles/", "news"),
        ("/articles/technology/1", "news"),
        ("/posts?niche=articles", "social"),
        ("/", "pages"),
        ("/articlesx", "pages"),
        ("/app/articles", "pages"),
        ("/Articles", "pages"),
        ("/articles%2Fx", "news"),
        ("/%61rticles", "news"),
        ("/../articles", "news"),
    ],
)
async def test_the_first_segment_decides(path: str, name: str) -> None:
    assert (await ask(DISPATCH, path)).text.split()[0] == name


@pytest.mark.parametrize(
    ("accept", "media"),
    [
        ("text/html,application/xhtml+xml,*/*;q=0.8", "text/plain"),
        ("*/*", "application/problem+json"),
        ("application/json", "application/problem+json"),
    ],
)
async def test_a_path_of_nobody_is_a_page_for_a_browser_and_a_problem_for_a_program(accept: str, media: str) -> None:
    dispatch = Dispatch({"articles": Named("news")}, Unserved(Named("pages")))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(dispatch), base_url="http://pulse") as client:
        answer = await client.get("/nowhere", headers={"accept": accept})
    assert answer.headers["content-type"].partition(";")[0] == media


async def test_a_path_of_nobody_is_a_problem() -> None:
    answer = await ask(Dispatch({}, no_such_path), "/nowhere")
    assert (answer.status_code, answer.json()["code"]) == (404, "gateway.no_such_path")
    assert "/nowhere" in answer.json()["detail"]
    async with serving(Dispatch({}, no_such_path)) as address:
        with pytest.raises(InvalidStatus) as refused:
            await connect(address.replace("http", "ws") + "/nowhere", proxy=None)
        assert refused.value.response.status_code in (403, 404)


async def test_the_site_serves_its_folder_and_nothing_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "site"
    site = Dispatch({"site": PublicPages("/site", folder)}, no_such_path)
    (folder / "posts").mkdir()
    (folder / "index.html").write_text("front")
    (folder / "posts" / "index.html").write_text("a post")
    (tmp_path / "secret").write_text("hush")
    (folder / "link").symlink_to(tmp_path / "secret")
    front = await ask(site, "/site/")
    assert front.text == "front"
    assert "default-src 'none'" in front.headers["content-security-policy"], "it shares its address with the dashboard"
    assert front.headers["x-content-type-options"] == "nosniff"
    assert (await ask(site, "/site/posts/")).text == "a post"
    for path in ("/site/../secret", "/site/%2e%2e/secret", "/site/..%2fsecret", "/site//../secret", "/site/link"):
        answer = await ask(site, path)
        assert answer.status_code == 404, path
        assert "hush" not in answer.text
    assert (await ask(site, "/site/nowhere")).status_code == 404


async def test_receipts_are_public_pages_too(tmp_path: Path) -> None:
    pages = Dispatch({"receipts": PublicPages("/receipts", tmp_path)}, no_such_path)
    (tmp_path / "7").mkdir()
    (tmp_path / "7" / "index.html").write_text("a receipt")
    receipt = await ask(pages, "/receipts/7/")
    assert receipt.text == "a receipt"
    assert "default-src 'none'" in receipt.headers["content-security-policy"]
    assert (await ask(pages, "/receipts/7")).headers["location"].endswith("/receipts/7/")
    assert (await ask(pages, "/receipts/8/")).status_code == 404
    assert (await ask(pages, "/receipts/")).status_code == 404
