"""Do two reports tell of one event? And what is known of a story, given its reports. Pure.

Precision comes first: two events in one story make a wrong post, one event in two stories a dull one. So every
doubt separates: other names or numbers in a headline of the same pattern, a common subject without common detail,
and, in reports of one source, anything but the same text.
"""

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from uuid import UUID

from pulse.news.candidates import stem
from pulse.news.dedupe import COPY_SHARE, compared_runs, copied_share, words

EVENT_SIMILARITY = 0.5
"""TF-IDF cosine of title and lead from which two reports may tell of one event."""
UNCASED_SIMILARITY = 0.6
"""The same where the script has no capitals, so that names are not seen."""
HEADLINE_SIMILARITY = 0.45
"""Share of one headline's telling words (by weight) that the other report's headline or lead must have."""
SHARED_DETAILS = 2
"""Names and numbers that both reports must have in their lead; all, where one has fewer."""
SAME_SOURCE_SHARE = 0.8
"""A source that repeats itself changes less than agencies' customers do."""

_LEAD_CHARACTERS = 480
_TITLE_CHARACTERS = 200
_BACKGROUND = 2_000
"""Articles that are assumed to exist besides those known: in a small corpus no word is rare by itself."""
_SENTENCE_END = re.compile(r"[.!?…]['\"”’»)]*\s+|\n+")

Frequencies = Callable[[Sequence[str]], Mapping[str, int]]
"""In how many articles each of some words is a telling one."""


class Likeness(StrEnum):
    """What two reports have in common."""

    COPY = "copy"
    """One text: an agency's, printed by both."""
    EVENT = "event"
    """Two texts about one event."""


@dataclass(frozen=True)
class Report:
    """An article as the comparison sees it."""

    id: UUID
    source: UUID
    title: str
    text: str
    published: datetime
    language: str | None = None

    @cached_property
    def headline(self) -> frozenset[str]:
        """The telling words of the title."""
        return _terms(words(self.title[:_TITLE_CHARACTERS]))

    @cached_property
    def lead(self) -> frozenset[str]:
        """The telling words of title and first sentences."""
        return self.headline | _terms(words(self.text[:_LEAD_CHARACTERS]))

    @cached_property
    def runs(self) -> set[str]:
        """The text's runs of three words."""
        return compared_runs(self.text)

    @cached_property
    def cased(self) -> bool:
        """Whether the script has capitals."""
        return any(character.isupper() for character in self.text[:_LEAD_CHARACTERS])

    @cached_property
    def details(self) -> frozenset[str]:
        """Names (capitalised inside a sentence) and numbers of the first sentences, and numbers of the title.

        In scripts without capitals every telling word counts.
        """
        if not self.cased:
            return self.lead
        lead = self.text[:_LEAD_CHARACTERS]
        found = [word for word in words(self.title[:_TITLE_CHARACTERS]) if word[0].isdigit()]
        for sentence in _SENTENCE_END.split(lead):
            for place, part in enumerate(sentence.split()):
                inside = part.lstrip("'\"“‘«(„")
                if inside and (inside[0].isdigit() or (inside[0].isupper() and (place or part in self.title))):
                    found += words(inside)
        return _terms(found)


def _terms(sequence: Sequence[str]) -> frozenset[str]:
    return frozenset(term for word in sequence if (term := stem(word)) is not None)


def likeness(one: Report, other: Report, frequencies: Frequencies, corpus: int) -> tuple[Likeness, float] | None:
    """Return what the two reports have in common and how strongly (0 to 1), or None: two events, or doubt.

    `frequencies` and `corpus` (number of articles) tell how rare a word is.
    """
    if one.language and other.language and one.language != other.language:
        return None
    if _contradict(one, other):
        return None
    share = copied_share(one.runs, other.runs)
    same_source = one.source == other.source
    if share >= (SAME_SOURCE_SHARE if same_source else COPY_SHARE):
        return Likeness.COPY, share
    if same_source or not _share_details(one, other):
        return None
    weight = _weights(sorted(one.lead | other.lead), frequencies, corpus)
    similarity = _cosine(one, other, weight)
    enough = EVENT_SIMILARITY if one.cased and other.cased else UNCASED_SIMILARITY
    if similarity < enough or _headline_share(one, other, weight) < HEADLINE_SIMILARITY:
        return None
    return Likeness.EVENT, similarity


def _share_details(one: Report, other: Report) -> bool:
    needed = min(SHARED_DETAILS, len(one.details), len(other.details))
    return needed > 0 and len(one.details & other.details) >= needed


