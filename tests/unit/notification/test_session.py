"""Who may open a stream."""

from datetime import UTC, datetime, timedelta

import pytest
from starlette.requests import HTTPConnection

from pulse.http.errors import NotAuthenticated
from pulse.http.tokens import Principal, Role, Tokens
from pulse.kernel.tenant import DEFAULT_TENANT
from pulse.notification.errors import ForeignOrigin
from pulse.notification.session import reader

VIEWER = Principal(DEFAULT_TENANT, "me", Role.VIEWER)


def connection(kind: str = "websocket", query: bytes = b"", **headers: str) -> HTTPConnection:
    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    return HTTPConnection({"type": kind, "headers": raw, "query_string": query, "path": "/ws/dashboard"})


@pytest.fixture
def token(tokens: Tokens) -> str:
    return tokens.issue(VIEWER, timedelta(minutes=5))


def test_a_bearer_token_needs_no_origin(tokens: Tokens, token: str) -> None:
    principal, expires = reader(connection(authorization=f"Bearer {token}", origin="https://evil.example"), tokens)
    assert principal == VIEWER
    assert timedelta(minutes=4) < expires - datetime.now(UTC) <= timedelta(minutes=5)


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        ("pulse.example", "https://pulse.example"),
        ("pulse.example", "http://pulse.example"),
        ("PULSE.example:8700", "http://pulse.EXAMPLE:8700"),
        ("[::1]:8700", "http://[::1]:8700"),
    ],
)
def test_the_cookie_counts_from_our_own_pages(tokens: Tokens, token: str, host: str, origin: str) -> None:
    for kind in ("websocket", "http"):
        found = connection(kind, host=host, origin=origin, cookie=f"a=b; pulse_session={token}")
        assert reader(found, tokens)[0] == VIEWER


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "https://pulse.example:444",
        "https://pulse.example.evil.example",
        "https://user@pulse.example",
        "ftp://pulse.example",
        "pulse.example",
        "null",
        "",
        "http://[",
        "https://",
    ],
)
def test_the_cookie_does_not_count_from_elsewhere(tokens: Tokens, token: str, origin: str) -> None:
    for kind in ("websocket", "http"):
        found = connection(kind, host="pulse.example", origin=origin, cookie=f"pulse_session={token}")
        with pytest.raises(ForeignOrigin):
            reader(found, tokens)


def test_a_browser_names_the_origin_of_every_websocket_but_not_of_its_own_requests(tokens: Tokens, token: str) -> None:
    cookie = f"pulse_session={token}"
    assert reader(connection("http", host="pulse.example", cookie=cookie), tokens)[0] == VIEWER
    with pytest.raises(ForeignOrigin):
        reader(connection("websocket", host="pulse.example", cookie=cookie), tokens)


def test_without_a_host_nothing_is_ours(tokens: Tokens, token: str) -> None:
    with pytest.raises(ForeignOrigin):
        reader(connection(origin="http://", cookie=f"pulse_session={token}"), tokens)


def test_tokens_in_addresses_do_not_count(tokens: Tokens, token: str) -> None:
    with pytest.raises(NotAuthenticated):
        reader(connection(query=f"token={token}".encode()), tokens)


def test_a_bad_bearer_token_is_not_saved_by_a_good_cookie(tokens: Tokens, token: str) -> None:
    with pytest.raises(NotAuthenticated):
        reader(connection("http", authorization="Bearer x", cookie=f"pulse_session={token}"), tokens)
