"""The pages and feeds of the site channel, from posts. Pure: the same posts give the same bytes.

Pages of a niche are numbered from the oldest post on, so that a full page never changes again: the newest 20 to 39
posts are on `index.html`, older ones on `page-1.html`, `page-2.html` …
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context
from jinja2.runtime import Context
from markupsafe import Markup

from pulse.i18n import Translator, doubts, shared, translator
from pulse.i18n.templates import install
from pulse.i18n.translator import FOLDER as CATALOGUES
from pulse.social.render import joined
from pulse.social.shapes import PostContent, Source

TEMPLATES = Path(__file__).parent / "site_templates"
STYLE = TEMPLATES / "style.css"
PAGE = 20
FEED = 50
"""Posts in a feed."""

_RIGHT_TO_LEFT = frozenset({"ar", "arc", "ckb", "dv", "fa", "he", "iw", "ks", "ps", "sd", "syr", "ug", "ur", "yi"})
_RIGHT_TO_LEFT_SCRIPTS = frozenset({"arab", "hebr", "syrc", "thaa", "nkoo"})


@dataclass(frozen=True, slots=True)
class Site:
    """The site's name, and the address it is served under, without a slash at the end."""

    title: str
    base_url: str


@dataclass(frozen=True, slots=True)
class Entry:
    """What lists and feeds show of a post."""

    key: str
    niche: str
    title: str
    language: str
    text: str
    html: str
    """The text with its sources, as feeds carry it."""
    sources: tuple[Source, ...]
    published_at: datetime
    updated_at: datetime


def entry_of(key: str, story: PostContent) -> Entry:
    """Return what lists show of a post. It must say when it was published."""
    if story.published_at is None:
        raise ValueError("the post has no time of publication")
    text = joined([sentence.text for sentence in story.sentences])
    return Entry(
        key=key,
        niche=story.niche,
        title=story.title,
        language=story.language,
        text=text,
        html=_content_html(story.language, text, story.sources),
        sources=story.sources,
        published_at=story.published_at,
        updated_at=max([story.published_at, *(correction.at for correction in story.corrections)]),
    )


def niche_path(niche: str) -> str:
    """Return a niche's folder. Names that are not plain get a mark, so that no two niches share one."""
    plain = re.sub(r"[^a-z0-9_-]+", "-", niche.lower()).strip("-")[:60]
    mark = "" if plain == niche else hashlib.sha256(niche.encode()).hexdigest()[:8]
    return "niches/" + "-".join(part for part in (plain, mark) if part)


def direction(language: str) -> str:
    """Return `rtl` or `ltr` for a BCP 47 tag, `auto` if the language is not known."""
    first, *rest = language.lower().split("-")
    scripts = [part for part in rest if len(part) == 4 and part.isalpha()]
    if scripts:
        return "rtl" if scripts[0] in _RIGHT_TO_LEFT_SCRIPTS else "ltr"
    return "auto" if first == "und" else "rtl" if first in _RIGHT_TO_LEFT else "ltr"


def templates(site: Site) -> Environment:
    """Return the templates of a site's pages."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["site"] = site
    environment.filters.update(
        time=_time_element,
        rfc3339=_rfc3339,
        dir=direction,
        lang=lambda language: "" if language == "und" else language,
        percent=pass_context(lambda context, share: _spoken(context).percent(share)),
        doubt=pass_context(lambda context, said: doubts.in_words(*doubts.read(said), _spoken(context))),
    )
    environment.globals["spoken"] = pass_context(_spoken)
    install(environment, _spoken)
    return environment


def _spoken(context: Context) -> Translator:
    """Return the language of a page's own words: that of all the posts on it, else English."""
    story = context.get("story")
    posts = [story] if story else context.get("posts") or [niche["latest"] for niche in context.get("niches") or ()]
    return translator(shared(post.language for post in posts))