def _contradict(one: Report, other: Report) -> bool:
    """Two headlines of one pattern that differ in a detail the other report does not have at all."""
    first, second = one.headline, other.headline
    if not first or not second or 2 * len(first & second) < min(len(first), len(second)):
        return False
    return bool(first - other.lead and _telling(first - other.lead, one)) and bool(
        second - one.lead and _telling(second - one.lead, other)
    )


def _telling(terms: frozenset[str], report: Report) -> bool:
    return bool(terms & report.details) or any(term[0].isdigit() for term in terms)


def _weights(terms: Sequence[str], frequencies: Frequencies, corpus: int) -> dict[str, float]:
    known = frequencies(terms)
    return {term: math.log((corpus + _BACKGROUND) / (1 + known[term])) for term in terms}


def _cosine(one: Report, other: Report, weight: Mapping[str, float]) -> float:
    def value(term: str, report: Report) -> float:
        return weight[term] * (2.0 if term in report.headline else 1.0)

    # A word that stands in one headline and in the other's lead counts as much as in two headlines.
    product = sum(max(value(term, one), value(term, other)) ** 2 for term in one.lead & other.lead)
    norms = [
        sum(max(value(term, report), value(term, twin) if term in twin.lead else 0.0) ** 2 for term in report.lead)
        for report, twin in ((one, other), (other, one))
    ]
    return product / math.sqrt(norms[0] * norms[1]) if norms[0] and norms[1] else 0.0


def _headline_share(one: Report, other: Report, weight: Mapping[str, float]) -> float:
    shares = []
    for report, twin in ((one, other), (other, one)):
        whole = sum(weight[term] for term in report.headline)
        shares.append(sum(weight[term] for term in report.headline & twin.lead) / whole if whole else 0.0)
    return max(shares)


@dataclass(frozen=True, slots=True)
class Match:
    """A new report is like an earlier one, which is in a story already."""

    story: UUID
    text: UUID
    """The first article with the earlier one's text."""
    first: bool
    """The earlier one is the story's first report."""
    began: datetime
    """When the story's first report was published."""
    likeness: Likeness
    strength: float


def choose(matches: Sequence[Match]) -> Match | None:
    """Return the match whose story the report joins, or None: it begins a story of its own.

    A copy always joins. Another report joins where it is like the story's first report or like two of its reports,
    so that a story does not drift from event to event by one likeness after the other.
    """
    copies = [match for match in matches if match.likeness is Likeness.COPY]
    if copies:
        return max(copies, key=lambda match: match.strength)
    votes: dict[UUID, list[Match]] = {}
    for match in matches:
        votes.setdefault(match.story, []).append(match)
    trusted = [
        max(group, key=lambda match: match.strength) for group in votes.values() if len(group) >= 2 or group[0].first
    ]
    return max(trusted, key=lambda match: match.strength, default=None)


@dataclass(frozen=True, slots=True)
class Member:
    """An article as its story counts it."""

    source: UUID
    text: UUID
    published: datetime
    language: str | None
    authority: float


@dataclass(frozen=True, slots=True)
class Facts:
    """What follows from a story's articles."""

    articles: int
    independent_sources: int
    reported: datetime
    """When the newest text that is not a copy was published; never in the future."""
    language: str | None
    authority: float


def facts(members: Sequence[Member], now: datetime) -> Facts:
    """Count a story's reports. `members` holds at least one."""
    if len(members) == 1:
        only = members[0]
        return Facts(1, 1, min(now, only.published), only.language, only.authority)
    first_prints: dict[UUID, datetime] = {}
    languages: dict[str, int] = {}
    for member in members:
        first_prints[member.text] = min(member.published, first_prints.get(member.text, member.published))
        if member.language:
            languages[member.language] = languages.get(member.language, 0) + 1
    return Facts(
        articles=len(members),
        independent_sources=independent_sources([(member.source, member.text) for member in members]),
        reported=min(now, max(first_prints.values())),
        language=max(languages, key=lambda name: languages[name]) if languages else None,
        authority=max(member.authority for member in members),
    )


def independent_sources(reports: Sequence[tuple[UUID, UUID]]) -> int:
    """Return how many independent voices report, given (source, text) of each article.

    Two articles are one voice when they are by one source or share one text, and so on from article to article.
    """
    parent: dict[UUID, UUID] = {}

    def root(node: UUID) -> UUID:
        while parent.setdefault(node, node) != node:
            parent[node] = node = parent[parent[node]]
        return node

    for source, text in reports:
        parent[root(source)] = root(text)
    return len({root(source) for source, _ in reports})
