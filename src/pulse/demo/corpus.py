"""The demo's articles and newsrooms, read from the files in `corpus/`, and what a right pipeline makes of them.

An article is one file: TOML front matter between `+++` lines, then paragraphs separated by blank lines (`> ` quotes).
`NAME.v2.md` is the corrected version of `NAME.md`; it repeats only what changed. Times are minutes before "now", so
that the news is always fresh.
"""

import tomllib
from collections import defaultdict
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from typing import Any, Literal

from pulse.demo.errors import BadCorpus

FeedFormat = Literal["rss", "rdf", "atom", "json"]
Answer = Literal["ok", "redirect", "slow", "failing"]


@dataclass(frozen=True, slots=True)
class Article:
    """One entry of one feed. `wrong` are sentences the article tempts a reader to write and that are not true."""

    slug: str
    source: str
    niche: str
    event: str
    language: str
    title: str
    summary: str
    author: str
    minutes: int
    paragraphs: tuple[str, ...]
    page: str
    independent: str
    query: str = ""
    traits: frozenset[str] = frozenset()
    wrong: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    correction: "Article | None" = None

    @property
    def path(self) -> str:
        """The path of the article's page on the demo server, without tracking parameters."""
        return f"/{self.source}/{self.page}"

    @property
    def guid(self) -> str:
        """The identity its feed gives the entry; the same for both versions of a corrected article."""
        return f"tag:{self.source}.example,2020:{self.slug}"

    @property
    def text(self) -> str:
        """The visible body, paragraphs separated by blank lines."""
        return "\n\n".join(self.paragraphs)


@dataclass(frozen=True, slots=True)
class Feed:
    """One feed of a newsroom; the fields are described in `corpus/sources.toml`."""

    source: str
    niche: str
    path: str
    format: FeedFormat
    content: Literal["full", "summary"] = "full"
    charset: str = "utf-8"
    answer: Answer = "ok"
    alias: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """One newsroom: `layout` picks the template of its pages, `labels` the words around its articles."""

    slug: str
    name: str
    tagline: str
    language: str
    layout: Literal["paper", "blog"]
    feeds: tuple[Feed, ...]
    labels: dict[str, Any] = field(hash=False, compare=False)


@dataclass(frozen=True, slots=True)
class ExpectedStory:
    """What should end up as one story: the articles about one event, and how many independent sources they are."""

    event: str
    niche: str
    languages: frozenset[str]
    articles: frozenset[str]
    independent: frozenset[str]


@dataclass(frozen=True, slots=True)
class Corpus:
    """All newsrooms and articles."""

    sources: tuple[Source, ...]
    articles: tuple[Article, ...]

    def source(self, slug: str) -> Source:
        """Return the newsroom called `slug`; raises `KeyError`."""
        return {source.slug: source for source in self.sources}[slug]

    def entries(self, feed: Feed) -> tuple[Article, ...]:
        """Return the articles of a feed, newest first."""
        own = (one for one in self.articles if (one.source, one.niche) == (feed.source, feed.niche))
        return tuple(sorted(own, key=lambda one: one.minutes))


@cache
def load() -> Corpus:
    """Read the corpus. Raises `BadCorpus` naming the file that cannot be read as described above."""
    folder = files("pulse.demo") / "corpus"
    listed = tomllib.loads((folder / "sources.toml").read_text(encoding="utf-8"))
    sources = tuple(_source(entry, listed["labels"]) for entry in listed["source"])
    languages = {source.slug: source.language for source in sources}
    documents = {
        entry.name.removesuffix(".md"): _document(entry.name, entry.read_text(encoding="utf-8"))
        for entry in folder.iterdir()
        if entry.name.endswith(".md")
    }
    articles = (
        _article(slug, {"language": languages.get(values.get("source", ""))} | values, documents.get(f"{slug}.v2"))
        for slug, values in sorted(documents.items())
        if not slug.endswith(".v2")
    )
    return Corpus(sources, tuple(articles))


def expected_stories(*, across_languages: bool = True) -> tuple[ExpectedStory, ...]:
    """Return the stories that clustering should find, by event.

    With `across_languages=False` reports of one event in two languages are two stories, which is what a measure that
    compares words can see.
    """
    groups: dict[tuple[str, str, str], list[Article]] = defaultdict(list)
    for article in load().articles:
        groups[article.niche, article.event, "" if across_languages else article.language].append(article)
    return tuple(
        ExpectedStory(
            event=event,
            niche=niche,
            languages=frozenset(one.language for one in members),
            articles=frozenset(one.slug for one in members),
            independent=frozenset(one.independent for one in members),
        )
        for (niche, event, _), members in sorted(groups.items())
    )


def wrong_sentences(*, corrected: bool = False) -> dict[str, tuple[str, ...]]:
    """Return, by article, the sentences that must never be published as sentences of their own.

    With `corrected=True` those that a published correction has made wrong are among them. Quoting a false claim
    together with its refutation is not wrong.
    """
    found = {article.slug: article.wrong for article in load().articles if article.wrong}
    for article in load().articles:
        if corrected and article.correction:
            found[article.slug] = article.wrong + article.correction.wrong
    return found


def hidden_text() -> dict[str, tuple[str, ...]]:
    """Return, by article, the text on its page that no reader can see and no summary may repeat or obey."""
    return {article.slug: article.hidden for article in load().articles if article.hidden}


def _source(entry: dict[str, Any], labels: dict[str, dict[str, Any]]) -> Source:
    feeds = tuple(Feed(source=entry["slug"], **feed) for feed in entry["feeds"])
    return Source(**{**entry, "feeds": feeds, "labels": labels[entry["language"]]})


def _document(name: str, text: str) -> dict[str, Any]:
    try:
        _, front_matter, body = text.split("+++\n", 2)
        values = tomllib.loads(front_matter)
    except ValueError as error:
        raise BadCorpus(f"{name}: no TOML front matter between two +++ lines: {error}") from None
    return values | {"paragraphs": tuple(" ".join(part.split()) for part in body.split("\n\n") if part.strip())}


def _article(slug: str, values: dict[str, Any], corrected: dict[str, Any] | None) -> Article:
    lists = {name: tuple(values.get(name, ())) for name in ("wrong", "hidden")}
    defaults = {"page": slug, "independent": values.get("source")}
    try:
        article = Article(slug=slug, **{**defaults, **values, **lists, "traits": frozenset(values.get("traits", ()))})
        if corrected is None:
            return article
        newer = replace(article, **{**corrected, "wrong": tuple(corrected.get("wrong", ()))})
    except TypeError as error:
        raise BadCorpus(f"{slug}: {error}") from None
    return replace(article, correction=newer)
