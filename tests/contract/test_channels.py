"""The contract of `pulse.social.channels.port`, run by every channel: the site, a real Bluesky PDS, and a Mastodon
double, once as Mastodon and once as a server that ignores idempotency keys."""

import asyncio
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from pulse.fetch import Fetcher
from pulse.kernel.clock import utc_now
from pulse.social.channels.bluesky import BlueskyChannel
from pulse.social.channels.bluesky_session import Login
from pulse.social.channels.mastodon import MastodonChannel
from pulse.social.channels.mastodon_settling import Patience
from pulse.social.channels.outcomes import NotPublished, Published, Refused, Retry, StillUnknown, Unknown
from pulse.social.channels.port import Channel, Frozen, HttpAnswer, Rendered
from pulse.social.channels.site import SiteChannel
from pulse.social.errors import TextTooLong
from pulse.social.shapes import PostContent
from tests.doubles.lossy_http import Loss, LossyHttp
from tests.doubles.mastodon_server import TOKEN, MastodonDouble
from tests.doubles.stories import TEXTS, story, story_of
from tests.servers.pds import Pds

IMPATIENT = Patience(quiet=0.2, silence=0.6, again=0.1)
LONG = timedelta(minutes=10)


@dataclass
class Bench:
    """A channel on its platform, with the means to break the way there and to look behind it."""

    channel: Channel
    texts: Callable[[], Awaitable[list[str]]]
    """All posts the platform holds, as it holds them."""
    lose: Callable[[Loss], None]
    stranger: Channel | None
    """A channel with credentials the platform does not accept."""
    unreachable: Channel
    payload: Callable[[str], Awaitable[dict[str, Any]]]
    """What the platform holds of one post, by its remote id."""


def _closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _site_bench(folder: Path) -> Bench:
    channel = SiteChannel(folder / "site", "https://news.example.org")
    posts = folder / "site" / "posts"
    in_the_way = folder / "file"
    in_the_way.write_text("not a folder")

    async def texts() -> list[str]:
        stories = [PostContent.model_validate_json(path.read_bytes()) for path in sorted(posts.glob("*.json"))]
        return [channel.render(one).text for one in stories]  # type: ignore[union-attr]

    async def payload(remote_id: str) -> dict[str, Any]:
        held: dict[str, Any] = json.loads((posts / f"{remote_id}.json").read_text())
        return held

    folder_class = channel._folder.__class__

    def lose(what: Loss) -> None:
        """As if the process was killed before anything was written, or between the post and its pages."""
        names = {"answer": "derive", "request": "put", "connection": "put"}

        def fail(*_: object) -> None:
            delattr(channel._folder, names[what])
            raise OSError("killed on purpose")

        assert hasattr(folder_class, names[what])
        setattr(channel._folder, names[what], fail)

    return Bench(channel, texts, lose, None, SiteChannel(in_the_way, "https://news.example.org"), payload)


def _bluesky_bench(pds: Pds, fetcher: Fetcher) -> Bench:
    http = LossyHttp(fetcher)
    login = Login(pds.url, pds.handle, SecretStr(pds.password))
    listing = f"{pds.url}/xrpc/com.atproto.repo.listRecords?repo={pds.did}&collection=app.bsky.feed.post&limit=100"

    async def texts() -> list[str]:
        records = json.loads((await fetcher.get(listing)).body)["records"]
        return [record["value"]["text"] for record in records]

    async def payload(remote_id: str) -> dict[str, Any]:
        records = json.loads((await fetcher.get(listing)).body)["records"]
        return next(record["value"] for record in records if record["uri"] == remote_id)

    return Bench(
        BlueskyChannel(http, login, pds.did),
        texts,
        lambda what: http.lose(what, "putRecord"),
        BlueskyChannel(fetcher, replace(login, password=SecretStr("wrong")), pds.did),
        BlueskyChannel(fetcher, replace(login, service=f"http://127.0.0.1:{_closed_port()}"), pds.did),
        payload,
    )


