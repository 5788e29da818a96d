"""The platforms Pulse can publish to, and how the channel of an account is made from what is stored."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

from pydantic import SecretStr

from pulse.settings import SocialSettings
from pulse.social.channels.bluesky import BlueskyChannel
from pulse.social.channels.bluesky_session import Login, Session, sign_in
from pulse.social.channels.mastodon import MastodonChannel, account_of
from pulse.social.channels.mastodon_settling import Patience
from pulse.social.channels.outcomes import Refused, Retry
from pulse.social.channels.port import Channel, Http
from pulse.social.channels.site import SiteChannel
from pulse.social.errors import ChannelRefused, PlatformUnreachable
from pulse.social.room import ChannelKind, SavedSession

Given = Mapping[str, str]
Account = TypeVar("Account")


def registry(
    http: Http, settings: SocialSettings, site_folder: Path, site_url: Callable[[], str]
) -> dict[str, ChannelKind]:
    """Return the platforms by kind."""
    timeout = settings.deliver_timeout_seconds
    patience = Patience(quiet=settings.quiet_seconds, silence=settings.silence_seconds, again=settings.settle_seconds)

    async def nothing_to_verify(_settings: Given, _secret: str) -> dict[str, str]:
        return {}

    def site(_settings: Given, _secret: str, _session: SavedSession) -> Channel:
        return SiteChannel(site_folder, site_url())

    async def verify_bluesky(settings: Given, secret: str) -> dict[str, str]:
        return {"did": _accepted(await sign_in(http, _login(settings, secret))).did}

    def bluesky(settings: Given, secret: str, session: SavedSession) -> Channel:
        stored = _BlueskySession(session)
        return BlueskyChannel(http, _login(settings, secret), settings["did"], sessions=stored, timeout=timeout)

    async def verify_mastodon(settings: Given, secret: str) -> dict[str, str]:
        account = _accepted(await account_of(http, settings["server"], SecretStr(secret)))
        return {"account": account.name}

    def mastodon(settings: Given, secret: str, _session: SavedSession) -> Channel:
        return MastodonChannel(
            http,
            settings["server"],
            SecretStr(secret),
            visibility=settings.get("visibility", "public"),
            patience=patience,
            timeout=timeout,
        )

    kinds = (
        ChannelKind("site", (), (), "", nothing_to_verify, site),
        ChannelKind("bluesky", ("server", "handle"), ("did",), "app password", verify_bluesky, bluesky),
        ChannelKind("mastodon", ("server",), ("account", "visibility"), "access token", verify_mastodon, mastodon),
    )
    return {kind.kind: kind for kind in kinds}


def _login(settings: Given, secret: str) -> Login:
    return Login(settings["server"], settings["handle"], SecretStr(secret))


def _accepted(answer: Account | Refused | Retry) -> Account:
    if isinstance(answer, Refused):
        raise ChannelRefused(f"{answer.message.rstrip('.')}. {answer.next_step}")
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
