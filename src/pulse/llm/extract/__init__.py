"""The offline engine: the source sentences that together tell a story, in the sources' own words.

Every sentence it gives stands in a source (cleaned of bullet, dateline and connecting word), reads on its own, and says
something the others do not. It needs no model, no network and no language but Unicode's; a language's table makes it
read better.
"""

from dataclasses import dataclass
from functools import lru_cache

import regex

from pulse.llm import sentences
from pulse.llm.extract.choose import Chosen, choose
from pulse.llm.extract.concepts import Candidate, Concept, concepts_of, decay, weigh
from pulse.llm.extract.readable import clean, dangles, quality, why_unreadable
from pulse.llm.language import guess
from pulse.llm.shapes import Article, Citation, Limits, Sentence, Story
from pulse.llm.tokens import tokenize
from pulse.llm.verify.quotations import quoted_tokens
from pulse.llm.words import Words, words

__all__ = ["Chosen", "Extract", "articles_in", "count_characters", "extract", "split_article", "story_language"]

_MOST_ARTICLES = 12
_MOST_SENTENCES = 60
_LONGEST_TEXT = 30_000
_COPY = 0.5
_LIMITS = Limits()
_CLUSTER = regex.compile(r"\X")


@dataclass(frozen=True, slots=True)
class Extract:
    """Sentences in reading order; `reason` says why there is none: no_text, nothing_readable or nothing_fits."""

    sentences: tuple[Chosen, ...]
    language: str | None
    reason: str | None = None


def extract(story: Story, limits: Limits = _LIMITS) -> Extract:
    """Choose the sentences of a story's summary.

    Between `limits.min_sentences` and `limits.max_sentences` where the sources have as many, never more than
    `limits.max_characters` grapheme clusters in all. A sentence is never cut.
    """
    language = story_language(story)
    table = words(language)
    articles = articles_in(story, language)
    candidates: list[Candidate] = []
    weighed: list[tuple[int, float, frozenset[Concept]]] = []
    for rank, article in enumerate(articles):
        trust = (0.5 + article.authority) * (1 if article.independent else _COPY)
        found = _candidates(article, rank, trust, table)
        candidates += found
        weighed += [(candidate.index, trust, candidate.concepts) for candidate in found]
    if not candidates:
        return Extract((), language, "no_text")
    readable = [candidate for candidate in candidates if candidate.fit > 0]
    if not readable:
        return Extract((), language, "nothing_readable")
    titles = frozenset(concept for article in articles for concept in concepts_of(tokenize(article.title), table)[0])
    chosen = choose(readable, candidates, weigh(weighed, titles), limits, table)
    return Extract(chosen, language, None if chosen else "nothing_fits")


def story_language(story: Story) -> str | None:
    """Return the language a story is summarised in: its own, that of its first article, or the likeliest."""
    known = story.language or next((article.language for article in story.articles if article.language), None)
    if known:
        return _base(known)
    return guess(" ".join(article.title + " " + article.text[:1000] for article in story.articles[:3]))


def articles_in(story: Story, language: str | None) -> list[Article]:
    """Return the articles that are read for a summary in `language`."""
    return [
        article
        for article in story.articles
        if article.language is None or language is None or _base(article.language) == language
    ][:_MOST_ARTICLES]


def count_characters(text: str) -> int:
    """Count what a reader counts: grapheme clusters."""
    return len(text) if text.isascii() else len(_CLUSTER.findall(text))


def _base(language: str) -> str:
    return language.lower().replace("_", "-").split("-")[0]


def _candidates(article: Article, rank: int, trust: float, table: Words) -> list[Candidate]:
    split = split_article(article.text, article.language)[:_MOST_SENTENCES]
    cleaned = [clean(sentence.text, table) for sentence in split]
    quoted = quoted_tokens([tokens for _, tokens in cleaned])
    title = concepts_of(tokenize(article.title), table)[0]
    found = []
    for sentence, (text, tokens), flags in zip(split, cleaned, quoted, strict=True):
        stems, concepts = concepts_of(tokens, table)
        readable = not all(flags) and stems != title and not why_unreadable(text, tokens, table)
        fit = trust * quality(text, tokens) * decay(sentence.index, reach=4, floor=0.3) if readable else 0.0
        found.append(
            Candidate(
                citation=Citation(article.id, sentence.index),
                rank=rank,
                index=sentence.index,
                text=text,
                characters=count_characters(text),
                tokens=tokens,
                concepts=concepts,
                words=stems,
                fit=fit,
                dangling=dangles(tokens, table),
            )
        )
    return found


@lru_cache(maxsize=256)
def split_article(text: str, language: str | None) -> tuple[Sentence, ...]:
    """Split an article's text as citations count it; of a text beyond 30,000 characters only whole sentences before."""
    if len(text) <= _LONGEST_TEXT:
        return sentences.split(text, language)
    return sentences.split(text[:_LONGEST_TEXT], language)[:-1]
