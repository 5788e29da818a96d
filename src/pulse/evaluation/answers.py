"""A judge whose answers are kept in a file, so that a long measurement that is broken off goes on where it was."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

import orjson

from pulse.llm.judges.port import Judge, Pair


class Kept:
    """`judge`, asked once only for each pair that `path` has no answer to: a line of JSON for each answer.

    A line that was cut off is asked again. Answers hold for the version of the judge that gave them.
    """

    def __init__(self, judge: Judge, path: Path) -> None:
        self._judge = judge
        self._path = path
        self.name, self.version = judge.name, judge.version
        self.languages, self.room, self.weight = judge.languages, judge.room, judge.weight
        self._known: dict[str, float] = {}
        for line in path.read_bytes().splitlines() if path.exists() else []:
            try:
                answer = orjson.loads(line)
                self._known[answer["asked"]] = float(answer["probability"])
            except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
                continue

    async def judge(self, pairs: Sequence[Pair]) -> list[float]:
        """Return the probabilities, each kept as soon as it is there. Raises `JudgeFailed`."""
        found = []
        for pair in pairs:
            key = self._key(pair)
            if key not in self._known:
                [self._known[key]] = await self._judge.judge([pair])
                line = orjson.dumps({"asked": key, "probability": self._known[key]})
                with self._path.open("ab") as file:
                    # The line break first: it ends a line that was cut off.
                    file.write(b"\n" + line)
            found.append(self._known[key])
        return found

    def _key(self, pair: Pair) -> str:
        asked = orjson.dumps([self.name, self.version, pair.premise, pair.claim, pair.before])
        return hashlib.sha256(asked).hexdigest()[:32]