def _mastodon_bench(double: MastodonDouble, fetcher: Fetcher) -> Bench:
    http = LossyHttp(fetcher)

    async def texts() -> list[str]:
        return [status.text for status in double.statuses]

    async def payload(remote_id: str) -> dict[str, Any]:
        held: dict[str, Any] = json.loads((await fetcher.get(f"{double.url}/api/v1/statuses/{remote_id}")).body)
        return held

    return Bench(
        MastodonChannel(http, double.url, SecretStr(TOKEN), patience=IMPATIENT),
        texts,
        lambda what: http.lose(what, "/api/v1/statuses"),
        MastodonChannel(fetcher, double.url, SecretStr("wrong"), patience=IMPATIENT),
        MastodonChannel(fetcher, f"http://127.0.0.1:{_closed_port()}", SecretStr(TOKEN), patience=IMPATIENT),
        payload,
    )


@pytest.fixture(params=["site", "bluesky", "mastodon", "gotosocial"])
async def bench(request: pytest.FixtureRequest, tmp_path: Path, fetcher: Fetcher) -> AsyncIterator[Bench]:
    match request.param:
        case "site":
            yield _site_bench(tmp_path)
        case "bluesky":
            yield _bluesky_bench(request.getfixturevalue("pds"), fetcher)
        case software:
            honours = software == "mastodon"
            async with MastodonDouble(software=software, honours_keys=honours, rate_limit=10_000) as double:
                bench = _mastodon_bench(double, fetcher)
                await bench.channel.prepare()
                yield bench


def frozen_of(channel: Channel, content: PostContent) -> tuple[Rendered, Frozen]:
    rendered = channel.render(content)
    assert isinstance(rendered, Rendered), rendered
    return rendered, through_the_database(channel.freeze(rendered, uuid4().hex, utc_now()))


def through_the_database(frozen: Frozen) -> Frozen:
    """What `jsonb` does to a row: other order and spacing, equal values."""
    stored = json.dumps(frozen.model_dump(mode="json"), sort_keys=True, ensure_ascii=True)
    return Frozen.model_validate(json.loads(stored))


def unique(text: str = "") -> PostContent:
    """A story that no other test publishes."""
    return story(f"Report {uuid4().hex} says the bridge is approved.", text or "Work begins in March.")


async def settled(channel: Channel, frozen: Frozen, last_sent: datetime) -> Published | NotPublished | Refused:
    """Check for as long as the channel asks to."""
    for _ in range(20):
        reading = await channel.check(frozen, last_sent)
        if not isinstance(reading, StillUnknown):
            return reading
        assert reading.after is not None, reading
        await asyncio.sleep(reading.after)
    raise AssertionError("never settled")


async def test_delivers_what_was_rendered(bench: Bench) -> None:
    rendered, frozen = frozen_of(bench.channel, unique())

    outcome = await bench.channel.deliver(frozen)

    assert isinstance(outcome, Published), outcome
    assert outcome.remote_id
    assert outcome.url.startswith("http")
    assert (await bench.texts()).count(rendered.text) == 1


async def test_delivering_the_same_again_makes_no_second_post(bench: Bench) -> None:
    if bench.channel.capabilities.key_window == timedelta(0):
        pytest.skip("this server forgets keys, and the channel says so")
    rendered, frozen = frozen_of(bench.channel, unique())

    outcomes = [await bench.channel.deliver(frozen) for _ in range(3)]

    assert isinstance(outcomes[0], Published)
    assert outcomes == [outcomes[0]] * 3
    assert (await bench.texts()).count(rendered.text) == 1


async def test_a_lost_answer_is_unknown_and_found_by_reading_back(bench: Bench) -> None:
    rendered, frozen = frozen_of(bench.channel, unique())
    bench.lose("answer")

    lost = await bench.channel.deliver(frozen)
    reading = await settled(bench.channel, frozen, utc_now())

    assert isinstance(lost, Unknown), lost
    assert isinstance(reading, Published), reading
    assert (await bench.texts()).count(rendered.text) == 1


async def test_a_lost_request_is_settled_and_sent_again(bench: Bench) -> None:
    rendered, frozen = frozen_of(bench.channel, unique())
    bench.lose("request")

    lost = await bench.channel.deliver(frozen)
    reading = await settled(bench.channel, frozen, utc_now())
    again = await bench.channel.deliver(frozen)

    assert isinstance(lost, Unknown | Retry), lost
    assert isinstance(reading, NotPublished), reading
    assert isinstance(again, Published), again
    assert (await bench.texts()).count(rendered.text) == 1


