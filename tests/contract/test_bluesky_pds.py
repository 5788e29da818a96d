"""What only a real PDS can show: one record, one commit, however often it is put; sessions that outlive tokens."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr

from pulse.fetch import Fetcher
from pulse.kernel.clock import utc_now
from pulse.social.channels.bluesky import BlueskyChannel
from pulse.social.channels.bluesky_session import Login, Session, SessionInMemory, sign_in
from pulse.social.channels.outcomes import NotPublished, Published, Unknown
from pulse.social.channels.port import Frozen, Rendered
from tests.doubles.lossy_http import LossyHttp
from tests.doubles.stories import LINK, story
from tests.servers.pds import Pds


@pytest.fixture
def login(pds: Pds) -> Login:
    return Login(pds.url, pds.handle, SecretStr(pds.password))


def freeze(channel: BlueskyChannel) -> Frozen:
    rendered = channel.render(story(f"Report {uuid4().hex} is out.", tags=("news",)))
    assert isinstance(rendered, Rendered)
    return channel.freeze(rendered, "unused", utc_now())


async def revision(fetcher: Fetcher, pds: Pds) -> str:
    answer = await fetcher.get(f"{pds.url}/xrpc/com.atproto.sync.getLatestCommit?did={pds.did}")
    return str(json.loads(answer.body)["rev"])


async def records(fetcher: Fetcher, pds: Pds, key: str) -> list[dict[str, Any]]:
    listing = f"{pds.url}/xrpc/com.atproto.repo.listRecords?repo={pds.did}&collection=app.bsky.feed.post&limit=100"
    found = json.loads((await fetcher.get(listing)).body)["records"]
    return [record for record in found if record["uri"].endswith(key)]


async def test_ten_at_once_make_one_record(pds: Pds, fetcher: Fetcher, login: Login) -> None:
    channels = [BlueskyChannel(fetcher, login, pds.did) for _ in range(3)]
    frozen = freeze(channels[0])

    outcomes = await asyncio.gather(*(channels[number % 3].deliver(frozen) for number in range(10)))

    # A server that is overtaken by itself may answer 5xx, which is a doubt; nothing may be refused, nothing doubled.
    assert {type(outcome) for outcome in outcomes} <= {Published, Unknown}
    assert len(await records(fetcher, pds, frozen.key)) == 1
    assert isinstance(await channels[0].check(frozen, utc_now()), Published)


async def test_the_same_bytes_again_make_no_commit(pds: Pds, fetcher: Fetcher, login: Login) -> None:
    channel = BlueskyChannel(fetcher, login, pds.did)
    frozen = freeze(channel)
    await channel.deliver(frozen)
    before = await revision(fetcher, pds)

    assert isinstance(await channel.deliver(frozen), Published)
    assert await revision(fetcher, pds) == before


async def test_the_record_is_what_the_lexicon_wants(pds: Pds, fetcher: Fetcher, login: Login) -> None:
    channel = BlueskyChannel(fetcher, login, pds.did)
    frozen = freeze(channel)
    await channel.deliver(frozen)

    [record] = await records(fetcher, pds, frozen.key)

    value = record["value"]
    assert value == json.loads(frozen.body)["record"]
    assert value["embed"]["external"] == {
        "uri": LINK,
        "title": "Council approves bridge",
        "description": "Example Post",
    }
    assert value["langs"] == ["en"]
    assert [facet["features"][0]["$type"].rpartition("#")[2] for facet in value["facets"]] == ["link", "tag"]
    assert value["createdAt"].endswith("Z")


async def test_check_tells_that_the_user_deleted_it(pds: Pds, fetcher: Fetcher, login: Login) -> None:
    """The reason why a confirmed post is never put again: it would come back."""
    channel = BlueskyChannel(fetcher, login, pds.did)
    frozen = freeze(channel)
    await channel.deliver(frozen)
    session = await sign_in(fetcher, login)
    assert isinstance(session, Session)
    gone = {"repo": pds.did, "collection": "app.bsky.feed.post", "rkey": frozen.key}
    headers = {"Authorization": f"Bearer {session.access}"}
    await fetcher.post(f"{pds.url}/xrpc/com.atproto.repo.deleteRecord", json=gone, headers=headers)

    assert isinstance(await channel.check(frozen, utc_now()), NotPublished)
    assert isinstance(await channel.deliver(frozen), Published)
    assert len(await records(fetcher, pds, frozen.key)) == 1


@pytest.mark.parametrize("access", ["not a token", "eyJhbGciOiJIUzI1NiJ9.eyJleHAiOjF9.AAAA", ""])
async def test_a_token_the_server_no_longer_takes_is_refreshed(
    pds: Pds, fetcher: Fetcher, login: Login, access: str
) -> None:
    good = await sign_in(fetcher, login)
    assert isinstance(good, Session)
    store = SessionInMemory(good.model_copy(update={"access": access}))
    http = LossyHttp(fetcher)

    outcome = await BlueskyChannel(http, login, pds.did, sessions=store).deliver(
        freeze(BlueskyChannel(http, login, pds.did))
    )

    assert isinstance(outcome, Published), outcome
    assert [url.rpartition(".")[2] for _, url, _ in http.asked] == ["putRecord", "refreshSession", "putRecord"]
    assert store.session is not None
    assert store.session.access != access
    assert store.session.refresh != good.refresh


async def test_when_all_tokens_are_dead_the_password_serves(pds: Pds, fetcher: Fetcher, login: Login) -> None:
    store = SessionInMemory(Session(did=pds.did, access="dead", refresh="dead"))
    http = LossyHttp(fetcher)
    channel = BlueskyChannel(http, login, pds.did, sessions=store)

    outcomes = [await channel.deliver(freeze(channel)) for _ in range(5)]

    assert all(isinstance(outcome, Published) for outcome in outcomes)
    names = [url.rpartition(".")[2] for _, url, _ in http.asked]
    assert names == ["putRecord", "refreshSession", "createSession", *["putRecord"] * 5]


async def test_a_session_another_process_stored_and_that_is_stale_too_is_refreshed(
    pds: Pds, fetcher: Fetcher, login: Login
) -> None:
    good = await sign_in(fetcher, login)
    assert isinstance(good, Session)
    store = SessionInMemory(Session(did=pds.did, access="dead", refresh="dead"))
    http = LossyHttp(fetcher)
    channel = BlueskyChannel(http, login, pds.did, sessions=store)
    await channel._keeper.current()
    store.session = good.model_copy(update={"access": "stale"})

    assert isinstance(await channel.deliver(freeze(channel)), Published)
    names = [url.rpartition(".")[2] for _, url, _ in http.asked]
    assert names == ["putRecord", "putRecord", "refreshSession", "putRecord"]


async def test_tids_grow_with_time(pds: Pds, fetcher: Fetcher, login: Login) -> None:
    channel = BlueskyChannel(fetcher, login, pds.did)
    rendered = channel.render(story())
    assert isinstance(rendered, Rendered)
    now = utc_now()
    keys = [channel.freeze(rendered, "x", now + timedelta(microseconds=step)).key for step in (5, 5, 0, 9)]
    assert keys == sorted(set(keys))
