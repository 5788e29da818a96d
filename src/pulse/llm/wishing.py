"""What a summary is to be like: the tone by its name, the niche's language, how a platform counts."""

from typing import Any

from pulse.http.errors import PeerRefused
from pulse.kernel.tenant import TenantId
from pulse.llm import store, tones
from pulse.llm.errors import UnknownCount, UnknownTone
from pulse.llm.finishing import Wishes
from pulse.llm.room import LlmRoom


async def of_niche(room: LlmRoom, tenant: TenantId, niche: str) -> Wishes:
    """Return what a niche wants of all its summaries: its language, which only a model can give."""
    if room.provider is None:
        return Wishes()
    try:
        return Wishes(language=(await room.news.niche(tenant, niche)).language)
    except PeerRefused as error:
        if error.details["status"] == 404:
            return Wishes()
        raise


async def wishes(
    room: LlmRoom, tenant: TenantId, *, niche: str, tone: str | None, language: str | None, count: str
) -> Wishes:
    """Return what somebody asked for. Raises `UnknownTone`, `UnknownCount`."""
    if count not in room.counts:
        raise UnknownCount(f"no platform here counts as {count!r}")
    found = None
    if tone is not None:
        found = next((one for one in await known(room, tenant, niche) if one.name == tone), None)
        if found is None:
            raise UnknownTone(f"there is no tone {tone!r} here")
    wanted = language or (await of_niche(room, tenant, niche)).language if niche else language
    return Wishes(found, wanted, room.counts[count])


async def known(room: LlmRoom, tenant: TenantId, niche: str) -> list[tones.Tone]:
    """Return the tones of a niche: its own, and those built in that it has not made its own."""
    async with room.database.transaction(tenant) as tx:
        rows = await store.tones.tones(tx, niche)
    own = [tones.Tone(row["name"], row["instructions"], tuple(row["examples"])) for row in rows]
    names = {tone.name for tone in own}
    return [*(tone for tone in tones.BUILT_IN.values() if tone.name not in names), *own]


def material(wishes: Wishes, count: str = "graphemes") -> Any:
    """Return what of the wishes changes a summary, None where there are none."""
    tone = wishes.tone
    found = [[tone.name, tone.instructions, list(tone.examples)] if tone else None, wishes.language, count]
    return None if found == [None, None, "graphemes"] else found
