"""HTTP shapes of tones."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query
from pydantic import BaseModel, ConfigDict, Field

from pulse.http.access import may
from pulse.http.tokens import Permission, Principal
from pulse.llm import store, tones
from pulse.llm.errors import UnknownTone
from pulse.llm.models import Tone
from pulse.llm.room import LlmRoom

Reader = Annotated[Principal, Depends(may(Permission.READ))]
Manager = Annotated[Principal, Depends(may(Permission.MANAGE))]
Name = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]


class ToneRequest(BaseModel):
    """How texts in the tone are to sound. Examples are read for their sound only."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"instructions": "Dry and short.", "examples": ["It rained. Again."]}]},
    )
    instructions: str = Field(min_length=1, max_length=2_000)
    examples: list[Annotated[str, Field(min_length=1, max_length=1_000)]] = Field([], max_length=10)


class Tones(BaseModel):
    """The tones there are."""

    tones: list[Tone]


def router(room: LlmRoom) -> APIRouter:
    """Return the routes."""
    router = APIRouter(tags=["llm"])

    @router.get("/llm/tones", response_model=Tones, summary="List tones")
    async def listed(principal: Reader, niche: Annotated[str | None, Query(max_length=63)] = None) -> Tones:
        async with room.database.transaction(principal.tenant) as tx:
            rows = await store.tones.tones(tx, niche)
        own = [
            Tone(name=row["name"], description=row["instructions"], examples=row["examples"], niche=row["niche"])
            for row in rows
        ]
        return Tones(tones=[*(Tone(name=t.name, description=t.instructions) for t in tones.BUILT_IN.values()), *own])

    @router.put("/llm/tones/{niche}/{name}", response_model=Tone, summary="Add or change a niche's own tone")
    async def put(niche: Name, name: Name, request: ToneRequest, principal: Manager) -> Tone:
        async with room.database.transaction(principal.tenant) as tx:
            await store.tones.put(tx, niche, name, request.instructions, request.examples)
        return Tone(name=name, description=request.instructions, examples=request.examples, niche=niche)

    @router.delete("/llm/tones/{niche}/{name}", status_code=204, summary="Remove a niche's own tone")
    async def remove(niche: Name, name: Name, principal: Manager) -> None:
        async with room.database.transaction(principal.tenant) as tx:
            if not await store.tones.remove(tx, niche, name):
                raise UnknownTone(f"niche {niche} has no tone {name!r} of its own")

    return router
