"""The table of addresses, against a labelled list; and that every spelling of a host becomes one."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.fetch.addresses import parse_address, why_not_public
from pulse.fetch.allow import AllowList
from pulse.fetch.errors import BadUrl
from pulse.fetch.target import canonical_host, parse_target, redirect_target
from pulse.settings import BadSettings

REFUSED_TEXT = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 127.255.255.254
168.63.129.16 169.254.0.1 169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.9 192.0.0.170
192.0.0.192 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 192.168.0.1 192.168.255.255 192.175.48.1 198.18.0.1
198.19.255.255 198.51.100.7 203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
:: ::1 ::7f00:1 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:100.64.0.1 ::ffff:0:127.0.0.1
64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 64:ff9b:1::808:808 100::1 100:0:0:1::1
2001::1 2001:0:53aa:64c::1 2001:2::1 2001:3::1 2001:10::1 2001:20::1 2001:1ff::1 2001:db8::1 2001:db8:ffff::1
2002:7f00:1::1 2002:a00:1::1 2002:808:808::1 2620:4f:8000::1 3fff::1 3fff:fff::1 5f00::1 fc00::1 fd00:ec2::254
fd20:ce::254 fdff::1 fe80::1 febf::1 fec0::1 ff02::1 ff0e::1 4000::1 8000::1
"""
PUBLIC_TEXT = """
1.1.1.1 8.8.8.8 9.255.255.255 11.0.0.1 100.63.255.255 100.128.0.1 126.255.255.255 128.0.0.1 168.63.129.15 169.253.0.1
169.255.0.1 172.15.255.255 172.32.0.1 192.0.1.1 192.0.3.1 192.167.255.255 192.169.0.1 198.17.255.255 198.20.0.1
198.51.99.1 203.0.112.1 203.0.114.1 223.255.255.255
::ffff:8.8.8.8 64:ff9b::808:808 2000::1 2001:200::1 2001:4860:4860::8888 2003::1 2606:4700:4700::1111 2a00:1450::1
3ffe::1
"""


@pytest.mark.parametrize("address", REFUSED_TEXT.split())
def test_refused(address: str) -> None:
    assert why_not_public(ip_address(address))


@pytest.mark.parametrize("address", PUBLIC_TEXT.split())
def test_public(address: str) -> None:
    assert why_not_public(ip_address(address)) is None


@given(st.integers(0, 2**32 - 1))
def test_mapped_and_translated_forms_are_judged_like_what_they_carry(number: int) -> None:
    inside = why_not_public(IPv4Address(number))
    assert why_not_public(IPv6Address(0xFFFF_0000_0000 + number)) == inside
    assert why_not_public(IPv6Address((0x64FF9B << 96) + number)) == inside


def test_zone_ids_do_not_hide_an_address() -> None:
    assert parse_address("fe80::1%eth0") == IPv6Address("fe80::1")
    assert parse_address("example.org") is None


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "127.1",
        "127.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.0.0.1",
        "0177.0.0.1",
        "017700000001",
        "127.0.0.1.",
    ],
)
def test_every_spelling_of_loopback_is_the_same(host: str) -> None:
    assert canonical_host(host) == "127.0.0.1"
    assert parse_target(f"http://{host}/").host == "127.0.0.1"


@pytest.mark.parametrize("host", ["①②⑦.⓪.⓪.①", "127。0。0。1", "\uff11\uff12\uff17.0.0.1"])
def test_spellings_beyond_ascii_too(host: str) -> None:
    assert parse_target(f"http://{host}/").host == "127.0.0.1"


NOT_ADDRESSES = r"""
ftp://example.org/ file:///etc/passwd gopher://example.org/ javascript:alert(1) data:text/html,x //example.org/
example.org http:/example.org http:///path http://:80/ http://example.org:0/ http://example.org:70000/ http://a^b/
http://exa%6dple.org/ http://a..b/ http://.example.org/ http://[::1 http://[nonsense]/ http://host\@127.0.0.1/
"""
LONG = f"http://example.org/{'x' * 9000}"


@pytest.mark.parametrize("url", [*NOT_ADDRESSES.split(), "", " ", "http://", "http://a b/", LONG])
def test_not_an_address(url: str) -> None:
    with pytest.raises(BadUrl) as caught:
        parse_target(url)
    assert caught.value.sent is False


@given(st.text(max_size=60))
def test_any_text_is_a_target_or_a_bad_url(text: str) -> None:
    for url in (text, "http://" + text, "http://h/" + text):
        try:
            target = parse_target(url)
        except BadUrl:
            continue
        assert target.url.scheme in ("http", "https")
        assert target.host == canonical_host(target.host)
        assert str(target.url).isascii()
        assert parse_target(str(target.url)).url == target.url


def test_path_and_query_are_sent_as_written() -> None:
    assert str(parse_target("http://Example.ORG:80/a%2Fb/%7Ex?u=http%3A%2F%2Fy&z=%C3%BC#part").url) == (
        "http://example.org/a%2Fb/%7Ex?u=http%3A%2F%2Fy&z=%C3%BC"
    )
    assert str(parse_target("http://bücher.example/ü?q=ü").url) == "http://xn--bcher-kva.example/%C3%BC?q=%C3%BC"


def test_credentials_become_a_header_and_are_never_shown() -> None:
    target = parse_target("https://me:se%40cret@example.org/feed")
    assert str(target.url) == "https://example.org/feed"
    assert target.authorization == "Basic bWU6c2VAY3JldA=="
    with pytest.raises(BadUrl) as caught:
        parse_target("ftp://me:secret@example.org/")
    assert "secret" not in str(caught.value.as_dict())


def test_redirects_resolve_against_the_sender_and_bring_no_credentials() -> None:
    here = parse_target("https://example.org/a/b?c")
    assert str(redirect_target(here, "../d?e").url) == "https://example.org/d?e"
    assert str(redirect_target(here, "//other.example/x").url) == "https://other.example/x"
    assert redirect_target(here, "https://me:you@other.example/").authorization is None
    assert str(redirect_target(here, "/caf\udce9 au").url) == "https://example.org/caf%E9%20au"
    with pytest.raises(BadUrl):
        redirect_target(here, "file:///etc/passwd")


def test_allow_list_matches_host_and_port_as_written() -> None:
    allowed = AllowList.parse(" 127.0.0.1:8080 , Feeds.Example,[::1]:99, 0x0a000001")
    assert allowed.allows("127.0.0.1", 8080)
    assert not allowed.allows("127.0.0.1", 8081)
    assert not allowed.allows("localhost", 8080)
    assert allowed.allows("feeds.example", 1)
    assert allowed.allows("::1", 99)
    assert allowed.allows("10.0.0.1", 5)
    assert AllowList.parse("") == AllowList()


@pytest.mark.parametrize(
    "entry", ["host:", "host:x", "host:0", "host:99999", "::1", "http://host", "ho st", "[::1", "[::1]x"]
)
def test_allow_list_names_the_bad_entry(entry: str) -> None:
    with pytest.raises(BadSettings, match="PULSE_FETCH__ALLOW_HOSTS"):
        AllowList.parse(f"good.example,{entry}")
