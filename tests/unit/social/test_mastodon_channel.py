"""The Mastodon channel against a double that fails in every documented way."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import get_args
from uuid import uuid4

import pytest
from pydantic import SecretStr

from pulse.fetch import Fetcher
from pulse.kernel.clock import utc_now
from pulse.settings import FetchSettings
from pulse.social.channels.mastodon import Account, MastodonChannel, account_of
from pulse.social.channels.mastodon_settling import Patience
from pulse.social.channels.outcomes import NotPublished, Outcome, Published, Refused, Retry, StillUnknown, Unknown
from pulse.social.channels.port import Frozen, HttpAnswer, Rendered
from tests.doubles.mastodon_server import TOKEN, FaultKind, MastodonDouble
from tests.doubles.stories import story

FAULTS: tuple[FaultKind, ...] = get_args(FaultKind)
AT_RANDOM: tuple[FaultKind, ...] = (
    "lost_after",
    "cut_before",
    "error_500_after",
    "slow",
    "rate_limited_429",
    "unavailable_503",
)
CLIENT_SECONDS = 0.2
PATIENCE = Patience(quiet=0.4, silence=0.5, again=0.1)


@pytest.fixture
async def fetcher() -> AsyncIterator[Fetcher]:
    async with Fetcher(FetchSettings(allow_hosts="127.0.0.1", per_host=20)) as fetcher:
        yield fetcher


@pytest.fixture
async def double() -> AsyncIterator[MastodonDouble]:
    async with MastodonDouble(rate_limit=10_000) as double:
        yield double


def channel_to(double: MastodonDouble, fetcher: Fetcher, patience: Patience = PATIENCE) -> MastodonChannel:
    return MastodonChannel(fetcher, double.url, SecretStr(double.token), patience=patience, timeout=CLIENT_SECONDS)


def freeze(channel: MastodonChannel, now: datetime | None = None) -> Frozen:
    rendered = channel.render(story(f"Report {uuid4().hex} is out.", language="pt-BR"))
    assert isinstance(rendered, Rendered)
    return channel.freeze(rendered, uuid4().hex, now or utc_now())


async def publish(channel: MastodonChannel, frozen: Frozen) -> Outcome:
    """What the caller owes the port: retry after a `Retry`, check after an `Unknown`, stop else."""
    for _ in range(50):
        outcome = await channel.deliver(frozen)
        sent = utc_now()
        if isinstance(outcome, Published | Refused):
            return outcome
        if isinstance(outcome, Retry):
            await asyncio.sleep(min(outcome.after or 0, 0.2))
            continue
        reading = await channel.check(frozen, sent)
        while isinstance(reading, StillUnknown):
            assert reading.after is not None
            await asyncio.sleep(reading.after)
            reading = await channel.check(frozen, sent)
        if not isinstance(reading, NotPublished):
            return reading
    raise AssertionError("never published")


@pytest.mark.parametrize("software", ["mastodon", "gotosocial"])
@pytest.mark.parametrize("kind", FAULTS)
async def test_every_failure_ends_in_one_post_or_a_clear_no(kind: FaultKind, software: str, fetcher: Fetcher) -> None:
    async with MastodonDouble(software=software, honours_keys=software == "mastodon", rate_limit=10_000) as double:
        channel = channel_to(double, fetcher)
        frozen = freeze(channel)
        double.fail(kind, times=2, seconds=CLIENT_SECONDS + 0.1)

        outcome = await publish(channel, frozen)

        if kind in ("unauthorized_401", "forbidden_403", "unprocessable_422"):
            assert isinstance(outcome, Refused)
            assert double.statuses == []
        else:
            assert isinstance(outcome, Published)
            assert [status.key for status in double.statuses] == [frozen.key]
            assert outcome.remote_id == double.statuses[0].id


@pytest.mark.parametrize("software", ["mastodon", "gotosocial"])
async def test_failures_at_random_neither_lose_nor_double_a_post(software: str, fetcher: Fetcher) -> None:
    async with MastodonDouble(software=software, honours_keys=software == "mastodon", rate_limit=10_000) as double:
        channel = channel_to(double, fetcher, Patience(quiet=0.4, silence=0.4, again=0.05))
        for kind in AT_RANDOM:
            double.fail(kind, times=None, probability=0.15, seconds=CLIENT_SECONDS + 0.1, on="post")
        double.fail("error_500_before", times=None, probability=0.1, on="read")
        frozen = [freeze(channel) for _ in range(12)]

        outcomes = await asyncio.gather(*(publish(channel, one) for one in frozen))

        assert all(isinstance(outcome, Published) for outcome in outcomes)
        assert sorted(status.key for status in double.statuses) == sorted(one.key for one in frozen)


async def test_the_double_has_teeth(double: MastodonDouble, fetcher: Fetcher) -> None:
    """Sending again at once after a doubt makes two posts: on a server without keys, and on Mastodon while the first
    request is under way or when the key was never written down."""
    channel = channel_to(double, fetcher)
    cases: tuple[tuple[FaultKind, bool], ...] = (("cut_after", False), ("lost_after", True), ("slow", True))
    for kind, honours in cases:
        double.honours_keys = honours
        frozen = freeze(channel)
        double.fail(kind, seconds=CLIENT_SECONDS + 0.1)
        assert isinstance(await channel.deliver(frozen), Unknown)
        assert isinstance(await channel.deliver(frozen), Published)
        await asyncio.sleep(0.2)
        assert [status.key for status in double.statuses].count(frozen.key) == 2


async def test_what_is_sent_is_the_frozen_body_and_key(double: MastodonDouble, fetcher: Fetcher) -> None:
    channel = channel_to(double, fetcher)
    frozen = freeze(channel)

    await channel.deliver(frozen)

    assert double.last_headers["Idempotency-Key"] == frozen.key
    assert set(json.loads(frozen.body)) == {"status", "visibility", "language"}
    assert double.statuses[0].text == json.loads(frozen.body)["status"]
    assert double.statuses[0].language == "pt"


async def test_waits_as_long_as_the_rate_limit_says(double: MastodonDouble, fetcher: Fetcher) -> None:
    double.fail("rate_limited_429", seconds=120)
    outcome = await (channel := channel_to(double, fetcher)).deliver(freeze(channel))
    assert isinstance(outcome, Retry)
    assert outcome.after is not None
    assert 110 < outcome.after <= 120


async def test_a_503_that_does_not_say_when_to_come_back_is_a_doubt(double: MastodonDouble, fetcher: Fetcher) -> None:
    channel = channel_to(double, fetcher)
    double.fail("unavailable_503")
    assert await channel.deliver(freeze(channel)) == Retry(
        f"{double.url}: HTTP 503, There was a temporary problem serving your request, please try again", 2.0
    )


async def test_nothing_is_sent_again_before_silence_has_lasted(double: MastodonDouble, fetcher: Fetcher) -> None:
    double.honours_keys, double.software = False, "gotosocial"
    channel = channel_to(double, fetcher, Patience(quiet=60, silence=180))
    frozen = freeze(channel, utc_now() - timedelta(seconds=100))

    reading = await channel.check(frozen, utc_now() - timedelta(seconds=100))

    assert isinstance(reading, StillUnknown)
    assert reading.after is not None
    assert 75 < reading.after <= 80
    assert isinstance(await channel.check(frozen, utc_now() - timedelta(seconds=181)), NotPublished)


async def test_a_queue_that_shows_posts_late_makes_no_second_one(double: MastodonDouble, fetcher: Fetcher) -> None:
    double.honours_keys, double.software, double.visible_after = False, "snac", 0.5
    channel = channel_to(double, fetcher)
    frozen = freeze(channel)
    double.fail("cut_after")

    assert isinstance(await publish(channel, frozen), Published)
    assert len(double.statuses) == 1


async def test_a_post_beyond_the_first_page_is_found(double: MastodonDouble, fetcher: Fetcher) -> None:
    channel = channel_to(double, fetcher)
    frozen = freeze(channel)
    double.fail("cut_after")
    assert isinstance(await channel.deliver(frozen), Unknown)
    for number in range(90):
        double.kept.add(f"Other {number}", f"other-{number}", "public", None)

    assert isinstance(await channel.check(frozen, utc_now()), Published)


async def test_when_too_much_was_posted_since_only_a_person_can_tell(double: MastodonDouble, fetcher: Fetcher) -> None:
    # Nothing is slow here but a busy machine: pages of statuses may take their time.
    channel = MastodonChannel(fetcher, double.url, SecretStr(TOKEN), patience=PATIENCE, timeout=10)
    frozen = freeze(channel)
    for number in range(250):
        double.kept.add(f"Other {number}", f"other-{number}", "public", None)

    reading = await channel.check(frozen, utc_now() - timedelta(hours=1))

    assert isinstance(reading, StillUnknown)
    assert reading.after is None


async def test_a_token_that_may_not_read_leaves_it_to_a_person(double: MastodonDouble, fetcher: Fetcher) -> None:
    channel = channel_to(double, fetcher)
    double.fail("forbidden_403", times=None, on="read")
    reading = await channel.check(freeze(channel), utc_now() - timedelta(hours=1))
    assert isinstance(reading, StillUnknown)
    assert reading.after is None


async def test_a_server_whose_clock_is_wrong_is_read_by_its_own_clock(double: MastodonDouble, fetcher: Fetcher) -> None:
    """Ours is an hour ahead: a post made now looks older than the moment it was frozen."""

    def ahead() -> datetime:
        return datetime.now(UTC) + timedelta(hours=1)

    channel = MastodonChannel(fetcher, double.url, SecretStr(TOKEN), patience=PATIENCE, clock=ahead)
    frozen = freeze(channel, ahead())
    delivered = await channel.deliver(frozen)

    assert await channel.check(frozen, ahead()) == delivered


async def test_limits_and_keys_are_learned_from_the_server(double: MastodonDouble, fetcher: Fetcher) -> None:
    double.max_characters = 150
    channel = channel_to(double, fetcher)
    assert channel.capabilities.key_window == timedelta(0)

    await channel.prepare()
    rendered = channel.render(story("A" * 100 + ".", "B" * 100 + "."))

    assert channel.capabilities.key_window == timedelta(hours=1)
    assert isinstance(rendered, Rendered)
    assert (rendered.limit, rendered.sentences, rendered.left_out) == (150, 1, 1)


async def test_a_token_is_tried_before_a_channel_is_made_of_it(double: MastodonDouble, fetcher: Fetcher) -> None:
    good = await account_of(fetcher, double.url, SecretStr(TOKEN))
    bad = await account_of(fetcher, double.url, SecretStr("wrong"))
    nobody = await account_of(fetcher, f"{double.url}/elsewhere", SecretStr(TOKEN))

    assert good == Account(id="1001", name="newsroom", url=f"{double.url}/@newsroom")
    assert isinstance(bad, Refused)
    assert bad.code == "social.credentials_refused"
    assert isinstance(nobody, Refused)
    assert nobody.code == "social.no_such_service"


async def test_a_look_that_fails_takes_nothing_from_another_at_the_same_moment(
    double: MastodonDouble, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = channel_to(double, fetcher)
    frozen = [freeze(channel) for _ in range(2)]
    # Something newer than both is there, so that a second page is asked for.
    assert isinstance(await channel.deliver(freeze(channel)), Published)
    ask, asked = channel.request, 0
    both, listed, failed = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def request(
        method: str, path: str, headers: dict[str, str] | None = None, body: bytes | None = None
    ) -> HttpAnswer:
        nonlocal asked
        if path.endswith("verify_credentials"):
            asked += 1
            if asked == 1:
                await both.wait()
            else:
                both.set()
                await listed.wait()
                double.fail("error_500_before", times=1, on="read")
        answer = await ask(method, path, headers, body)
        if "/statuses?" in path:
            listed.set()
            await failed.wait()
        return answer

    monkeypatch.setattr(channel, "request", request)
    first, second = (asyncio.create_task(channel.check(one, utc_now())) for one in frozen)
    assert isinstance(await second, StillUnknown)
    failed.set()
    assert asked == 2
    reading = await first
    assert isinstance(reading, StillUnknown)
    assert reading.after is not None, reading.reason