class Pages:
    """Renders one site."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._templates = templates(site)

    def fingerprint(self) -> str:
        """Return a hash of everything but the posts that the pages depend on."""
        digest = hashlib.sha256(json.dumps([self._site.title, self._site.base_url]).encode())
        for path in [Path(__file__), *sorted(TEMPLATES.iterdir()), *sorted(CATALOGUES.iterdir())]:
            if path.is_file():
                digest.update(path.read_bytes())
        return digest.hexdigest()

    def style(self) -> bytes:
        """Return the one style sheet."""
        return STYLE.read_bytes()

    def post(self, key: str, story: PostContent) -> bytes:
        """Return a post's permanent page with its receipt."""
        text = joined([sentence.text for sentence in story.sentences])
        return self._page("post.html", root="../", key=key, story=story, text=text, niche_path=niche_path(story.niche))

    def home(self, niches: Iterable[tuple[str, Sequence[Entry]]]) -> bytes:
        """Return the list of niches, each with its posts in order of age."""
        rows = [
            {"name": niche, "path": niche_path(niche), "count": len(posts), "latest": posts[-1]}
            for niche, posts in sorted(niches)
        ]
        return self._page("home.html", root="", niches=rows)

    def niche(self, niche: str, posts: Sequence[Entry], since: int = 0) -> Iterator[tuple[str, bytes]]:
        """Yield file names and contents of a niche: its pages and feeds.

        `posts` are all of its posts in order of age. Pages that cannot have changed since there were only the posts
        before number `since` are left out.
        """
        archived = max(0, len(posts) // PAGE - 1)
        for number in range(max(1, since // PAGE - 1), archived + 1):
            newer = f"page-{number + 1}.html" if number < archived else "index.html"
            yield (
                f"page-{number}.html",
                self._list(niche, posts[(number - 1) * PAGE : number * PAGE], number - 1, newer),
            )
        yield "index.html", self._list(niche, posts[archived * PAGE :], archived, "")
        newest = posts[: -FEED - 1 : -1]
        home = f"{self._site.base_url}/{niche_path(niche)}"
        updated = max(post.updated_at for post in newest)
        yield "atom.xml", self._page("atom.xml", home=home, niche=niche, posts=newest, updated=updated)
        yield "feed.json", self._json_feed(niche, home, newest)

    def _list(self, niche: str, posts: Sequence[Entry], older: int, newer: str) -> bytes:
        return self._page(
            "niche.html",
            root="../../",
            niche=niche,
            posts=posts[::-1],
            newer=newer,
            older=f"page-{older}.html" if older else "",
        )

    def _json_feed(self, niche: str, home: str, newest: Sequence[Entry]) -> bytes:
        items = []
        for post in newest:
            url = f"{self._site.base_url}/posts/{post.key}.html"
            item: dict[str, Any] = {
                "id": url,
                "url": url,
                "title": post.title,
                "content_html": post.html,
                "content_text": post.text,
                "date_published": _rfc3339(post.published_at),
                "date_modified": _rfc3339(post.updated_at),
            }
            if post.language != "und":
                item["language"] = post.language
            items.append(item)
        feed = {
            "version": "https://jsonfeed.org/version/1.1",
            "title": f"{niche} – {self._site.title}",
            "home_page_url": f"{home}/index.html",
            "feed_url": f"{home}/feed.json",
            "authors": [{"name": self._site.title}],
            "items": items,
        }
        return (json.dumps(feed, ensure_ascii=False, indent=1) + "\n").encode()

    def _page(self, template: str, **values: Any) -> bytes:
        return self._templates.get_template(template).render(values).encode()


def _rfc3339(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _time_element(moment: datetime) -> Markup:
    shown = moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")
    return Markup('<time datetime="{}">{}</time>').format(_rfc3339(moment), shown)


def _content_html(language: str, said: str, sources: Sequence[Source]) -> str:
    """Return a post's text and sources as HTML, as a plain string: a feed holds it escaped once more."""
    text = Markup('<p dir="{}">{}</p>').format(direction(language), said)
    links = Markup(" · ").join(Markup('<a href="{}">{}</a>').format(source.url, source.name) for source in sources)
    return str(text + (Markup("<p>{}</p>").format(links) if links else ""))
