"""A cross-encoder in ONNX as a judge: our own or anybody's, named by folder and hash, run on the processor.

The folder holds `model.onnx`, `tokenizer.json` (Hugging Face tokenizers) and `judge.json`:
`{"name", "sha256" (of model.onnx), "max_tokens", "room" (characters of the sources beside a claim), "claim_first",
"supported" (index of the logit that says so; null for a single logit), "temperature", "offset", "threshold" (null:
nothing passes without a person), "languages" (those it was made for; null: all), "weight" (of its log-odds in the
ranking, 1 where it is not given)}`. A claim that fills more than half of
`max_tokens` is not supported: what a model did not read it cannot vouch for.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pulse.llm.judges.port import JudgeFailed, Pair, checked

_LARGEST = 2_000_000_000


class Card(BaseModel):
    """What `judge.json` says of a model."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[\w.:/-]{1,80}$")
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    max_tokens: int = Field(256, ge=16, le=8192)
    room: int = Field(800, ge=100, le=100_000)
    claim_first: bool = False
    supported: int | None = Field(None, ge=0)
    temperature: float = Field(1.0, gt=0)
    offset: float = 0.0
    threshold: float | None = Field(None, gt=0, le=1)
    languages: frozenset[str] | None = None
    weight: float = Field(1.0, ge=0, le=10)


COMPACT = Path(__file__).parent / "compact"
"""Our own judge for English: 20 MB, trained by `training/`; its card is CARD.md beside it."""


@dataclass(frozen=True)
class OnnxJudge:
    """A model in a folder. Needs the extra `pulse[entailment]`. Nothing is loaded before the first question."""

    folder: Path

    @cached_property
    def card(self) -> Card:
        """The model's own description. Raises `JudgeFailed`."""
        path = self.folder / "judge.json"
        try:
            return Card.model_validate(orjson.loads(path.read_bytes()))
        except (OSError, ValueError, ValidationError) as error:
            raise JudgeFailed(f"{path} cannot be read: {error}") from error

    @property
    def name(self) -> str:
        """The card's name."""
        return self.card.name

    @property
    def room(self) -> int:
        """The card's room."""
        return self.card.room

    @property
    def languages(self) -> frozenset[str] | None:
        """The card's languages."""
        return self.card.languages

    @property
    def weight(self) -> float:
        """The card's weight."""
        return self.card.weight

    @property
    def version(self) -> str:
        """The model's hash, its calibration and its weight."""
        return f"{self.card.sha256[:12]} {self.card.temperature:g} {self.card.offset:g} {self.card.weight:g}"

    async def judge(self, pairs: Sequence[Pair]) -> list[float]:
        """Return the probabilities, computed in a thread. Raises `JudgeFailed`."""
        return checked(await asyncio.to_thread(self._judge, pairs), pairs)

    def _judge(self, pairs: Sequence[Pair]) -> list[float]:
        found: list[float] = []
        for pair in pairs:
            try:
                found.append(self._probability(pair))
            except (ValueError, RuntimeError, KeyError, IndexError) as error:
                raise JudgeFailed(f"{self.name} failed: {error}") from error
        return found

    def _probability(self, pair: Pair) -> float:
        """Judge one pair alone: in a batch a quantised model's answer to one depends on the others."""
        counter, tokenizer, session = self._loaded
        if len(counter.encode(pair.claim).ids) > self.card.max_tokens // 2:
            return 0.0
        texts = (pair.claim, pair.premise) if self.card.claim_first else (pair.premise, pair.claim)
        encoding = tokenizer.encode(*texts)
        fed = {
            "input_ids": encoding.ids,
            "attention_mask": encoding.attention_mask,
            "token_type_ids": encoding.type_ids,
        }
        wanted = {entry.name for entry in session.get_inputs()}
        feed = {name: np.array([values], dtype=np.int64) for name, values in fed.items() if name in wanted}
        return self._calibrated(np.asarray(session.run(None, feed)[0], dtype=np.float64).reshape(-1))

    def _calibrated(self, logits: npt.NDArray[np.float64]) -> float:
        index = self.card.supported
        odds = logits[0] if index is None else logits[index] - np.logaddexp.reduce(np.delete(logits, index))
        return float(1 / (1 + np.exp(-np.clip(odds / self.card.temperature + self.card.offset, -500, 500))))

    @cached_property
    def _loaded(self) -> tuple[Any, Any, Any]:
        try:
            import onnxruntime
            from tokenizers import Tokenizer
        except ImportError as error:
            raise JudgeFailed("entailment in ONNX needs the extra: pip install 'pulse[entailment]'") from error
        path = self.folder / "model.onnx"
        try:
            if path.stat().st_size > _LARGEST:
                raise JudgeFailed(f"{path} is larger than {_LARGEST} bytes")
            with path.open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
            if found != self.card.sha256:
                raise JudgeFailed(f"{path} is not the model that judge.json names: its hash begins {found[:12]}")
            counter, tokenizer = (Tokenizer.from_file(str(self.folder / "tokenizer.json")) for _ in range(2))
            counter.no_truncation()
            counter.no_padding()
            tokenizer.no_padding()
            # Only the passage is ever cut.
            strategy = "only_second" if self.card.claim_first else "only_first"
            tokenizer.enable_truncation(self.card.max_tokens, strategy=strategy)
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = 1
            return (
                counter,
                tokenizer,
                onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"]),
            )
        except JudgeFailed:
            raise
        except Exception as error:  # the libraries raise types of their own making
            raise JudgeFailed(f"{self.folder} cannot be loaded: {error}") from error
