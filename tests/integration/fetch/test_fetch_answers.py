"""Answers of every kind, good and hostile, over real sockets."""

import asyncio
import gzip
import socket
import time

import pytest

from pulse.fetch import Fetcher, Redirect
from pulse.fetch import fetcher as fetcher_module
from pulse.fetch.errors import (
    BadAnswer,
    BadEncoding,
    BadRequest,
    ConnectFailed,
    Disconnected,
    FetchError,
    FetchTimedOut,
    HostNotFound,
    TlsFailed,
    TooLarge,
    TooManyRedirects,
)
from pulse.settings import FetchSettings
from tests.integration.fetch.conftest import Request, WebServer


async def test_a_document(web: WebServer, fetcher: Fetcher) -> None:
    web.serve("/feed?x=a%2Fb", b"<rss/>", 'ETag: "1"', "Content-Type: text/xml")
    response = await fetcher.get(
        f"http://me:secret@127.0.0.1:{web.port}/feed?x=a%2Fb#top", headers={"If-None-Match": '"0"'}, accept="text/xml"
    )
    assert (response.status, response.body, response.headers["etag"]) == (200, b"<rss/>", '"1"')
    assert response.url_final == web.url("/feed?x=a%2Fb")
    sent = web.requests[0].headers
    assert sent["if-none-match"] == '"0"'
    assert sent["accept"] == "text/xml"
    assert sent["accept-encoding"] == "gzip, deflate"
    assert sent["user-agent"].startswith("pulse/2.0")
    assert sent["authorization"] == "basic bwu6c2vjcmv0"


async def test_compressed(web: WebServer, fetcher: Fetcher) -> None:
    web.serve("/", gzip.compress(b"news" * 1000), "Content-Encoding: gzip")
    assert (await fetcher.get(web.url())).body == b"news" * 1000


async def test_redirects_are_followed_and_told(web: WebServer, fetcher: Fetcher) -> None:
    web.redirect("/1", "/2", 301)
    web.redirect("/2", "3", 308)
    web.redirect("/3", "/4", 302)
    web.serve("/4", b"here")
    response = await fetcher.get(web.url("/1"))
    assert (response.body, response.url_final) == (b"here", web.url("/4"))
    assert response.redirects[1] == Redirect(web.url("/2"), 308, web.url("/3"))
    assert response.moved_to == web.url("/3")
    assert (await fetcher.get(web.url("/3"))).moved_to is None
    assert web.connections == 1


async def test_too_many_redirects(web: WebServer, fetcher: Fetcher) -> None:
    web.redirect("/", "/")
    with pytest.raises(TooManyRedirects):
        await fetcher.get(web.url())
    assert len(web.requests) == 6


async def test_credentials_stay_with_their_origin(web: WebServer, other_web: WebServer, fetcher: Fetcher) -> None:
    web.redirect("/", "/same")
    web.redirect("/same", f"http://you:secret@127.0.0.1:{other_web.port}/")
    other_web.redirect("/", web.url("/back"))
    web.serve("/back", b"")
    headers = {"Authorization": "Bearer secret", "X-Api-Key": "secret", "Cookie": "a=b", "Accept-Language": "de"}
    await fetcher.get(web.url(), headers=headers)
    assert web.requests[1].headers["authorization"] == "bearer secret"
    for request in (other_web.requests[0], web.requests[2]):
        assert not {"authorization", "x-api-key", "cookie"} & set(request.headers)
        assert request.headers["accept-language"] == "de"


async def test_cookies_are_not_kept(web: WebServer, fetcher: Fetcher) -> None:
    web.serve("/", b"", "Set-Cookie: id=1")
    await fetcher.get(web.url())
    await fetcher.get(web.url())
    assert "cookie" not in web.requests[1].headers


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_post_is_not_redirected(web: WebServer, fetcher: Fetcher, status: int) -> None:
    web.redirect("/", "/elsewhere", status)
    response = await fetcher.post(web.url(), json={"text": "once"})
    assert (response.status, response.redirects) == (status, ())
    assert [(it.method, it.path, it.body) for it in web.requests] == [("POST", "/", b'{"text":"once"}')]
    assert web.requests[0].headers["content-type"] == "application/json"


async def test_redirects_can_be_left_alone(web: WebServer, fetcher: Fetcher) -> None:
    web.redirect("/", "/elsewhere")
    assert (await fetcher.request("GET", web.url(), allow_redirects=False)).status == 302


async def test_connections_are_reused_but_not_for_a_post(web: WebServer, fetcher: Fetcher) -> None:
    for _ in range(3):
        await fetcher.get(web.url())
    assert web.connections == 1
    await fetcher.post(web.url(), body=b"x")
    await fetcher.post(web.url(), body=b"y")
    assert [it.connection for it in web.requests] == [1, 1, 1, 2, 3]


async def test_connections_to_many_hosts_are_not_kept(
    web: WebServer, other_web: WebServer, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetcher_module, "KEEP_ALIVE_ORIGINS", 1)
    for server in (web, other_web, web, other_web):
        await fetcher.get(server.url())
    assert (web.connections, other_web.connections) == (1, 2)


@pytest.mark.parametrize("encoding", ["", "gzip"])
async def test_too_large_a_body(web: WebServer, fetcher: Fetcher, encoding: str) -> None:
    body = gzip.compress(bytes(50_000_000)) if encoding else bytes(100_001)
    web.serve("/", body, f"Content-Encoding: {encoding}")
    with pytest.raises(TooLarge):
        await fetcher.get(web.url())
    web.serve("/", b"12345")
    assert (await fetcher.get(web.url(), max_bytes=5)).body == b"12345"
    with pytest.raises(TooLarge):
        await fetcher.get(web.url(), max_bytes=4)


