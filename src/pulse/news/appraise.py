"""What is said of a story, from its articles alone: its facts and its score. Pure, so that it can be said again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pulse.news import rank, stories
from pulse.news.stories import Member

READ_CHARACTERS = 2_000
"""Of each article's text, for the score."""


@dataclass(frozen=True, slots=True)
class Told:
    """One article of a story."""

    member: Member
    title: str
    text: str


def appraise(story: UUID, told: Sequence[Told], keywords: Sequence[str], now: datetime) -> dict[str, Any]:
    """Return the story's row but for its niche and beginning: title, counts, the parts of its score, the reasons.

    `told` holds at least one article; the oldest comes first and gives the title.
    """
    facts = stories.facts([one.member for one in told], now)
    # What it is about, and how good its headline is, is taken from the report that says it best.
    relevance, about = max((rank.relevance(keywords, one.title, one.text) for one in told), key=lambda pair: pair[0])
    characters = max(len(one.text) for one in told)
    model, reasons = rank.model_prior(facts.independent_sources, told[0].title, characters)
    freshness = rank.freshness(facts.reported, now)
    return {
        "id": story,
        "title": told[0].title,
        "language": facts.language,
        "updated_at": now,
        "reported_at": facts.reported,
        "article_count": facts.articles,
        "independent_sources": facts.independent_sources,
        "model": model,
        "relevance": relevance,
        "freshness": freshness,
        "authority": facts.authority,
        "total": rank.total(model, relevance, freshness, facts.authority),
        "reasons": about + reasons,
    }
