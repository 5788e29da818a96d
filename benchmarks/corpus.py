"""Feeds that nobody wrote: English function words, invented names, some wire copies. The same for the same numbers."""

import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

_COMMON = """
the of and to in a is that for on with as was by at from his her their its has have had been will would could which
this these those after before during under over between against about into through while when where who what year
years month week day time people city country state government company market price report study research team
president minister court law bank money work school university hospital police fire water power energy road house
home family child woman man world public private new old large small high low long short early late first second
third last next good better best bad worse strong weak open closed free local national international political
economic social legal medical technical financial said told asked called found made took gave came went saw knew
thought felt left kept began started stopped opened moved turned showed brought held met paid sent built lost won
raised cut bought sold signed agreed refused decided expected planned announced reported confirmed denied warned
helped changed grew fell rose reached passed followed led ran set put let data system network software machine
science health disease drug treatment patient doctor vote election party leader member group army war peace border
trade industry factory farm food crop weather storm rain heat cold river sea coast island mountain forest animal
""".split()
_SYLLABLES = "ba be bo da de do fa fe ga go ha he ka ke ko la le lo ma me mo na ne no pa pe ra re ro sa se so ta te to va ve wa".split()


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
