"""Fold articles into stories, inside the transaction that stores them and under their niche's lock."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import numpy as np

from pulse.kernel.ids import new_id
from pulse.news import candidates, store
from pulse.news.appraise import READ_CHARACTERS, Told, appraise
from pulse.news.candidates import Candidates, Entries
from pulse.news.dedupe import COMPARED_CHARACTERS
from pulse.news.room import NewsRoom
from pulse.news.stories import Likeness, Match, Member, Report, choose, likeness
from pulse.storage.engine import Transaction

_AT_ONCE = 16
"""Articles with candidates that are compared before other work of this process gets its turn."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Where an article belongs."""

    story: UUID
    text: UUID
    """The first article with its text; its own id when it is no copy."""
    first: bool
    """It begins its story."""
    began: datetime
    """When its story's first report was published."""


async def place(
    room: NewsRoom, tx: Transaction, niche: str, reports: Sequence[Report], now: datetime
) -> dict[UUID, Placed]:
    """Find the story of each report, or begin one, the oldest first; and write down where each is."""
    if not reports:
        return {}
    window = timedelta(hours=room.settings.story_window_hours)
    search = await room.searches.current(tx, niche, now - window)
    ordered = sorted(reports, key=lambda report: report.published)
    keys = await asyncio.to_thread(candidates.keys_of, [(report.title, report.text) for report in ordered])
    # From here on the search says that it is what this fold made of it; if that does not commit, it is read again.
    search.number, search.fold = search.number + 1, new_id()
    entries = _entries(ordered, keys, now)
    begin = search.candidates.extend(entries)
    pairs = await asyncio.to_thread(search.candidates.similar, begin, keys)
    placed = await _place(tx, search.candidates, begin, ordered, pairs, window)
    entries["story"] = _ids([one.story for one in placed])
    entries["text"] = _ids([one.text for one in placed])
    entries["first"] = [one.first for one in placed]
    entries["story_began"] = [one.began.timestamp() for one in placed]
    search.candidates.settle(begin, entries)
    await store.niches.insert_fold(tx, niche, search.number, search.fold, now, candidates.FORMAT, entries.tobytes())
    return {report.id: one for report, one in zip(ordered, placed, strict=True)}


async def _place(
    tx: Transaction,
    known: Candidates,
    begin: int,
    ordered: Sequence[Report],
    pairs: Sequence[tuple[int, int]],
    window: timedelta,
) -> list[Placed]:
    others: dict[int, list[int]] = {}
    for row, other in pairs:
        others.setdefault(row, []).append(other)
    earlier = await _earlier(tx, known.entries, {other for _, other in pairs if other < begin})
    placed: list[Placed] = []
    compared = 0
    for count, report in enumerate(ordered):
        if begin + count not in others:
            placed.append(Placed(new_id(), report.id, True, report.published))
            continue
        matches = []
        for other in others[begin + count]:
            if other >= begin:
                twin, there = ordered[other - begin], placed[other - begin]
            elif other in earlier:
                twin, there = earlier[other]
            else:
                continue
            if abs(report.published - there.began) <= window:
                alike = likeness(report, twin, known.frequencies, len(known))
                if alike is not None:
                    matches.append(Match(there.story, there.text, there.first, there.began, *alike))
        match = choose(matches)
        if match is None:
            placed.append(Placed(new_id(), report.id, True, report.published))
        else:
            text = match.text if match.likeness is Likeness.COPY else report.id
            placed.append(Placed(match.story, text, False, match.began))
        compared += 1
        if compared % _AT_ONCE == 0:
            await asyncio.sleep(0)
    return placed


async def _earlier(tx: Transaction, entries: Entries, rows: Collection[int]) -> dict[int, tuple[Report, Placed]]:
    """Read the texts of earlier articles that are compared."""
    if not rows:
        return {}
    by_id = {_id(entries[row]["article"]): row for row in rows}
    since = datetime.fromtimestamp(min(float(entries[row]["created"]) for row in rows) - 1, UTC)
    found: dict[int, tuple[Report, Placed]] = {}
    for article in await store.articles.stored(tx, by_id.keys(), COMPARED_CHARACTERS, since):
        row = by_id[article.id]
        entry = entries[row]
        report = Report(
            article.id, article.source_id, article.title, article.content, article.published_at, article.language
        )
        began = datetime.fromtimestamp(float(entry["story_began"]), UTC)
        found[row] = report, Placed(_id(entry["story"]), _id(entry["text"]), bool(entry["first"]), began)
    return found


def _entries(reports: Sequence[Report], keys: Any, now: datetime) -> Entries:
    entries = np.zeros(len(reports), dtype=candidates.ENTRY)
    entries["article"] = _ids([report.id for report in reports])
    entries["published"] = [report.published.timestamp() for report in reports]
    entries["created"] = now.timestamp()
    entries["keys"] = keys
    return entries


def _ids(ids: Sequence[UUID]) -> Any:
    return np.frombuffer(b"".join(one.bytes for one in ids), dtype="V16")


def _id(value: Any) -> UUID:
    return UUID(bytes=value.tobytes())


async def write_stories(
    tx: Transaction,
    niche: str,
    keywords: Sequence[str],
    begun: Mapping[UUID, Sequence[Told]],
    changed: Collection[UUID],
    now: datetime,
) -> dict[UUID, float]:
    """Insert the stories that began, score the others again from all their articles; return the scores.

    The articles of `changed` stories are in the database already; those of `begun` ones need not be.
    """
    scores: dict[UUID, float] = {}
    rows = []
    for story, told in begun.items():
        row = appraise(story, told, keywords, now)
        rows.append(row)
        scores[story] = row["total"]
    await store.stories.insert(tx, niche, rows)
    if changed:
        again = await appraise_again(tx, niche, keywords, changed, now)
        await store.stories.update(tx, again)
        scores |= {row["id"]: row["total"] for row in again}
    return scores


async def appraise_again(
    tx: Transaction, niche: str, keywords: Sequence[str], stories: Collection[UUID], now: datetime
) -> list[dict[str, Any]]:
    """Return the rows of stories as their articles in the database make them."""
    told: dict[UUID, list[Told]] = {}
    for row in await store.stories.members(tx, stories, READ_CHARACTERS):
        member = Member(row["source_id"], row["text_id"], row["published_at"], row["language"], row["authority"])
        told.setdefault(row["story_id"], []).append(Told(member, row["title"], row["content"]))
    return [appraise(story, articles, keywords, now) for story, articles in told.items()]
