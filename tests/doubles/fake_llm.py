"""The llm service as the pages see it: summaries, the check of a text, two prompts compared, budget and ledger."""

import re
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from fastapi import Depends, FastAPI, Request

from pulse.http.access import may
from pulse.http.tokens import Permission
from pulse.kernel.errors import Kind, PulseError

if TYPE_CHECKING:
    from tests.doubles.fake_peers import FakePulse

READ, WRITE = Depends(may(Permission.READ)), Depends(may(Permission.WRITE))
MANAGE = Depends(may(Permission.MANAGE))
_SENTENCE = re.compile(r"\S.*?[.!?](?=\s|$)")
Row = dict[str, Any]


class NoModel(PulseError):
    code, kind = "llm.no_model", Kind.CONFLICT
    next_step = "Set a provider and a model, and try again."


def routes(app: FastAPI, fake: "FakePulse") -> None:
    """Add the routes."""

    @app.get("/summaries", dependencies=[READ])
    async def summaries(story_id: str | None = None) -> Any:
        return {"summaries": [item for item in fake.room.summaries if story_id in (None, item["story_id"])]}

    @app.get("/llm/tones", dependencies=[READ])
    async def tones(niche: str | None = None) -> Any:
        return {"tones": [tone for tone in fake.room.tones if tone["niche"] in (None, niche) or niche is None]}

    @app.post("/summarize", dependencies=[WRITE])
    async def summarize(request: Request) -> Any:
        story = _story(fake, (await request.json())["story_id"])
        fake.room.summaries.append(_empty(story) | {"id": str(uuid4()), "created_at": fake.room.now.isoformat()})
        return fake.room.summaries[-1]

    @app.post("/llm/check", dependencies=[WRITE])
    async def check(request: Request) -> Any:
        wanted = await request.json()
        story = _story(fake, wanted["story_id"])
        return {"sentences": [_judged(story, text.strip()) for text in _SENTENCE.findall(wanted["text"])]}

    @app.post("/llm/try", dependencies=[WRITE])
    async def attempt(request: Request) -> Any:
        wanted = await request.json()
        if "no model" in wanted["prompt"]:
            raise NoModel("no model is set")
        story = _story(fake, wanted["story_id"])
        [written] = [item for item in fake.room.summaries if item["story_id"] == story["id"]]
        current = written | {"engine": "openai:gpt-5-mini", "prompt_version": "draft-2"}
        other = current | {"sentences": written["sentences"][:1], "prompt_version": "tried"}
        return {"current": current, "other": other}

    @app.get("/llm/budget", dependencies=[READ])
    async def budget() -> Any:
        return fake.room.budget

    @app.put("/llm/budget", dependencies=[MANAGE])
    async def set_budget(request: Request, niche: str | None = None) -> Any:
        caps = await request.json()
        if niche is not None:
            others = [one for one in fake.room.budget["niches"] if one["niche"] != niche]
            own = {name: {"cap": cap, "spent": 0.0, "reserved": 0.0} for name, cap in caps.items()}
            fake.room.budget["niches"] = others + ([{"niche": niche} | own] if any(caps.values()) else [])
            return fake.room.budget
        for period, cap in caps.items():
            fake.room.budget[period]["cap"] = cap
        return fake.room.budget

    @app.get("/llm/costs", dependencies=[READ])
    async def costs(by: str = "stage") -> Any:
        groups: dict[str | None, list[Any]] = {}
        for entry in fake.room.ledger:
            groups.setdefault(entry[by], []).append(entry)
        summed = ("prompt_tokens", "cached_tokens", "completion_tokens", "cost")
        found = [
            {"name": name, "calls": len(calls)} | {key: sum(call[key] for call in calls) for key in summed}
            for name, calls in groups.items()
        ]
        return {"since": fake.room.ago(hours=1), "costs": sorted(found, key=lambda cost: -cost["cost"])}

    @app.get("/llm/ledger", dependencies=[READ])
    async def ledger(limit: int = 50) -> Any:
        return {"entries": fake.room.ledger[:limit], "next_cursor": None}


def _story(fake: "FakePulse", story_id: str) -> Row:
    return next(item for item in fake.room.stories if item["id"] == story_id)


def _empty(story: Row) -> Row:
    return {
        "story_id": story["id"],
        "niche": story["niche"],
        "title": story["title"],
        "language": "de",
        "text": "",
        "sentences": [],
        "dropped": [],
        "confidence": 0.5,
        "engine": "extractive",
        "model": "extractive/1",
        "verifier": "gate/1",
    }


def _judged(story: Row, text: str) -> Row:
    """Judge as the gate does, in short: verbatim is proven, a number that no source has is wrong, all else is for a
    person."""
    verdict: Row = {"verifier": "gate/2", "judge": "pulse-entail/1"}
    for article in story["articles"]:
        start = article["content"].find(text)
        if start >= 0:
            place = {name: article[name] for name in ("source", "url", "title")}
            place |= {"article_id": article["id"], "quote": text, "start": start, "end": start + len(text)}
            verdict |= {"supported": True, "probability": 0.99, "reasons": [], "proof": "verbatim"}
            return {"text": text, "citations": [place], "verdict": verdict, "independent_sources": 1}
    said = {number for article in story["articles"] for number in re.findall(r"\d+", article["content"])}
    wrong = [number for number in re.findall(r"\d+", text) if number not in said]
    reasons = [{"code": "number", "detail": number} for number in wrong] or [{"code": "rewritten", "detail": ""}]
    verdict |= {"supported": False, "probability": 0.05 if wrong else 0.71, "reasons": reasons, "layer": "rules"}
    return {"text": text, "citations": [], "verdict": verdict | {"needs_person": not wrong}}
