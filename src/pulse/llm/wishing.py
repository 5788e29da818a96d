"""What a summary is to be like: the tone by its name, the niche's keywords and language, how a platform counts."""

from dataclasses import replace
from typing import Any

from pulse.http.errors import PeerRefused
from pulse.kernel.tenant import TenantId
from pulse.llm import store, tones
from pulse.llm.errors import UnknownCount, UnknownTone
from pulse.llm.finishing import Wishes
from pulse.llm.room import LlmRoom


async def of_niche(room: LlmRoom, tenant: TenantId, name: str) -> Wishes:
    """Return what a niche wants of all its summaries: tone, keywords, and language, which only a model can give."""
    try:
        niche = await room.news.niche(tenant, name)
    except PeerRefused as error:
        if error.details["status"] == 404:
            return Wishes()
        raise
    tone = await _tone(room, tenant, name, niche.tone) if niche.tone else None
    return Wishes(
        tone,
        niche.language if room.provider is not None else None,
        keywords=tuple(niche.keywords),
        lost=niche.tone if tone is None and niche.tone != tones.PLAIN else None,
    )


async def wishes(
    room: LlmRoom, tenant: TenantId, *, niche: str, tone: str | None, language: str | None, count: str
) -> Wishes:
    """Return what somebody asked for; what they left open is as the niche has it. Raises `UnknownTone`, `UnknownCount`.

    The tone `plain` is none, unless the niche has one of its own by that name.
    """
    if count not in room.counts:
        raise UnknownCount(f"no platform here counts as {count!r}")
    found = await of_niche(room, tenant, niche) if niche else Wishes()
    if tone is not None:
        asked = await _tone(room, tenant, niche, tone)
        if asked is None and tone != tones.PLAIN:
            raise UnknownTone(f"there is no tone {tone!r} here")
        found = replace(found, tone=asked, lost=None)
    return replace(found, language=language or found.language, count=room.counts[count])


async def _tone(room: LlmRoom, tenant: TenantId, niche: str, name: str) -> tones.Tone | None:
    return next((one for one in await known(room, tenant, niche) if one.name == name), None)


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
    found = [[tone.name, tone.instructions, list(tone.examples)] if tone else wishes.lost, wishes.language, count]
    if wishes.keywords:
        found.append(list(wishes.keywords))
    return None if found == [None, None, "graphemes"] else found
