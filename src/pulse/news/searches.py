"""The candidate searches of the niches this process works on, each a checked copy of what `news.folds` says."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import numpy as np

from pulse.kernel.tenant import TenantId
from pulse.news import candidates
from pulse.news.candidates import Candidates
from pulse.news.store import niches
from pulse.storage.engine import Transaction

_REMEMBERED = 32
"""Niches whose search is kept in memory; the others are read again when they are needed."""


@dataclass(slots=True)
class Search:
    """The search of one niche as it was after the fold `number`, whose id is `fold`."""

    candidates: Candidates
    number: int = 0
    fold: UUID | None = None


class Searches:
    """One for each process. Use under the niche's lock only."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[TenantId, str], Search] = OrderedDict()

    async def current(self, tx: Transaction, niche: str, since: datetime) -> Search:
        """Return the niche's search, equal to the log of folds. What came before `since` is left out.

        A fold that this process prepared but that did not commit, or one that another process made, shows in the
        ids; then the missing part, or everything, is read.
        """
        search = self._known.pop((tx.tenant, niche), Search(Candidates()))
        rows = await niches.folds_after(tx, niche, search.number)
        if search.fold is not None:
            if rows and rows[0]["id"] == search.fold:
                rows = rows[1:]
            else:
                search = Search(Candidates())
                rows = await niches.folds_after(tx, niche, 0)
        parts = [np.frombuffer(row["entries"], candidates.ENTRY) for row in rows if row["format"] == candidates.FORMAT]
        if parts:
            search.candidates.extend(np.concatenate(parts))
        if rows:
            search.number, search.fold = rows[-1]["number"], rows[-1]["id"]
        search.candidates.forget(since.timestamp())
        self._known[tx.tenant, niche] = search
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return search
