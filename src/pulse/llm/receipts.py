"""Between the news room's articles and the llm room's shapes: what is told, and where each sentence stands. Pure."""

from collections.abc import Sequence
from datetime import datetime
from uuid import NAMESPACE_OID, uuid5

from pulse.llm import shapes
from pulse.llm.extract import split_article
from pulse.llm.models import Citation, DroppedSentence, SummarySentence, Verdict
from pulse.news.models import Article


def told(articles: Sequence[Article], language: str | None, keywords: Sequence[str] = ()) -> shapes.Story:
    """Return articles as a story to summarise, of a niche with these keywords.

    Of the copies of one text only the first counts as independent.
    """
    seen = set()
    found = []
    for article in articles:
        original = article.copy_of or article.id
        found.append(
            shapes.Article(
                id=str(article.id),
                title=article.title,
                text=article.content,
                language=article.language,
                published=article.published_at if article.dated and article.revision == 1 else None,
                source=article.source,
                independent=original not in seen,
            )
        )
        seen.add(original)
    return shapes.Story(tuple(found), language, tuple(keywords))


def text_article(text: str, now: datetime) -> Article:
    """Return a text that somebody sent as a source of its own. The same text has the same id."""
    article_id = uuid5(NAMESPACE_OID, text)
    return Article(
        id=article_id,
        niche="",
        source_id=article_id,
        source="text",
        url="",
        title="",
        content=text,
        author=None,
        language=None,
        image_url=None,
        published_at=now,
        created_at=now,
        story_id=None,
        status="new",
        revision=1,
    )


class Receipts:
    """The places of citations in a story's articles."""

    def __init__(self, articles: Sequence[Article]) -> None:
        self._articles = {str(article.id): article for article in articles}
        self._places = {str(article.id): split_article(article.content, article.language) for article in articles}

    def supported(self, summary: shapes.Summary) -> list[SummarySentence]:
        """Return a summary's sentences with their receipts; the stages let nothing else through, nor does this."""
        return [
            self.sentence(sentence.text, sentence.citations, sentence.verdict, summary.verifier_version)
            for sentence in summary.sentences
            if sentence.verdict is not None and sentence.verdict.supported
        ]

    def doubtful(self, summary: shapes.Summary) -> list[SummarySentence]:
        """Return the sentences that wait for a person, each with the source sentences nearest to it."""
        return [
            self.sentence(sentence.text, sentence.verdict.citations, sentence.verdict, summary.verifier_version)
            for sentence in summary.doubtful
            if sentence.verdict is not None and not sentence.verdict.supported
        ]

    def sentence(
        self, text: str, citations: Sequence[shapes.Citation], verdict: shapes.Verdict, verifier: str
    ) -> SummarySentence:
        """Return a sentence with its receipt."""
        cited = [self._articles[citation.article] for citation in citations]
        return SummarySentence(
            text=text,
            citations=[self._citation(citation) for citation in citations],
            verdict=Verdict(
                supported=verdict.supported,
                probability=verdict.probability,
                reasons=[reason_text(reason) for reason in verdict.reasons],
                verifier=verifier,
                layer=str(verdict.layer),
                judge=verdict.judge,
                needs_person=verdict.needs_person,
            ),
            independent_sources=len({article.copy_of or article.id for article in cited}),
        )

    def _citation(self, citation: shapes.Citation) -> Citation:
        article, place = self._articles[citation.article], self._places[citation.article][citation.index]
        return Citation(
            article_id=article.id,
            source=article.source,
            url=article.url,
            title=article.title,
            sentence=citation.index,
            quote=place.text,
            start=place.start,
            end=place.end,
        )


def dropped(sentence: shapes.SummarySentence) -> DroppedSentence:
    """Return a sentence that was not let through, with the reasons."""
    verdict = sentence.verdict
    reasons = [reason_text(reason) for reason in verdict.reasons] if verdict else ["never verified"]
    return DroppedSentence(text=sentence.text, reasons=reasons, needs_person=bool(verdict and verdict.needs_person))


def reason_text(reason: shapes.Reason) -> str:
    """Return a reason as `code: detail`."""
    return f"{reason.doubt}: {reason.detail}" if reason.detail else str(reason.doubt)
