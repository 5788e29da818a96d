"""The platforms Pulse can publish to, and how the channel of an account is made from what is stored."""

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import SecretStr

from pulse.social.channels.bluesky import BlueskyChannel
from pulse.social.channels.bluesky_session import Login, Session, sign_in
from pulse.social.channels.mastodon import MastodonChannel, account_of
from pulse.social.channels.outcomes import Refused, Retry
from pulse.social.channels.port import Channel, Http
from pulse.social.channels.site import SiteChannel
from pulse.social.errors import ChannelRefused, PlatformUnreachable
from pulse.social.room import ChannelKind, SavedSession

Settings = Mapping[str, str]
Account = TypeVar("Account")


def registry(http: Http, site_folder: Path, site_url: str) -> dict[str, ChannelKind]:
    """Return the platforms by kind."""

    async def nothing_to_verify(_settings: Settings, _secret: str) -> dict[str, str]:
        return {}

    def site(_settings: Settings, _secret: str, _session: SavedSession) -> Channel:
        return SiteChannel(site_folder, site_url)

    async def verify_bluesky(settings: Settings, secret: str) -> dict[str, str]:
        return {"did": _accepted(await sign_in(http, _login(settings, secret))).did}

    def bluesky(settings: Settings, secret: str, session: SavedSession) -> Channel:
        return BlueskyChannel(http, _login(settings, secret), settings["did"], sessions=_BlueskySession(session))

    async def verify_mastodon(settings: Settings, secret: str) -> dict[str, str]:
        account = _accepted(await account_of(http, settings["server"], SecretStr(secret)))
        return {"account": account.name}

    def mastodon(settings: Settings, secret: str, _session: SavedSession) -> Channel:
        visibility = settings.get("visibility", "public")
        return MastodonChannel(http, settings["server"], SecretStr(secret), visibility=visibility)

    kinds = (
        ChannelKind("site", (), (), "", nothing_to_verify, site),
        ChannelKind("bluesky", ("server", "handle"), ("did",), "app password", verify_bluesky, bluesky),
        ChannelKind("mastodon", ("server",), ("account", "visibility"), "access token", verify_mastodon, mastodon),
    )
    return {kind.kind: kind for kind in kinds}


def _login(settings: Settings, secret: str) -> Login:
    return Login(settings["server"], settings["handle"], SecretStr(secret))


def _accepted(answer: Account | Refused | Retry) -> Account:
    if isinstance(answer, Refused):
        raise ChannelRefused(f"{answer.message} {answer.next_step}")
    if isinstance(answer, Retry):
        raise PlatformUnreachable(answer.reason)
    return answer


class _BlueskySession:
    """A Bluesky session as the text that is stored."""

    def __init__(self, saved: SavedSession) -> None:
        self._saved = saved

    async def load(self) -> Session | None:
        text = await self._saved.load()
        return Session.model_validate_json(text) if text else None

    async def save(self, session: Session) -> None:
        await self._saved.save(session.model_dump_json())