async def test_check_after_success_confirms_the_same_post(bench: Bench) -> None:
    _, frozen = frozen_of(bench.channel, unique())
    delivered = await bench.channel.deliver(frozen)

    assert await settled(bench.channel, frozen, utc_now()) == delivered


async def test_a_post_with_the_same_words_made_before_is_not_taken_for_ours(bench: Bench) -> None:
    content = unique()
    _, earlier = frozen_of(bench.channel, content)
    assert isinstance(await bench.channel.deliver(earlier), Published)
    rendered = bench.channel.render(content)
    assert isinstance(rendered, Rendered)

    later = bench.channel.freeze(rendered, uuid4().hex, utc_now() + LONG)

    assert isinstance(await settled(bench.channel, later, utc_now() - LONG), NotPublished)


async def test_no_connection_is_a_retry(bench: Bench) -> None:
    _, frozen = frozen_of(bench.unreachable, unique())

    outcome = await bench.unreachable.deliver(frozen)

    assert isinstance(outcome, Retry), outcome
    assert not isinstance(await bench.unreachable.check(frozen, utc_now()), Published)


async def test_refused_credentials_say_what_to_do(bench: Bench) -> None:
    if bench.stranger is None:
        pytest.skip("a folder asks for no credentials")
    rendered, frozen = frozen_of(bench.stranger, unique())

    outcome = await bench.stranger.deliver(frozen)

    assert isinstance(outcome, Refused)
    assert outcome.code == "social.credentials_refused"
    assert outcome.next_step
    assert (await bench.texts()).count(rendered.text) == 0


@pytest.mark.parametrize("name", TEXTS)
async def test_every_kind_of_text_arrives_as_rendered(bench: Bench, name: str) -> None:
    content = story_of(name)
    rendered, frozen = frozen_of(bench.channel, content.model_copy(update={"title": uuid4().hex}))

    outcome = await bench.channel.deliver(frozen)

    assert isinstance(outcome, Published), outcome
    assert rendered.text in await bench.texts()
    assert rendered.left_out == 0
    assert await settled(bench.channel, frozen, utc_now()) == outcome


@pytest.mark.parametrize("name", TEXTS)
async def test_facets_stand_where_the_links_are(bench: Bench, name: str) -> None:
    rendered, frozen = frozen_of(bench.channel, story_of(name))
    text = rendered.text.encode()

    assert "".join(part.text for part in rendered.parts) == rendered.text
    linked = [part for part in rendered.parts if part.kind != "text"]
    assert [text[facet.start : facet.end].decode() for facet in rendered.facets] == [part.text for part in linked]

    outcome = await bench.channel.deliver(frozen)
    if bench.channel.kind == "bluesky" and isinstance(outcome, Published):
        held = await bench.payload(outcome.remote_id)
        raw = held["text"].encode()
        for facet in held["facets"]:
            shown = raw[facet["index"]["byteStart"] : facet["index"]["byteEnd"]].decode()
            [feature] = facet["features"]
            assert shown == feature.get("uri", f"#{feature.get('tag')}")


async def test_a_text_that_just_fits_is_accepted_and_no_sentence_is_cut(bench: Bench) -> None:
    """Sentences of emoji and marks, so that characters, graphemes and bytes all differ."""
    unit = "👩🏽‍🚀é "
    sentences = [f"{uuid4().hex} {unit * 12}end {number}." for number in range(40)]
    rendered, frozen = frozen_of(bench.channel, story(*sentences))

    outcome = await bench.channel.deliver(frozen)

    assert isinstance(outcome, Published), outcome
    assert rendered.text in await bench.texts()
    if rendered.limit is not None:
        assert rendered.used <= rendered.limit
        assert rendered.left_out > 0
    assert rendered.sentences + rendered.left_out == len(sentences)
    assert " ".join(sentences[: rendered.sentences]).replace("  ", " ") in rendered.text.replace("  ", " ")


