"""What a fresh installation watches: a niche `technology` of public feeds."""

from collections.abc import Sequence
from importlib.resources import files

from pulse.kernel.tenant import TenantId
from pulse.news.handlers import niches as watching
from pulse.news.handlers import sources
from pulse.news.room import NewsRoom

NICHE = "technology"


async def begin(room: NewsRoom, tenant: TenantId, niches: Sequence[str]) -> bool:
    """Make the niches named that are new; on a fresh installation, or when asked for by name, with starter feeds.

    Returns True when this is a fresh installation.
    """
    known = {niche.name for niche in await watching.list_niches(room, tenant)}
    wanted = list(niches) or ([] if known else [NICHE])
    for name in wanted:
        if name in known:
            continue
        await watching.add_niche(room, tenant, name=name)
        if name == NICHE:
            await sources.import_opml(room, tenant, NICHE, files("pulse.news").joinpath("starter.opml").read_bytes())
    return not known
