"""What a call may cost, what it did cost, and whether there is money for it. Pure.

Money is counted in whole millionths of a US dollar, rounded up: a sum of many small calls must not vanish.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pulse.llm.providers.port import Completion
from pulse.llm.shapes import Usage

MICROS = 1_000_000
_OVERHEAD_TOKENS = 64
"""Of the roles and separators that a provider adds to what is asked."""


@dataclass(frozen=True, slots=True)
class Prices:
    """US dollars for a million tokens, which is micro-dollars for one. `cached` None: as dear as any of the prompt."""

    prompt: float
    completion: float
    cached: float | None = None

    def most(self, request: Completion) -> int:
        """Return the most a call can cost: no text has more tokens than bytes, no answer more than is allowed.

        Nothing is taken to be in a cache.
        """
        schema = len(repr(request.schema)) if request.schema else 0
        tokens = len(request.system.encode()) + len(request.user.encode()) + schema + _OVERHEAD_TOKENS
        return math.ceil(tokens * max(self.prompt, self.cached or 0) + request.max_tokens * self.completion)

    def cost(self, usage: Usage) -> int:
        """Return what a call cost."""
        cached = self.prompt if self.cached is None else self.cached
        read = (usage.prompt_tokens - usage.cached_tokens) * self.prompt + usage.cached_tokens * cached
        return math.ceil(read + usage.completion_tokens * self.completion)


@dataclass(frozen=True, slots=True)
class Caps:
    """The most a day and a month may cost; None: no limit."""

    day: int | None
    month: int | None


@dataclass(frozen=True, slots=True)
class Spent:
    """What calls cost, and what is set aside for those whose end is not known."""

    day: int = 0
    day_reserved: int = 0
    month: int = 0
    month_reserved: int = 0


def exhausted(caps: Caps, spent: Spent, wanted: int) -> str | None:
    """Return the period whose cap a call of `wanted` would break, None where there is money for it."""
    if caps.day is not None and spent.day + spent.day_reserved + wanted > caps.day:
        return "day"
    if caps.month is not None and spent.month + spent.month_reserved + wanted > caps.month:
        return "month"
    return None


def shares(total: int, own: Sequence[int]) -> list[int]:
    """Return what each part of a whole costs: its `own` and an equal share of what belongs to none of them.

    The sum is `total`, to the last millionth; the first parts bear what cannot be divided. `total` is at least the sum
    of `own`. Raises `ValueError` where there is no part to bear it.
    """
    common = total - sum(own)
    if not own or common < 0:
        raise ValueError(f"{total} cannot be shared between {list(own)}")
    each, left = divmod(common, len(own))
    return [cost + each + (place < left) for place, cost in enumerate(own)]


def periods(now: datetime) -> tuple[datetime, datetime]:
    """Return when the day and the month of a moment (in UTC) began."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return day, day.replace(day=1)


def micros(dollars: float | None) -> int | None:
    """Return US dollars in millionths."""
    return None if dollars is None else round(dollars * MICROS)
