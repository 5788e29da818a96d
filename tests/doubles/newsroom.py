"""A small newsroom's data as the services would answer it, made up but like the real thing: for the pages' tests."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid5

from tests.doubles.newsroom_stories import STORIES, Told

_SPACE = UUID("6f2c7f0e-7d2f-4d0a-9b57-0d6a1c0b7a11")
_LIMITS = {"bluesky": (300, "graphemes"), "mastodon": (500, "characters")}
Row = dict[str, Any]


def uid(name: str) -> str:
    """Return a stable id for a name."""
    return str(uuid5(_SPACE, name))


@dataclass
class Newsroom:
    """Everything the services know. `now` is the moment the data was made for."""

    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    niches: list[Row] = field(default_factory=list)
    sources: list[Row] = field(default_factory=list)
    stories: list[Row] = field(default_factory=list)
    summaries: list[Row] = field(default_factory=list)
    channels: list[Row] = field(default_factory=list)
    posts: list[Row] = field(default_factory=list)
    histories: dict[str, list[Row]] = field(default_factory=dict)
    publishing: dict[str, Row] = field(default_factory=dict)
    tones: list[Row] = field(default_factory=list)
    budget: Row = field(default_factory=dict)
    ledger: list[Row] = field(default_factory=list)

    def ago(self, **parts: float) -> str:
        """Return a moment before now, as JSON has it."""
        return (self.now - timedelta(**parts)).isoformat()


def newsroom() -> Newsroom:
    """Return a newsroom with work in every state."""
    room = Newsroom()
    _niche(room, "technology", "Technology", ["undersea cable", "security", "open source", "batteries"], "en")
    _niche(room, "climate", "Climate and nature", ["glacier", "heat", "water"], None)
    _sources(room)
    for told in STORIES:
        room.stories.append(_story(room, told))
        if told.summary:
            room.summaries.append(_summary(room, told))
    for niche, name in ((None, "formal_tone"), ("technology", "dry"), ("climate", "calm")):
        room.tones.append({"niche": niche, "name": name, "description": "How it sounds.", "examples": []})
    _channels(room)
    _posts(room)
    _spending(room)
    return room


def _niche(room: Newsroom, name: str, title: str, keywords: list[str], language: str | None) -> None:
    counts = {"sources": 4, "articles": 412, "stories": 187}
    room.niches.append({"name": name, "title": title, "keywords": keywords, "language": language} | counts)
    room.publishing[name] = {"niche": name, "autopilot": name == "climate", "daily_limit": 6}


def source(room: Newsroom, title: str, niche: str, url: str, **more: Any) -> Row:
    """Return a source that is new, with `more` on top."""
    new = {
        "id": uid(title or url),
        "niche": niche,
        "url": url,
        "title": title,
        "home_url": None,
        "language": None,
        "full_text": "auto",
        "authority": 0.7,
        "paused": False,
        "state": "new",
        "last_error": None,
        "failures": 0,
        "interval_seconds": 900,
        "last_polled_at": None,
        "next_poll_at": (room.now + timedelta(minutes=4)).isoformat(),
        "articles": 0,
    }
    return new | more


def _sources(room: Newsroom) -> None:
    polled = {"state": "ok", "articles": 57, "last_polled_at": room.ago(minutes=11)}
    busy = {
        "state": "failing",
        "failures": 4,
        "interval_seconds": 7200,
        "last_error": "The server answered 503 Service Unavailable and asked to come back in an hour. Nothing is to be "
        "done yet; if it lasts, open the site and see whether the feed has moved.",
    }
    moved = {
        "state": "failing",
        "failures": 4,
        "last_error": "What came back is a web page, not a feed. Add the site's address again to find where it moved.",
    }
    for title, niche, more in (
        ("Open Lattice", "technology", polled),
        ("The Aldous Courier", "technology", polled),
        ("Kiln & Wire", "technology", polled | busy),
        ("Saltmarsh Review", "technology", {}),
        ("Pegelbote", "climate", polled),
        ("La Ventana", "climate", polled | {"paused": True}),
        ("Meridian Wire", "climate", polled | moved),
    ):
        home = f"https://{title.lower().replace(' & ', '-').replace(' ', '-')}.example/"
        room.sources.append(source(room, title, niche, f"{home}feed.xml", home_url=home, **more))


def _story(room: Newsroom, told: Told) -> Row:
    model, relevance, freshness, authority = told.parts
    return {
        "id": uid(told.name),
        "niche": told.niche,
        "title": told.title,
        "language": told.language,
        "first_seen_at": room.ago(hours=told.hours + 2),
        "updated_at": room.ago(hours=told.hours),
        "score": {
            "model": model,
            "relevance": relevance,
            "freshness": freshness,
            "authority": authority,
            "total": round(0.4 * model + 0.3 * relevance + 0.2 * freshness + 0.1 * authority, 4),
            "reasons": [
                "model: the prior; nothing has been learned for this niche yet",
                'relevance: "undersea cable" in the title, "repairs" in the text',
                "freshness: the newest report is young",
                f"authority: the most trusted of its sources has {authority}",
            ],
        },
        "article_count": len(told.reports) or 1,
        "independent_sources": told.independent,
        "articles": [
            {
                "id": uid(f"{told.name}/{report.source}"),
                "niche": told.niche,
                "source_id": uid(report.source),
                "source": report.source,
                "url": f"https://{report.source.split()[-1].lower()}.example/{told.name}",
                "title": report.title,
                "content": "\n".join(report.paragraphs),
                "author": "Noor Achterveld" if report.source == "Open Lattice" else None,
                "language": told.language,
                "image_url": None,
                "published_at": room.ago(hours=report.hours),
                "created_at": room.ago(hours=report.hours - 0.1),
                "story_id": uid(told.name),
                "status": "new",
                "revision": 2 if report.source == "The Aldous Courier" else 1,
            }
            for report in told.reports
        ],
    }


def _summary(room: Newsroom, told: Told) -> Row:
    articles = {article["source"]: article for article in room.stories[-1]["articles"]}
    sentences = []
    for number, said in enumerate(told.summary):
        article = articles[said.source]
        start = article["content"].index(said.quote)
        citation = {name: article[name] for name in ("source", "url", "title")}
        citation |= {"article_id": article["id"], "sentence": number, "quote": said.quote}
        citation |= {"start": start, "end": start + len(said.quote)}
        verdict = {"supported": True, "probability": 0.97 - number / 50, "reasons": [], "verifier": "gate/1"}
        sentences.append({"text": said.text, "citations": [citation], "verdict": verdict})
    return {
        "id": uid(f"summary/{told.name}"),
        "story_id": uid(told.name),
        "niche": told.niche,
        "title": told.title,
        "language": told.language,
        "text": " ".join(said.text for said in told.summary),
        "sentences": sentences,
        "dropped": [{"text": text, "reasons": [reason]} for text, reason in told.dropped],
        "confidence": 0.91,
        "engine": "extractive",
        "model": "extractive/1",
        "verifier": "gate/1",
        "created_at": room.ago(minutes=40),
    }


def _channels(room: Newsroom) -> None:
    refused = "The account's token was refused. Make a new access token on the platform and give it to the channel."
    for kind, name, niches, settings, error in (
        ("site", "Our site", [], {}, None),
        (
            "bluesky",
            "Tech on Bluesky",
            ["technology"],
            {"server": "https://bsky.social", "handle": "tech.example.org"},
            None,
        ),
        ("mastodon", "Mastodon", ["technology", "climate"], {"server": "https://mastodon.example"}, refused),
    ):
        channel = {"id": uid(name), "kind": kind, "name": name, "niches": niches, "settings": settings}
        state = {"has_secret": kind != "site", "paused": False, "last_error": error, "created_at": room.ago(days=9)}
        room.channels.append(channel | state)


def _posts(room: Newsroom) -> None:
    doubt = "Two sources give different numbers of customers: 2.8 and 3.1 million."
    tonight = (room.now + timedelta(hours=14)).isoformat()
    refused = {
        "code": "social.credentials_refused",
        "message": "The server does not accept the access token.",
        "next_step": "Make a new access token on the platform and give it to the channel.",
    }
    sent = {"approved_by": "owner", "scheduled_at": room.ago(hours=2), "attempts": 1}
    there = sent | {"published_at": room.ago(hours=2), "remote_id": "1", "url": "https://news.example/p/1"}
    silent = sent | {"in_doubt": True, "error": {"message": "The platform did not answer in time (20 s)."}}
    for name, story, channel, state, more in (
        ("p1", "cable", "Tech on Bluesky", "draft", {}),
        ("p2", "cable", "Mastodon", "draft", {"doubts": [doubt]}),
        ("p3", "flaw", "Our site", "draft", {}),
        ("p4", "water", "Our site", "draft", {}),
        ("p5", "buses", "Tech on Bluesky", "scheduled", {"approved_by": "owner", "scheduled_at": tonight}),
        ("p6", "glacier", "Our site", "published", there),
        ("p7", "cable", "Our site", "unknown", silent | {"attempts": 2}),
        ("p8", "flaw", "Mastodon", "failed", sent | {"error": refused}),
        ("p9", "hostile", "Our site", "rejected", {"error": {"message": "not our subject", "by": "owner"}}),
    ):
        post: Row = _draft(room, name, story, channel) | {"state": state} | more
        room.posts.append(post)
        room.histories[post["id"]] = _history(room, post)


def _draft(room: Newsroom, name: str, story: str, channel: str) -> Row:
    content = _content(room, story)
    account = next(item for item in room.channels if item["name"] == channel)
    said = " ".join(sentence["text"] for sentence in content["sentences"][:3]) or content["title"]
    text = f"{said}\n\n{content['story_url']}"
    limit, unit = _LIMITS.get(account["kind"], (None, "characters"))
    return {
        "id": uid(name),
        "version": 1,
        "niche": content["niche"],
        "channel_id": account["id"],
        "channel": channel,
        "channel_kind": account["kind"],
        "summary_id": uid(f"summary/{story}"),
        "story_id": uid(story),
        "score": 0.8,
        "text": text,
        "content": content,
        "doubts": [],
        "approved_by": None,
        "scheduled_at": None,
        "attempts": 0,
        "in_doubt": False,
        "remote_id": None,
        "url": None,
        "settled": False,
        "error": None,
        "created_at": room.ago(minutes=30),
        "updated_at": room.ago(minutes=30),
        "published_at": None,
        "used": len(text),
        "limit": limit,
        "unit": unit,
    }


def by_hand(room: Newsroom, channel: Row, niche: str, text: str) -> Row:
    """Return a draft of a text that a person wrote, as the social service makes it: with a doubt."""
    doubt = "written by a person; no source was given, so nothing in it could be checked"
    post = _draft(room, f"by hand/{len(room.posts)}", "cable", channel["name"])
    verdict = {"supported": False, "verifier": "none", "reasons": [doubt]}
    content: Row = {"niche": niche, "title": text[:200], "language": "und", "written_by": "owner"}
    content |= {
        "sentences": [{"text": text, "citations": [], "verdict": verdict}],
        "story_url": "https://news.example/",
    }
    post |= {"state": "draft", "summary_id": None, "story_id": None, "text": text, "content": content}
    post |= {"niche": niche, "doubts": [doubt]}
    room.histories[post["id"]] = _history(room, post)
    return post


def _spending(room: Newsroom) -> None:
    room.budget = {
        "day": {"cap": 2.0, "spent": 0.8431, "reserved": 0.012},
        "month": {"cap": 40.0, "spent": 11.27, "reserved": 0.012},
        "niches": [],
    }
    for number, (stage, niche, model, tokens, cost) in enumerate(
        (
            ("draft", "technology", "gpt-5-mini", 2210, 0.0041),
            ("facts", "technology", "gpt-5-mini", 1804, 0.0027),
            ("judge", "technology", "qwen3-4b", 640, 0.0),
            ("draft", "climate", "claude-haiku-4-5", 3120, 0.0092),
        )
    ):
        room.ledger.append(
            {
                "at": room.ago(minutes=3 * number + 2),
                "niche": niche,
                "story_id": uid("cable") if niche == "technology" else None,
                "stage": stage,
                "model": model,
                "prompt_tokens": tokens - 200,
                "cached_tokens": 0,
                "prompt": f"{stage}-1",
                "completion_tokens": 200,
                "cost": cost,
            }
        )


def _content(room: Newsroom, name: str) -> Row:
    """Return what a post of a story says, in the words of the social service, which differ from those of llm."""
    story = next(item for item in room.stories if item["id"] == uid(name))
    summary: Row = next((item for item in room.summaries if item["story_id"] == uid(name)), {})
    sentences = []
    for sentence in summary.get("sentences", []):
        citations = [
            {key: value for key, value in citation.items() if key not in ("source", "sentence")}
            | {"source_name": citation["source"]}
            for citation in sentence["citations"]
        ]
        sentences.append(sentence | {"citations": citations})
    dropped = [
        {"text": item["text"], "citations": [], "verdict": {"supported": False, "reasons": item["reasons"]}}
        for item in summary.get("dropped", [])
    ]
    return {
        "niche": story["niche"],
        "title": story["title"],
        "language": story["language"],
        "sentences": sentences,
        "dropped": dropped,
        "story_url": "https://news.example/s/1",
        "sources": [{"name": a["source"], "url": a["url"], "title": a["title"]} for a in story["articles"]],
    }


def _history(room: Newsroom, post: Row) -> list[Row]:
    def entry(event: str, minutes: float, **data: Any) -> Row:
        return {"version": 1, "event": event, "at": room.ago(minutes=minutes), "data": data, "trace": None}

    told = {name: post[name] for name in ("channel_kind", "doubts", "text", "content")}
    history = [entry("post.drafted", 30, **told)]
    if post["approved_by"]:
        history.append(entry("post.approved", 20, by=post["approved_by"], scheduled_at=post["scheduled_at"]))
    if post["attempts"]:
        history += [entry("post.frozen", 19, key="3lbx", payload={}), entry("post.sending", 19, attempt=1)]
    endings: dict[str, tuple[str, Row]] = {
        "unknown": ("post.uncertain", {"reason": (post["error"] or {}).get("message")}),
        "published": ("post.published", {"settled": False}),
        "failed": ("post.failed", post["error"] or {}),
        "rejected": ("post.rejected", {"by": "owner", "reason": "not our subject"}),
    }
    if post["state"] in endings:
        name, data = endings[post["state"]]
        history.append(entry(name, 18, **data))
    return history
