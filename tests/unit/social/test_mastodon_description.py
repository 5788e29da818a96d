"""What is believed of a server's words about itself."""

import pytest

from pulse.social.channels.mastodon_server import MastodonServer, describe
from pulse.social.counting import MastodonLimits

MASTODON = "https://github.com/mastodon/mastodon"


def instance(version: str = "4.5.2", source: str = MASTODON, **statuses: object) -> dict[str, object]:
    return {"version": version, "source_url": source, "configuration": {"statuses": statuses}}


def test_limits_are_the_servers_own() -> None:
    limits = describe(instance(max_characters=1500, characters_reserved_per_url=30), "mastodon").limits
    assert limits == MastodonLimits(characters=1500, url_characters=30)


@pytest.mark.parametrize(
    "nonsense",
    [
        {},
        {"configuration": 7},
        instance(max_characters="500"),
        instance(max_characters=-1),
        instance(max_characters=True),
    ],
)
def test_without_sense_the_documented_ones(nonsense: dict[str, object]) -> None:
    assert describe(nonsense, "mastodon").limits == MastodonLimits()


@pytest.mark.parametrize(
    ("version", "source", "software", "honours"),
    [
        ("4.5.2", MASTODON, "mastodon", True),
        ("4.5.2", MASTODON, "", True),
        ("4.5.2+glitch", "https://github.com/glitch-soc/mastodon", "mastodon", True),
        ("4.5.2", "https://github.com/somebody/fork", "", False),
        ("4.5.2", MASTODON, "gotosocial", False),
        ("0.20.1+git", "https://codeberg.org/superseriousbusiness/gotosocial", "", False),
        ("4.0.0 (compatible; snac 2.75)", "https://comam.es/what-is-snac", "snac", False),
        ("4.2.0 (compatible; Other 1)", MASTODON, "mastodon", False),
        ("", "", "", False),
    ],
)
def test_only_mastodon_is_trusted_with_keys(version: str, source: str, software: str, honours: bool) -> None:
    server = describe(instance(version, source), software)
    assert server.honours_keys is honours
    assert server.limits.plain is not honours


def test_the_default_claims_nothing() -> None:
    assert MastodonServer().honours_keys is False
