"""The offline engine: the source sentences that together tell a story, in the sources' own words.

Every sentence it gives stands in a source (cleaned of bullet, dateline and connecting word), reads on its own, and says
something the others do not. It needs no model, no network and no language but Unicode's; a language's table makes it
read better.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from pulse.llm import sentences
from pulse.llm.extract.choose import Chosen, choose, readability
from pulse.llm.extract.concepts import Candidate, concepts_of, decay, weigh
from pulse.llm.extract.length import count_characters
from pulse.llm.extract.readable import clean
from pulse.llm.shapes import Article, Citation, Limits, Sentence, Story
from pulse.llm.tokens import tokenize
from pulse.llm.verify.absolute import dates, put
from pulse.llm.verify.quotations import quoted_tokens
from pulse.llm.words import LANGUAGES, Words, words
from pulse.news.language import detect

__all__ = ["Chosen", "Extract", "articles_in", "count_characters", "extract", "split_article", "story_language"]

_MOST_ARTICLES = 12
_MOST_SENTENCES = 40
_LONGEST_TEXT = 30_000
_COPY = 0.5
_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Extract:
    """Sentences in reading order; `reason` says why there is none: no_text, nothing_readable or nothing_fits."""

    sentences: tuple[Chosen, ...]
    language: str | None
    reason: str | None = None


def extract(story: Story, limits: Limits = _LIMITS) -> Extract:
    """Choose the sentences of a story's summary.

    Between `limits.min_sentences` and `limits.max_sentences` where the sources have as many, never more than
    `limits.max_characters` grapheme clusters in all. Where one does not fit, what cannot change its claim is left out
    (`shorten`); a sentence is never cut otherwise. A day that a source names by the day it was published on gets its
    date where there is room.
    """
    language = story_language(story)
    table = words(language)
    articles = articles_in(story, language)
    candidates: list[Candidate] = []
    weighed: list[tuple[int, float, frozenset[str]]] = []
    for rank, article in enumerate(articles):
        trust = (0.5 + article.authority) * (1 if article.independent else _COPY)
        found = _candidates(article, rank, trust, table)
        candidates += found
        weighed += [(candidate.index, trust, candidate.concepts) for candidate in found]
    if not candidates:
        return Extract((), language, "no_text")
    titles, niche = (
        frozenset(concept for text in texts for concept in concepts_of(tokenize(text), table))
        for texts in ([article.title for article in articles], story.keywords)
    )
    chosen = choose(candidates, weigh(weighed, titles, niche), limits, table)
    if chosen:
        return Extract(_dated(chosen, candidates, articles, limits, table), language)
    shown = any(readability(candidate, table) for candidate in candidates)
    return Extract((), language, "nothing_fits" if shown else "nothing_readable")


def story_language(story: Story) -> str | None:
    """Return the language a story is summarised in: its own, that of its first article, or the likeliest."""
    known = story.language or next((article.language for article in story.articles if article.language), None)
    if known:
        return _base(known)
    texts = story.articles[:3]
    titles, text = " ".join(article.title for article in texts), " ".join(article.text[:1000] for article in texts)
    return detect(titles, text, LANGUAGES).language


def articles_in(story: Story, language: str | None) -> list[Article]:
    """Return the articles that are read for a summary in `language`."""
    return [
        article
        for article in story.articles
        if article.language is None or language is None or _base(article.language) == language
    ][:_MOST_ARTICLES]


def _base(language: str) -> str:
    return language.lower().replace("_", "-").split("-")[0]


def _candidates(article: Article, rank: int, trust: float, table: Words) -> list[Candidate]:
    split = split_article(article.text, article.language)[:_MOST_SENTENCES]
    cleaned = [clean(sentence.text, table) for sentence in split]
    quoted = quoted_tokens([tokens for _, tokens in cleaned])
    title = concepts_of(tokenize(article.title), table)
    found = []
    for sentence, (text, tokens), flags in zip(split, cleaned, quoted, strict=True):
        concepts = concepts_of(tokens, table)
        found.append(
            Candidate(
                citation=Citation(article.id, sentence.index),
                rank=rank,
                index=sentence.index,
                source=sentence.text,
                text=text,
                tokens=tokens,
                concepts=concepts,
                fit=trust * decay(sentence.index, reach=4, floor=0.1),
                quoted=all(flags),
                headline=concepts == title,
            )
        )
    return found


def _dated(
    chosen: tuple[Chosen, ...],
    candidates: Sequence[Candidate],
    articles: Sequence[Article],
    limits: Limits,
    table: Words,
) -> tuple[Chosen, ...]:
    """Put dates behind the days that the sentences name, each date once, where there is room for it."""
    sources = {candidate.citation: candidate.source for candidate in candidates}
    published = {article.id: article.published for article in articles}
    room = limits.max_characters - sum(count_characters(sentence.text) for sentence in chosen)
    room -= 0 if table.unspaced else len(chosen) - 1
    told: set[str] = set()
    found = []
    for sentence in chosen:
        put_in = []
        place = sentence.citations[0]
        for one in dates(sentence.text, sources[place], published[place.article], table):
            length = count_characters(one.text)
            if one.text not in told and length <= room:
                told.add(one.text)
                put_in.append(one)
                room -= length
        found.append(replace(sentence, text=put(sentence.text, tuple(put_in))))
    return tuple(found)


@lru_cache(maxsize=256)
def split_article(text: str, language: str | None) -> tuple[Sentence, ...]:
    """Split an article's text as citations count it; of a text beyond 30,000 characters only whole sentences before."""
    if len(text) <= _LONGEST_TEXT:
        return sentences.split(text, language)
    return sentences.split(text[:_LONGEST_TEXT], language)[:-1]
