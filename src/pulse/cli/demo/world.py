"""The demo's stage: settings of its own, the newsrooms, the accounts to publish to."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from pulse.cli.session import TENANT

if TYPE_CHECKING:
    from pulse.app import Pulse
    from pulse.demo.pds import Account
    from pulse.demo.server import DemoSite
    from pulse.settings import Settings

_KEPT = ("PULSE_STORAGE__BINARIES", "PULSE_TELEMETRY__")


def own_settings(environment: Mapping[str, str], home: Path, port: int, hosts: Sequence[str]) -> "Settings":
    """Return settings for a data folder of the demo's own.

    Whatever else is set for Pulse here is left out: the demo must never touch a database that is in use.
    """
    from pulse.settings import load

    kept = {
        name: value for name, value in environment.items() if not name.startswith("PULSE_") or name.startswith(_KEPT)
    }
    own = {"PULSE_HOME": str(home), "PULSE_FETCH__ALLOW_HOSTS": ",".join(hosts)}
    return load({**kept, **own}, {"http": {"port": port}})


async def furnish(pulse: "Pulse", site: "DemoSite", account: "Account | None") -> list[str]:
    """Make the niches, subscribe to every feed, add the accounts; return the niches."""
    from pulse.news.handlers import niches, sources
    from pulse.news.handlers.sources import Found
    from pulse.social.handlers import channels

    names = sorted({feed.niche for feed in site.feeds})
    for name in names:
        await niches.add_niche(pulse.news, TENANT, name=name)
    # One feed is found by the address of its site, as a person would add it; the others are known already.
    discovered, _ = await sources.add_source(pulse.news, TENANT, url=site.discovery_url, niche=names[-1])
    async with pulse.database.transaction(TENANT) as tx:
        for feed in site.feeds:
            if feed.url != discovered.url:
                found = Found(feed.url, feed.name, None, None)
                await sources.create_source(pulse.news, tx, found, niche=feed.niche)
    await channels.first_site(pulse.social, TENANT)
    if account is not None:
        settings = {"server": account.url, "handle": account.handle}
        settings = await channels.verified(pulse.social, "bluesky", settings, account.password)
        async with pulse.database.transaction(TENANT) as tx:
            await channels.add_channel(
                pulse.social, tx, kind="bluesky", name="bluesky", niches=[], settings=settings, secret=account.password
            )
    return names
