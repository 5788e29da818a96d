"""No address given by a user, a redirect or a name service makes Pulse open a connection to a private network."""

import socket

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from pulse.fetch import Fetcher
from pulse.fetch.errors import AddressRefused, BadUrl, FetchError, HostNotFound
from pulse.settings import FetchSettings
from tests.integration.fetch.conftest import WebServer

SPELLINGS = """
127.0.0.1 127.1 2130706433 0x7f000001 0x7f.1 0177.0.0.1 017700000001 localhost LOCALHOST localhost. 0 0.0.0.0 [::1]
[::ffff:127.0.0.1] [::ffff:7f00:1] [0:0:0:0:0:ffff:127.0.0.1] [::127.0.0.1] [64:ff9b::7f00:1] [2002:7f00:1::]
[::ffff:0:127.0.0.1] ①②⑦.⓪.⓪.① 127。0。0。1 user@127.0.0.1 127.0.0.1. 127.127.127.127 [fe80::1%25lo]
"""


class Names(AbstractResolver):
    """A name service whose every answer is the next of a list, as a rebinding attacker's is."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        addresses = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return [ResolveResult(hostname=host, host=it, port=port, family=family, proto=0, flags=0) for it in addresses]

    async def close(self) -> None:
        pass


@pytest.mark.parametrize("host", SPELLINGS.split())
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_no_spelling_reaches_loopback(private_web: WebServer, host: str, method: str) -> None:
    async with Fetcher(FetchSettings(timeout_seconds=2)) as fetcher:
        with pytest.raises(FetchError) as caught:
            await fetcher.request(method, f"http://{host}:{private_web.port}/")
    assert private_web.connections == 0
    assert caught.value.sent is False
    assert isinstance(caught.value, AddressRefused | BadUrl | HostNotFound)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "2130706433", "localhost", "[::1]", "169.254.169.254", "[fd00:ec2::254]"]
)
async def test_no_redirect_reaches_it(web: WebServer, private_web: WebServer, fetcher: Fetcher, host: str) -> None:
    web.redirect("/a", "/b")
    web.redirect("/b", f"http://{host}:{private_web.port}/")
    with pytest.raises(AddressRefused):
        await fetcher.get(web.url("/a"))
    assert len(web.requests) == 2
    assert private_web.connections == 0


@pytest.mark.parametrize("location", ["file:///etc/passwd", "ftp://example.org/", "gopher://127.0.0.1/", "//a..b/"])
async def test_no_redirect_leaves_http(web: WebServer, fetcher: Fetcher, location: str) -> None:
    web.redirect("/", location)
    with pytest.raises(BadUrl):
        await fetcher.get(web.url())


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.0.0.1", "169.254.169.254", "fe80::1%1"]
)
async def test_no_name_reaches_it(private_web: WebServer, address: str) -> None:
    async with Fetcher(FetchSettings(), resolver=Names([address])) as fetcher:
        with pytest.raises(AddressRefused) as caught:
            await fetcher.get(private_web.url(host="innocent.example"))
    assert private_web.connections == 0
    assert address in caught.value.message
    assert "PULSE_FETCH__ALLOW_HOSTS" in caught.value.next_step


async def test_no_private_address_behind_a_public_one(private_web: WebServer) -> None:
    # 203.0.113.0/24 is refused as well; a public address that never answers would make this test slow.
    async with Fetcher(
        FetchSettings(timeout_seconds=2), resolver=Names(["203.0.113.1", "127.0.0.1", "::1"])
    ) as fetcher:
        with pytest.raises(AddressRefused):
            await fetcher.get(private_web.url(host="innocent.example"))
    assert private_web.connections == 0


async def test_rebinding_between_two_requests(web: WebServer, private_web: WebServer) -> None:
    """The name was fine when it was allowed and changes its mind: the answer dialled is the one that counts."""
    names = Names(["127.0.0.1"])
    settings = FetchSettings(allow_hosts=f"feeds.example:{web.port}")
    web.redirect("/", f"http://feeds.example:{private_web.port}/")
    async with Fetcher(settings, resolver=names) as fetcher:
        with pytest.raises(AddressRefused):
            await fetcher.get(web.url(host="feeds.example"))
    assert len(web.requests) == 1
    assert private_web.connections == 0


async def test_allowing_an_address_does_not_allow_names_that_point_to_it(web: WebServer) -> None:
    async with Fetcher(FetchSettings(allow_hosts="127.0.0.1"), resolver=Names(["127.0.0.1"])) as fetcher:
        with pytest.raises(AddressRefused):
            await fetcher.get(web.url(host="stranger.example"))
        assert (await fetcher.get(web.url())).status == 404
    assert web.connections == 1


async def test_an_allowed_name_is_reached(web: WebServer) -> None:
    async with Fetcher(FetchSettings(allow_hosts="feeds.example"), resolver=Names(["127.0.0.1"])) as fetcher:
        assert (await fetcher.get(web.url(host="FEEDS.example"))).status == 404


async def test_proxies_of_the_environment_are_not_asked(
    web: WebServer, private_web: WebServer, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, private_web.url())
    web.serve("/", b"straight")
    assert (await fetcher.get(web.url())).body == b"straight"
    assert private_web.connections == 0
