"""The demo's documents as bytes: feeds in four formats, article pages, front pages, the subscription list.

Pure: a `Newsstand` holds everything that a document depends on.
"""

import html
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pulse.demo.corpus import Article, Corpus, Feed, Source

# Markup that a careless or hostile site mixes into an article. Each must be harmless after sanitising.
NASTY = (
    '<script>document.title = "owned"; fetch("/stolen?" + document.cookie)</script>',
    '<p><img src="missing.png" onerror="alert(1)" alt=""><b><i>Photo: port company</p>',
    '<p onmouseover="alert(2)"><a href="javascript:alert(3)">Continue reading &raquo;</a></p>',
    '<iframe src="https://ads.example/frame"></iframe><style>body { display: none }</style>',
    '<svg onload="alert(4)"><circle r="1"/></svg>',
)
# How sites put words on a page that readers do not see.
HIDING = (
    '<div style="display:none">{}</div>',
    '<p style="font-size:0;color:#fff;background:#fff">{}</p>',
    "<!-- {} -->",
    '<span aria-hidden="true" style="position:absolute;left:-9999px">{}</span>',
)

_templates = Environment(
    loader=PackageLoader("pulse.demo"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
_templates.filters["rfc822"] = lambda moment: format_datetime(moment, usegmt=True)
_templates.filters["rfc3339"] = lambda moment: moment.isoformat(timespec="seconds")


@dataclass(frozen=True, slots=True)
class Entry:
    """An article at an address and a time: what feeds and pages show of it."""

    article: Article
    url: str
    link: str
    body: Markup
    published: datetime
    updated: datetime


@dataclass(frozen=True, slots=True)
class Newsstand:
    """The corpus at an address: `url` has no slash at its end; `now` is what minutes are counted back from.

    `corrected_at` is when the corrected versions came out, `None` before.
    """

    corpus: Corpus
    url: str
    now: datetime
    corrected_at: datetime | None = None

    def entry(self, article: Article) -> Entry:
        """Return the article as it is published at present, in its corrected version once that is out."""
        published = self.now.replace(microsecond=0) - timedelta(minutes=article.minutes)
        updated = published
        if self.corrected_at and article.correction:
            article, updated = article.correction, self.corrected_at.replace(microsecond=0)
        url = self.url + article.path
        return Entry(
            article=article,
            url=url,
            link=f"{url}?{article.query}" if article.query else url,
            body=Markup(body_html(article)),  # noqa: S704 (built and escaped by body_html)
            published=published,
            updated=updated,
        )

    def entries(self, feed: Feed) -> list[Entry]:
        """Return a feed's entries, newest first."""
        return [self.entry(article) for article in self.corpus.entries(feed)]

    def feed_url(self, feed: Feed) -> str:
        """Return the address a subscriber has, which for a moved feed is the old one."""
        return f"{self.url}/{feed.source}/{feed.alias or feed.path}"

    def feed_name(self, feed: Feed) -> str:
        """Return the newsroom's name, with the niche where it has more than one feed."""
        source = self.corpus.source(feed.source)
        return f"{source.name}: {feed.niche.title()}" if len(source.feeds) > 1 else source.name

    def feed(self, feed: Feed) -> bytes:
        """Return the feed document in its format and encoding."""
        entries = self.entries(feed)
        source = self.corpus.source(feed.source)
        if feed.format == "json":
            return _json_feed(self.feed_name(feed), source, self.url, self.feed_url(feed), entries)
        document = _templates.get_template(f"{feed.format}.xml").render(
            feed=feed,
            title=self.feed_name(feed),
            source=source,
            home=f"{self.url}/{source.slug}/",
            feed_url=self.feed_url(feed),
            entries=entries,
            updated=max((entry.updated for entry in entries), default=self.now),
        )
        return document.encode("windows-1252" if feed.charset == "iso-8859-1" else feed.charset)

    def page(self, article: Article) -> bytes:
        """Return the article's page in the layout of its newsroom, with everything that surrounds an article."""
        source = self.corpus.source(article.source)
        return self._html(f"{source.layout}.html", source, entry=self.entry(article))

    def front_page(self, source: Source) -> bytes:
        """Return the newsroom's home page: headlines, and links to its feeds for discovery."""
        return self._html("front.html", source)

    def opml(self) -> bytes:
        """Return the subscription list: every feed, the failing one too, grouped by niche."""
        feeds = [feed for source in self.corpus.sources for feed in source.feeds]
        niches = {niche: [feed for feed in feeds if feed.niche == niche] for niche in sorted({f.niche for f in feeds})}
        return _templates.get_template("opml.xml").render(stand=self, niches=niches).encode()

    def _html(self, template: str, source: Source, **values: Any) -> bytes:
        own = {one.page: one for one in self.corpus.articles if one.source == source.slug}
        latest = [self.entry(one) for one in sorted(own.values(), key=lambda one: one.minutes)]
        values |= {"stand": self, "source": source, "labels": source.labels, "latest": latest}
        return _templates.get_template(template).render(values).encode()


def body_html(article: Article) -> str:
    """Return the article's paragraphs as HTML, with the hidden or nasty markup its page carries in between."""
    blocks = [f"<p>{html.escape(paragraph, quote=False)}</p>" for paragraph in article.paragraphs]
    extra = [way.format(html.escape(text)) for way, text in zip(HIDING, article.hidden, strict=False)]
    if "nasty-markup" in article.traits:
        extra += NASTY
    for position, markup in enumerate(extra, start=1):
        blocks.insert(2 * position - 1, markup)
    return "\n".join(blocks)


def _json_feed(title: str, source: Source, site: str, feed_url: str, entries: Sequence[Entry]) -> bytes:
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": f"{site}/{source.slug}/",
        "feed_url": feed_url,
        "language": source.language,
        "items": [
            {
                "id": entry.article.guid,
                "url": entry.link,
                "title": entry.article.title,
                "summary": entry.article.summary,
                "content_html": entry.body,
                "date_published": entry.published.isoformat(),
                "date_modified": entry.updated.isoformat(),
                "authors": [{"name": entry.article.author}],
                "tags": [entry.article.niche],
            }
            for entry in entries
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()
