"""Stories to publish, with everything in them that goes wrong between a text and a platform."""

from datetime import UTC, datetime

from pulse.social.shapes import Citation, PostContent, Sentence, Source, Verdict

LINK = "https://news.example.org/posts/0199c1de-6c1a-7c3e-9f0e-000000000001.html"
PUBLISHED = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
VERDICT = Verdict(supported=True, probability=0.97, verifier="gate/1")

TEXTS = {
    "plain": ["The council approved the bridge on Monday.", "Work begins in March."],
    "emoji": ["👨‍👩‍👧‍👦 Families 🏳️‍🌈 marched through the city 🇨🇦🇩🇪.", "Police counted 12,000 people 👍🏽."],
    "rtl": ["وافق المجلس على الجسر يوم الاثنين.", "يبدأ العمل في مارس ٢٠٢٧."],
    "cjk": ["市議会は月曜日に橋を承認した。", "工事は三月に始まる。"],
    "combining": ["Le cafe\u0301 a rouvert à Zu\u0308rich.", "नमस्ते दुनिया ने कहा।"],
    "markup": ['<script>alert("1")</script> & "quotes" <b>bold</b>.', "A * B _c_ [d](http://e.example.com) `f` \\g."],
    "links": [
        "Read https://example.com/über/🌉?q=1 now.",
        "Or (https://en.wikipedia.org/wiki/Bridge_(game)), he said.",
    ],
    "mention": ["Write to @editor@example.social or @someone, or #bridge.", "Mail a@example.com instead."],
}
LANGUAGES = {"rtl": "ar", "cjk": "ja", "combining": "fr"}


def sentence(text: str, *, supported: bool = True) -> Sentence:
    """Return a sentence with a receipt."""
    quote = Citation(
        article_id="0199c1de-0000-7000-8000-000000000001",
        source_name="Example Post",
        url="https://example.com/bridge?a=1&b=2",
        title="Bridge approved",
        quote=text,
        start=10,
        end=10 + len(text),
    )
    verdict = (
        VERDICT if supported else Verdict(supported=False, probability=0.1, verifier="gate/1", reasons=("number 7",))
    )
    return Sentence(text=text, citations=(quote,), verdict=verdict)


def story(
    *texts: str,
    title: str = "Council approves bridge",
    language: str = "en",
    niche: str = "technology",
    link: str = LINK,
    tags: tuple[str, ...] = (),
    published_at: datetime | None = None,
    dropped: tuple[str, ...] = (),
) -> PostContent:
    """Return a story that says these sentences."""
    return PostContent(
        niche=niche,
        title=title,
        language=language,
        sentences=tuple(sentence(text) for text in texts or TEXTS["plain"]),
        dropped=tuple(sentence(text, supported=False) for text in dropped),
        story_url=link,
        sources=(Source(name="Example Post", url="https://example.com/bridge", title="Bridge approved"),),
        tags=tags,
        published_at=published_at,
    )


def story_of(name: str) -> PostContent:
    """Return the story with the texts of that name."""
    return story(*TEXTS[name], language=LANGUAGES.get(name, "en"), tags=("news", "été"))
