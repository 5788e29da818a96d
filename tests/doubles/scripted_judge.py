"""A judge that says what it is told to, also nonsense."""

from collections.abc import Sequence

from pulse.llm.judges.port import Pair


class Says:
    """Gives one probability for every pair, a list as it is, or raises an error."""

    name, version, room = "says", "1", 1_000
    languages: frozenset[str] | None = None
    weight = 1.0

    def __init__(self, answer: object) -> None:
        self.answer = answer
        self.asked: list[Pair] = []

    async def judge(self, pairs: Sequence[Pair]) -> list[float]:
        self.asked += pairs
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer if isinstance(self.answer, list) else [self.answer] * len(pairs)  # type: ignore[list-item]
