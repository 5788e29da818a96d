"""One story under work: its sources, its gate, and its stages, each kept before the next one begins."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Protocol

import orjson

from pulse.kernel.errors import PulseError
from pulse.llm.shapes import Limits, SourceSentence, Stage, Story
from pulse.llm.verify import Evidence
from pulse.llm.verify.gate import Gate


class Shelf(Protocol):
    """Where stages are kept."""

    async def find(self, key: str) -> Stage | None:
        """Return the stage that was kept under a key."""

    async def keep(self, stage: Stage) -> None:
        """Keep a stage for good."""


Progress = Callable[[str], Awaitable[None]]
"""Told the name of each stage when it is done."""


@dataclass(frozen=True)
class Work:
    """What is known of a story, how it is judged, and the stages so far."""

    story: Story
    sources: tuple[SourceSentence, ...]
    evidence: Evidence
    limits: Limits
    language: str | None
    gate: Gate
    shelf: Shelf | None
    progress: Progress | None = None
    stages: list[Stage] = field(default_factory=list)

    @property
    def material(self) -> list[Any]:
        """What every stage depends on."""
        texts = [
            [article.id, article.title, article.text, article.independent, article.published]
            for article in self.story.articles
        ]
        limits = [self.limits.max_characters, self.limits.min_sentences, self.limits.max_sentences]
        return [texts, self.language, limits]

    def failed(self, name: str, error: PulseError) -> None:
        """Tell of a stage that was left out because its model failed. It is not kept: the next time it may not."""
        reason = f"{error.code}: {error.message}"
        key = sha256(orjson.dumps([name, reason])).hexdigest()
        self.stages.append(Stage(f"{name} failed", key, {"reason": reason}))

    async def stage(
        self,
        name: str,
        material: Any,
        make: Callable[[], Awaitable[Mapping[str, Any]]],
        lasting: Callable[[Mapping[str, Any]], bool] = lambda output: True,
    ) -> Mapping[str, Any]:
        """Return the output of a stage: the kept one for this input, or a new one, kept before it is used.

        What `lasting` says no to is not kept.
        """
        key = sha256(orjson.dumps([name, material])).hexdigest()
        stage = await self.shelf.find(key) if self.shelf is not None else None
        if stage is None:
            stage = Stage(name, key, await make())
            if self.shelf is not None and lasting(stage.output):
                await self.shelf.keep(stage)
        self.stages.append(stage)
        if self.progress is not None:
            await self.progress(name)
        return stage.output
