"""What a post says, with the receipt of every sentence: of a summary, or of a text that a person wrote. Pure."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from pulse.llm.guard import refusal
from pulse.llm.models import Citation as Place
from pulse.llm.models import Summary, SummarySentence
from pulse.llm.sentences import split
from pulse.news.models import Story
from pulse.social.errors import NothingToPublish
from pulse.social.shapes import Citation, PostContent, Sentence, Source, Verdict, clean

UNDETERMINED = "und"
"""BCP 47 for a language nobody could tell."""
BY_HAND = "written by a person; no source was given, so nothing in it could be checked"
SOURCES_GONE = "written by a person; its sources are no longer here, so nothing in it could be checked"
CHANGED = "written by a person, who answers for it"


def doubts_of(summary: Summary, problem: str = "") -> list[str]:
    """Return why a person must look at a post of `summary`: sentences the gate leaves to one, and a `problem`.

    Such a sentence is not in the post; a person who has looked at the sources may write it in.
    """
    waiting = [
        f"not proven, and left out: {sentence.text} ({'; '.join(sentence.verdict.reasons) or 'no verdict'})"
        for sentence in summary.doubtful
    ]
    return waiting + ([problem] if problem else [])


def doubts_of_a_person(sentences: Sequence[Sentence]) -> list[str]:
    """Return why a person must look at a text that another one wrote: that it is one, and what is not proven in it."""
    unchecked = {reason for sentence in sentences for reason in sentence.verdict.reasons} & {BY_HAND, SOURCES_GONE}
    if unchecked:
        return sorted(unchecked)
    return [CHANGED] + [
        f"not proven by the sources: {sentence.text} ({'; '.join(sentence.verdict.reasons) or 'no verdict'})"
        for sentence in sentences
        if not sentence.verdict.supported
    ]


def content_of(summary: Summary, story: Story | None) -> PostContent:
    """Return what a post of `summary` says. Raises `NothingToPublish`."""
    cited = [citation for sentence in summary.sentences for citation in sentence.citations]
    # A text that somebody sent has no address, and nothing of it can be linked.
    if not all(citation.url for citation in cited):
        raise NothingToPublish(f"summary {summary.id} is of a text without an address")
    sources = _sources(story, cited)
    if not sources:
        raise NothingToPublish(f"summary {summary.id} cites no source")
    sentences = tuple(with_receipt(sentence) for sentence in summary.sentences)
    return PostContent(
        niche=summary.niche or "general",
        title=_title(summary.title, story, sources, sentences),
        language=summary.language or UNDETERMINED,
        sentences=sentences,
        dropped=tuple(
            Sentence(
                text=dropped.text,
                citations=(),
                verdict=Verdict(supported=False, verifier=summary.verifier, reasons=tuple(dropped.reasons)),
            )
            for dropped in summary.dropped
        ),
        story_url=sources[0].url,
        sources=sources,
    )


def with_receipt(sentence: SummarySentence) -> Sentence:
    """Return a sentence as a post keeps it. What is not supported rests on nothing, whatever stands near it."""
    verdict = sentence.verdict
    return Sentence(
        text=sentence.text,
        citations=tuple(
            Citation(
                article_id=str(citation.article_id),
                source_name=citation.source,
                url=citation.url,
                title=citation.title,
                quote=citation.quote,
                start=citation.start,
                end=citation.end,
            )
            for citation in (sentence.citations if verdict.supported else ())
        ),
        verdict=Verdict(
            supported=verdict.supported,
            probability=verdict.probability,
            verifier=verdict.verifier,
            reasons=tuple(verdict.reasons),
        ),
    )


def unchecked(text: str, why: str) -> tuple[Sentence, ...]:
    """Return the sentences of a text that could not be checked, and `why`."""
    verdict = Verdict(supported=False, verifier="none", reasons=(why,))
    return tuple(Sentence(text=sentence.text, citations=(), verdict=verdict) for sentence in split(text, None))


def by_hand(sentences: tuple[Sentence, ...], *, niche: str, url: str, by: str) -> PostContent:
    """Return what a post of a person's own text says; its first sentence is its title."""
    return PostContent(niche=niche, title=_first(sentences).text, sentences=sentences, story_url=url, written_by=by)


def about(story: Story, sentences: tuple[Sentence, ...], by: str) -> PostContent:
    """Return what a post says in which a person tells a story. Raises `NothingToPublish`."""
    sources = _sources(story, (), {citation.article_id for sentence in sentences for citation in sentence.citations})
    if not sources:
        raise NothingToPublish(f"no report of story {story.id} is here any more")
    _first(sentences)
    return PostContent(
        niche=story.niche,
        title=_title(story.title, story, sources, sentences),
        language=story.language or UNDETERMINED,
        sentences=sentences,
        story_url=sources[0].url,
        sources=sources,
        written_by=by,
    )


def changed(before: PostContent, sentences: tuple[Sentence, ...], by: str) -> PostContent:
    """Return what a post says once a person has put `sentences` in it; a headline stays. Raises `NothingToPublish`."""
    first = _first(sentences)
    said = {sentence.text for sentence in sentences}
    sources = {source.url: source for source in before.sources}
    for sentence in sentences:
        for citation in sentence.citations:
            sources.setdefault(citation.url, Source(name=citation.source_name, url=citation.url, title=citation.title))
    headlines = {source.title for source in sources.values()}
    return before.model_copy(
        update={
            # A title that is no source's headline was a sentence, and sentences have changed.
            "title": before.title if before.title in headlines else first.text,
            "sentences": sentences,
            "dropped": tuple(sentence for sentence in before.dropped if sentence.text not in said),
            "sources": tuple(sources.values()),
            "written_by": by,
        }
    )


def _first(sentences: Sequence[Sentence]) -> Sentence:
    if not sentences:
        raise NothingToPublish("there is no sentence in the text")
    return sentences[0]


def _sources(story: Story | None, cited: Iterable[Place], articles: set[str] | None = None) -> tuple[Source, ...]:
    """Return the reports a post is told from, those that it cites first."""
    cited = list(cited)
    first = {str(citation.article_id) for citation in cited} | (articles or set())
    sources = {
        article.url: Source(
            name=article.source, url=article.url, title=article.title, published_at=article.published_at
        )
        for article in sorted(story.articles if story else [], key=lambda article: str(article.id) not in first)
    }
    for citation in cited:
        sources.setdefault(citation.url, Source(name=citation.source, url=citation.url, title=citation.title))
    return tuple(sources.values())


def _title(wanted: str, story: Story | None, sources: Sequence[Source], sentences: Sequence[Sentence]) -> str:
    """Return a story's headline if a source has it word for word and it may be shown, else the first sentence.

    A headline is the source's own text, as a quotation is, and has to be no less: what stands in none of them, or
    carries a link, a mention or markup, gives way to a sentence that went through the gate.
    """
    headlines = {source.title for source in sources if source.title}
    texts: dict[UUID, str] = {}
    for article in story.articles if story else []:
        texts.setdefault(article.copy_of or article.id, f"{article.title}\n{article.content}")
    title = clean(wanted)
    return title if title in headlines and not refusal(title, list(texts.values())) else sentences[0].text