async def test_one_character_below_the_limit_and_at_it_is_accepted_by_the_platform(bench: Bench) -> None:
    rendered = bench.channel.render(unique())
    assert isinstance(rendered, Rendered)
    if rendered.limit is None:
        pytest.skip("no limit")
    missing = rendered.limit - rendered.used
    for spare in (1, 0):
        filled, frozen = frozen_of(bench.channel, unique("Work begins in March" + "é" * (missing - spare) + "."))
        assert filled.used == rendered.limit - spare
        assert isinstance(await bench.channel.deliver(frozen), Published)
    over = bench.channel.render(unique("Work begins in March" + "é" * (missing + 1) + "."))
    assert isinstance(over, Rendered)
    assert (over.sentences, over.left_out) == (1, 1)


async def test_what_cannot_fit_is_an_error_value(bench: Bench) -> None:
    too_long = story("word " * 900 + ".", title="title " * 400)

    rendered = bench.channel.render(too_long)

    if bench.channel.kind == "site":
        assert isinstance(rendered, Rendered)
    else:
        assert isinstance(rendered, TextTooLong)
        assert rendered.next_step


async def test_the_title_stands_in_for_a_first_sentence_that_is_too_long(bench: Bench) -> None:
    rendered = bench.channel.render(story("word " * 900 + ".", "Short."))

    assert isinstance(rendered, Rendered)
    if bench.channel.kind != "site":
        assert rendered.text.startswith("Council approves bridge\n\nhttps://")
        assert (rendered.sentences, rendered.left_out) == (0, 2)


async def test_rendering_is_pure(bench: Bench) -> None:
    assert bench.channel.render(story_of("emoji")) == bench.channel.render(story_of("emoji"))


async def test_other_bytes_under_the_same_key_never_replace_a_post(bench: Bench) -> None:
    first, frozen = frozen_of(bench.channel, unique())
    assert isinstance(await bench.channel.deliver(frozen), Published)
    second, other = frozen_of(bench.channel, unique())
    swapped = other.model_copy(update={"key": frozen.key, "body": other.body.replace(other.key, frozen.key)})

    outcome = await bench.channel.deliver(swapped)

    held = await bench.texts()
    assert held.count(first.text) == 1
    if bench.channel.kind in ("site", "bluesky"):
        assert isinstance(outcome, Refused)
        assert outcome.code == "social.key_taken"
        assert held.count(second.text) == 0
        assert isinstance(await bench.channel.check(swapped, utc_now()), Refused)


class Babbling:
    """A server that answers anything to everything."""

    def __init__(self, status: int, body: bytes, headers: dict[str, str]) -> None:
        self.status = status
        self.body = body
        self.headers = {name.lower(): value for name, value in headers.items()}

    async def request(self, method: str, url: str, **_: Any) -> HttpAnswer:
        return self


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["id", "uri", "cid", "value", "error", "url", "content", "created_at", "did", "accessJwt"])
            | st.text(max_size=5),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)
ANSWERS = st.builds(
    Babbling,
    st.sampled_from([200, 201, 204, 301, 400, 401, 403, 404, 408, 418, 422, 429, 500, 502, 503, 504]),
    JSON.map(lambda value: json.dumps(value).encode()) | st.binary(max_size=60),
    st.dictionaries(
        st.sampled_from(["retry-after", "x-ratelimit-reset", "ratelimit-reset", "date"]),
        st.text(max_size=12) | st.integers().map(str) | st.datetimes().map(str),
        max_size=3,
    ),
)


@pytest.mark.parametrize("kind", ["bluesky", "mastodon"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(answer=ANSWERS)
async def test_whatever_a_server_answers_is_an_outcome(kind: str, answer: Babbling) -> None:
    channel: Channel
    if kind == "bluesky":
        channel = BlueskyChannel(answer, Login("https://pds.example.com", "a", SecretStr("b")), "did:plc:abc")
    else:
        channel = MastodonChannel(answer, "https://social.example.com", SecretStr("t"), patience=IMPATIENT)
    await channel.prepare()
    _, frozen = frozen_of(channel, story())

    outcome = await channel.deliver(frozen)
    reading = await channel.check(frozen, datetime.now(UTC) - LONG)

    assert isinstance(outcome, Published | Refused | Retry | Unknown)
    assert isinstance(reading, Published | NotPublished | StillUnknown | Refused)
    if kind == "mastodon" and answer.status in (500, 502, 504):
        assert isinstance(outcome, Unknown)
    if answer.status >= 400:
        assert not isinstance(outcome, Published)
        assert not isinstance(reading, Published)
