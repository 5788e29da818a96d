"""Feeds that nobody wrote: English function words, invented names, some wire copies. The same for the same numbers."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

_COMMON = (Path(__file__).parent / "words.txt").read_text().split()
_SYLLABLES = [first + second for first in "bdfghklmnprstvw" for second in "aeo"]


@dataclass(frozen=True)
class Corpus:
    """How many feeds of how many entries; every `copies`-th entry repeats the text of another feed's."""

    feeds: int
    entries: int = 20
    copies: int = 25
    words: int = 130

    def documents(self) -> list[bytes]:
        """Return the feeds as RSS."""
        source = random.Random(7)
        names = ["".join(source.choices(_SYLLABLES, k=source.randint(2, 4))).capitalize() for _ in range(20_000)]
        now = datetime.now(UTC).replace(microsecond=0)
        texts: list[str] = []
        documents = []
        for feed in range(self.feeds):
            items = []
            for entry in range(self.entries):
                number = feed * self.entries + entry
                text = source.choice(texts) if texts and number % self.copies == 0 else self._text(source, names)
                texts.append(text)
                if len(texts) > 2_000:
                    texts = texts[-1_000:]
                title = " ".join(self._words(source, names, 8)).capitalize()
                moment = now - timedelta(minutes=source.randint(1, 4 * 24 * 60))
                items.append(
                    f"<item><title>{title}</title><link>https://site{feed}.example/{entry}/{number}</link>"
                    f'<guid isPermaLink="false">tag:site{feed}.example,{number}</guid>'
                    f"<pubDate>{format_datetime(moment)}</pubDate><author>desk@site{feed}.example (Desk)</author>"
                    f"<description><![CDATA[{text}]]></description></item>"
                )
            documents.append(
                f'<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>Feed {feed}</title>'
                f"<link>https://site{feed}.example/</link><language>en</language>{''.join(items)}</channel></rss>".encode()
            )
        return documents

    def _words(self, source: random.Random, names: list[str], count: int) -> list[str]:
        return [
            source.choice(_COMMON) if source.random() < 0.8 else names[int(len(names) * source.random() ** 2)]
            for _ in range(count)
        ]

    def _text(self, source: random.Random, names: list[str]) -> str:
        words = self._words(source, names, self.words)
        sentences = [" ".join(words[at : at + 13]).capitalize() + "." for at in range(0, len(words), 13)]
        half = len(sentences) // 2
        return f"<p>{' '.join(sentences[:half])}</p><p>{' '.join(sentences[half:])}</p>"
