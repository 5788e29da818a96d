"""What the gate says when somebody writes what the corpus tempts one to write.

The offline engine never would; a language model might.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import orjson

from pulse.demo.corpus import load, wrong_sentences
from pulse.llm.claims import check_claims


@dataclass(frozen=True, slots=True)
class Temptation:
    """A wrong sentence, the article that tempts to write it, and the gate's verdict."""

    article: str
    text: str
    refused: bool
    reasons: tuple[str, ...]


async def tempt() -> list[Temptation]:
    """Put every wrong sentence of the corpus to the gate, with the text of its article as the source."""
    answers = check_claims(orjson.dumps(claim).decode() for claim in _claims())
    return [
        Temptation(
            article=answer["id"][0],
            text=answer["id"][1],
            refused=not answer["supported"],
            reasons=tuple(
                dict.fromkeys(
                    f"{reason['code']}: {reason['detail']}" if reason["detail"] else reason["code"]
                    for sentence in answer["sentences"]
                    for reason in sentence["reasons"]
                )
            ),
        )
        async for answer in answers
    ]


def _claims() -> Iterator[dict[str, object]]:
    articles = {article.slug: article for article in load().articles}
    for slug, sentences in wrong_sentences(corrected=True).items():
        source = articles[slug].correction or articles[slug]
        for sentence in sentences:
            yield {"id": [slug, sentence], "source": source.text, "text": sentence, "language": source.language}
