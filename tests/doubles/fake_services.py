"""The news and llm services as their clients show them, out of dictionaries; with tenants, as the real ones."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from pulse.http.errors import PeerRefused
from pulse.kernel.ids import new_id
from pulse.kernel.tenant import TenantId
from pulse.llm import checking
from pulse.llm.client import LlmClient
from pulse.llm.models import Citation, DroppedSentence, Summary, SummarySentence, Verdict
from pulse.llm.verify.gate import RULES
from pulse.news.client import NewsClient
from pulse.news.models import Article, Niche, Score, Story

BEGIN = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
SCORE = Score(model=0.5, relevance=0.6, freshness=0.7, authority=0.8, total=0.6, reasons=["two independent sources"])


class FakeNews(NewsClient):
    """Stories and articles by tenant."""

    def __init__(self) -> None:
        self.told: dict[tuple[TenantId, UUID], Story] = {}
        self.reports: dict[tuple[TenantId, UUID], Article] = {}
        self.languages: dict[str, str] = {}
        """The languages that niches want."""
        self.subjects: dict[str, Niche] = {}
        """Niches that want more."""

    def put(self, tenant: TenantId, story: Story) -> Story:
        self.told[tenant, story.id] = story
        self.reports |= {(tenant, article.id): article for article in story.articles}
        return story

    async def story(self, tenant: TenantId, story_id: UUID) -> Story:
        if (tenant, story_id) not in self.told:
            raise refused("news.unknown_story", f"there is no story {story_id}")
        return self.told[tenant, story_id]

    async def stories(self, tenant: TenantId, story_ids: Sequence[UUID]) -> list[Story]:
        return [self.told[tenant, story_id] for story_id in story_ids if (tenant, story_id) in self.told]

    async def niche(self, tenant: TenantId, name: str) -> Niche:
        if name in self.subjects:
            return self.subjects[name]
        if name not in self.languages:
            raise refused("news.unknown_niche", f"there is no niche {name}")
        return Niche(name=name, title=name, keywords=[], language=self.languages[name])

    async def article(self, tenant: TenantId, article_id: UUID) -> Article:
        if (tenant, article_id) not in self.reports:
            raise refused("news.unknown_article", f"there is no article {article_id}")
        return self.reports[tenant, article_id]


class FakeLlm(LlmClient):
    """Summaries by tenant; texts are judged by the real gate, without a judge."""

    def __init__(self, news: FakeNews | None = None) -> None:
        self.news = news or FakeNews()
        self.written: dict[tuple[TenantId, UUID], Summary] = {}

    def put(self, tenant: TenantId, summary: Summary) -> Summary:
        self.written[tenant, summary.id] = summary
        return summary

    async def summary(self, tenant: TenantId, summary_id: UUID) -> Summary:
        if (tenant, summary_id) not in self.written:
            raise refused("llm.summary_not_found", f"there is no summary {summary_id}")
        return self.written[tenant, summary_id]

    async def check(
        self, tenant: TenantId, text: str, *, story_id: UUID | None = None, summary_id: UUID | None = None
    ) -> list[SummarySentence]:
        story_id = story_id or (await self.summary(tenant, summary_id)).story_id if summary_id else story_id
        assert story_id is not None
        told = await self.news.story(tenant, story_id)
        return await checking.check(text, told.articles, told.language, RULES)


def refused(code: str, detail: str, status: int = 404) -> PeerRefused:
    """Return what a client raises when the other service answers with a problem."""
    return PeerRefused(detail, status=status, problem={"code": code, "status": status}, request="GET /")


def article(
    content: str, *, title: str = "Council approves bridge", language: str | None = "en", niche: str = "technology"
) -> Article:
    """Return a report with this text."""
    article_id = new_id()
    return Article(
        id=article_id,
        niche=niche,
        source_id=new_id(),
        source="Example Post",
        url=f"https://example.com/{article_id}",
        title=title,
        content=content,
        author=None,
        language=language,
        image_url=None,
        published_at=BEGIN,
        created_at=BEGIN,
        story_id=None,
        status="new",
        revision=1,
    )


def story(*articles: Article, title: str = "Council approves bridge") -> Story:
    """Return the story these reports tell."""
    story_id = new_id()
    return Story(
        id=story_id,
        niche=articles[0].niche,
        title=title,
        language=articles[0].language,
        first_seen_at=BEGIN,
        updated_at=BEGIN,
        score=SCORE,
        article_count=len(articles),
        independent_sources=len(articles),
        articles=[article.model_copy(update={"story_id": story_id}) for article in articles],
    )


def summary(told: Story, *texts: str, title: str = "Council approves bridge", dropped: str = "") -> Summary:
    """Return a summary of the story that says these sentences, each with its receipt."""
    source = told.articles[0]
    verdict = Verdict(supported=True, probability=0.97, verifier="gate/1")

    def receipt(text: str) -> Citation:
        start = source.content.find(text)
        return Citation(
            article_id=source.id,
            source=source.source,
            url=source.url,
            title=source.title,
            sentence=0,
            quote=text,
            start=start,
            end=start + len(text),
        )

    return Summary(
        id=new_id(),
        story_id=told.id,
        niche=told.niche,
        title=title,
        language=told.language,
        text=" ".join(texts),
        sentences=[SummarySentence(text=text, citations=[receipt(text)], verdict=verdict) for text in texts],
        dropped=[DroppedSentence(text=dropped, reasons=["number: 400"])] if dropped else [],
        confidence=0.9,
        engine="extractive",
        model="extractive",
        verifier="gate/1",
        created_at=BEGIN,
        stages=[{"name": "draft", "key": "k", "output": {"sentences": list(texts)}}],
    )