async def test_a_body_without_end(web: WebServer, fetcher: Fetcher) -> None:
    async def endless(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        while True:
            writer.write(b"1000\r\n" + bytes(4096) + b"\r\n")
            await writer.drain()

    web.answers["/"] = endless
    with pytest.raises(TooLarge):
        await fetcher.get(web.url())


async def drip(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    while True:
        writer.write(b".")
        await writer.drain()
        await asyncio.sleep(0.02)


async def drip_headers(_: Request, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\n")
    while True:
        writer.write(b"X-Y: z\r\n")
        await writer.drain()
        await asyncio.sleep(0.02)


async def continue_forever(_: Request, writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        await writer.drain()
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("answer", [b"", drip, drip_headers, continue_forever])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_time_is_up(web: WebServer, answer: bytes, method: str) -> None:
    web.answers["/"] = answer
    begin = time.monotonic()
    async with Fetcher(FetchSettings(allow_hosts="127.0.0.1", timeout_seconds=30)) as fetcher:
        with pytest.raises((FetchTimedOut, BadAnswer)) as caught:
            await fetcher.request(method, web.url(), timeout=0.3)
    assert time.monotonic() - begin < 15  # far from both, whatever else the machine does
    assert caught.value.sent is True


async def test_time_runs_over_all_redirects(web: WebServer, fetcher: Fetcher) -> None:
    async def slow(_: Request, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.2)
        writer.write(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")

    web.answers["/"] = slow
    with pytest.raises(FetchTimedOut):
        await fetcher.get(web.url(), timeout=0.5)


GARBAGE = {
    "no http": b"220 smtp.example ESMTP ready\r\n",
    "a header too long": b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n",
    "headers too many": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5_000 + b"\r\n",
    "a length that is none": b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
}


@pytest.mark.parametrize("name", GARBAGE)
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_garbage(web: WebServer, fetcher: Fetcher, name: str, method: str) -> None:
    web.answers["/"] = GARBAGE[name]
    with pytest.raises((BadAnswer, Disconnected)) as caught:
        await fetcher.request(method, web.url())
    assert caught.value.sent is True


@pytest.mark.parametrize("encoding", ["br", "gzip"])
async def test_broken_encoding(web: WebServer, fetcher: Fetcher, encoding: str) -> None:
    web.serve("/", b"not compressed at all", f"Content-Encoding: {encoding}")
    with pytest.raises(BadEncoding):
        await fetcher.get(web.url())


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf"])
async def test_a_server_that_hangs_up_may_have_got_it(
    web: WebServer, fetcher: Fetcher, method: str, answer: bytes
) -> None:
    async def hang_up(_: Request, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        writer.close()

    web.answers["/"] = hang_up
    with pytest.raises(Disconnected) as caught:
        await fetcher.request(method, web.url())
    assert caught.value.sent is True


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_nothing_was_sent(web: WebServer, method: str) -> None:
    async def no_tls(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    plain = await asyncio.start_server(no_tls, "127.0.0.1", 0)
    async with plain, Fetcher(FetchSettings(allow_hosts="127.0.0.1, nowhere.invalid", timeout_seconds=5)) as fetcher:
        with socket.socket() as closed:
            closed.bind(("127.0.0.1", 0))
            port = closed.getsockname()[1]
            errors: list[FetchError] = []
            for url, kind in (
                (f"http://127.0.0.1:{port}/", ConnectFailed),
                (f"https://127.0.0.1:{plain.sockets[0].getsockname()[1]}/", TlsFailed),
                ("http://nowhere.invalid/", HostNotFound),
            ):
                with pytest.raises(kind) as caught:
                    await fetcher.request(method, url)
                errors.append(caught.value)
        with pytest.raises(BadRequest) as bad:
            await fetcher.request(method, web.url(), headers={"Authorization": "Bearer x\r\nX: y"})
    assert [error.sent for error in [*errors, bad.value]] == [False] * 4
    assert web.requests == []


async def test_a_time_out_before_the_connection_stands_sent_nothing() -> None:
    class Silent(socket.socket):
        """Listens, never accepts: the TLS handshake waits for ever."""

    with Silent() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = silent.getsockname()[1]
        async with Fetcher(FetchSettings(allow_hosts="127.0.0.1")) as fetcher:
            with pytest.raises(FetchTimedOut) as caught:
                await fetcher.post(f"https://127.0.0.1:{port}/", body=b"x", timeout=0.3)
    assert caught.value.sent is False


async def test_places_per_host(web: WebServer) -> None:
    under_way = most = 0

    async def slow(_: Request, writer: asyncio.StreamWriter) -> None:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.1)
        under_way -= 1
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")

    web.answers["/"] = slow
    async with Fetcher(FetchSettings(allow_hosts="127.0.0.1", per_host=2, timeout_seconds=1)) as fetcher:
        # Fifteen rounds take longer than the limit for one request: waiting for a place is not counted.
        await asyncio.gather(*(fetcher.get(web.url()) for _ in range(30)))
        assert fetcher._slots._hosts == {}
    assert most == 2


async def test_cancelled_requests_give_their_places_back(web: WebServer) -> None:
    web.answers["/"] = b""
    async with Fetcher(FetchSettings(allow_hosts="127.0.0.1", per_host=1, concurrency=1)) as fetcher:
        tasks = [asyncio.create_task(fetcher.get(web.url())) for _ in range(3)]
        await asyncio.sleep(0.1)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert (await fetcher.get(web.url("/other"))).status == 404


async def test_head_has_no_body(web: WebServer, fetcher: Fetcher) -> None:
    web.answers["/"] = b"HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n"
    response = await fetcher.request("HEAD", web.url())
    assert (response.status, response.body) == (200, b"")
