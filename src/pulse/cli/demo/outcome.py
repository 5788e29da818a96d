"""What Pulse made of the demo's world, read back from Pulse itself."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pulse.cli.session import TENANT

if TYPE_CHECKING:
    from pulse.app import Pulse
    from pulse.news.models import Article, Source, Story
    from pulse.social.models import Post

_PAGE = 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """Stories with whole articles, all posts, all sources."""

    stories: "tuple[Story, ...]"
    posts: "tuple[Post, ...]"
    sources: "tuple[Source, ...]"

    @property
    def articles(self) -> "tuple[Article, ...]":
        """Every article of every story."""
        return tuple(article for story in self.stories for article in story.articles)

    @property
    def live_posts(self) -> "tuple[Post, ...]":
        """The posts that nobody has taken back or turned down."""
        return tuple(post for post in self.posts if post.state not in ("cancelled", "rejected"))


def path_of(article: "Article") -> str:
    """Return the path of an article's page on the demo's server, by which the corpus knows it."""
    return urlsplit(article.url).path


async def read_outcome(pulse: "Pulse") -> Outcome:
    """Read everything back."""
    from pulse.news.handlers import articles, sources
    from pulse.news.models import Story
    from pulse.social import store
    from pulse.social.models import Post

    stories: list[Story] = []
    cursor = None
    while True:
        page = await articles.list_stories(pulse.news, TENANT, limit=_PAGE, cursor=cursor)
        rows = await articles.get_stories(pulse.news, TENANT, [row["id"] for row in page.rows])
        stories += [Story.model_validate(row) for row in rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    async with pulse.database.transaction(TENANT) as tx:
        posts = await store.posts(tx, niche=None, states=(), before=None, limit=10 * _PAGE)
    return Outcome(
        stories=tuple(stories),
        posts=tuple(Post.model_validate(dict(row)) for row in posts),
        sources=tuple(await sources.list_sources(pulse.news, TENANT)),
    )
