"""What a server of Mastodon's API says about itself: which software it is, and its limits."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from pulse.fetch.errors import FetchError
from pulse.social.channels.answers import object_of, text_at
from pulse.social.channels.port import Http
from pulse.social.counting import MASTODON_CHARACTERS, MASTODON_URL_CHARACTERS, MastodonLimits

# Known to remember an Idempotency-Key for an hour: Mastodon itself and the forks that keep its PostStatusService.
_MASTODON = frozenset({"mastodon", "hometown"})
_SOURCES = re.compile(
    r"https://github\.com/(mastodon/mastodon|glitch-soc/mastodon|hometown-fork/hometown)/?", re.IGNORECASE
)
LARGEST_LIMIT = 100_000


@dataclass(frozen=True, slots=True)
class MastodonServer:
    """A server's limits, and whether it honours `Idempotency-Key`. The defaults claim nothing."""

    limits: MastodonLimits = field(default_factory=MastodonLimits)
    honours_keys: bool = False


async def look_at(http: Http, base: str, timeout: float) -> MastodonServer | None:
    """Ask a server about itself; None when it does not answer like one. Smaller servers have version 1 only.

    It is believed to honour keys only when its NodeInfo or, without one, its source address names Mastodon.
    """
    instance = await _get(http, f"{base}/api/v2/instance", timeout) or await _get(
        http, f"{base}/api/v1/instance", timeout
    )
    if not instance:
        return None
    software = text_at(await _node_info(http, base, timeout), "software", "name")
    return describe(instance, software)


def describe(instance: Mapping[str, Any], software: str) -> MastodonServer:
    """Read what a server says of itself, and the software's name (empty: not known). Pure."""
    compatible_only = "(compatible" in text_at(instance, "version").lower()
    named = software.lower() in _MASTODON if software else bool(_SOURCES.fullmatch(text_at(instance, "source_url")))
    genuine = named and not compatible_only
    return MastodonServer(
        limits=MastodonLimits(
            characters=_number(instance, "max_characters", MASTODON_CHARACTERS),
            url_characters=_number(instance, "characters_reserved_per_url", MASTODON_URL_CHARACTERS),
            plain=not genuine,
        ),
        honours_keys=genuine,
    )


def _number(instance: Mapping[str, Any], name: str, otherwise: int) -> int:
    value: Any = instance
    for step in ("configuration", "statuses", name):
        value = value.get(step) if isinstance(value, Mapping) else None
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= LARGEST_LIMIT else otherwise


async def _node_info(http: Http, base: str, timeout: float) -> Mapping[str, Any]:
    links = (await _get(http, f"{base}/.well-known/nodeinfo", timeout)).get("links")
    for link in links if isinstance(links, list) else []:
        address = text_at(link, "href")
        # A server speaks for itself only.
        if urlsplit(address).netloc == urlsplit(base).netloc:
            return await _get(http, address, timeout)
    return {}


async def _get(http: Http, url: str, timeout: float) -> Mapping[str, Any]:
    try:
        answer = await http.request("GET", url, headers={"Accept": "application/json"}, timeout=timeout)
    except FetchError:
        return {}
    return object_of(answer) if answer.status == 200 else {}
