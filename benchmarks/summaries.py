"""How good extracts are: `python -m benchmarks.summaries FOLDER`.

ROUGE F1 x 100 against the summaries newspapers printed, LEAD-3 in the same run, CPU milliseconds an article, and how
many sentences of the extracts the gate proves.
"""

import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from benchmarks import truth_sets
from benchmarks.rouge import rouge
from pulse.llm.extract import extract, split_article
from pulse.llm.sentences import split
from pulse.llm.shapes import Article, Limits, Story
from pulse.llm.stages import source_sentences
from pulse.llm.verify import Evidence, verify_sentence

Engine = Callable[[str], list[str]]


def main(folder: Path) -> None:
    """Print the table."""
    articles = truth_sets.references(folder)
    engines: dict[str, Engine] = {
        "LEAD-3": lambda text: [sentence.text for sentence in split(text, "en")[:3]],
        "pulse, 3 sentences": lambda text: _extract(text, Limits(10_000, 3, 3)),
        "pulse, 2-4 in 600": lambda text: _extract(text, Limits()),
        "pulse, 1-3 in 300": lambda text: _extract(text, Limits(300, 1, 3)),
    }
    _extract(next(iter(articles)), Limits())
    print(f"{len(articles)} articles{'':14} ROUGE-1  ROUGE-2  ROUGE-L    chars  CPU ms")
    for name, engine in engines.items():
        split_article.cache_clear()
        start = time.process_time()
        summaries = [engine(text) for text in articles]
        milliseconds = 1000 * (time.process_time() - start) / len(articles)
        scores = [
            rouge(summary, _sentences(reference))
            for summary, reference in zip(summaries, articles.values(), strict=True)
        ]
        one, two, longest = 100 * np.mean(scores, axis=0)
        length = np.mean([len(" ".join(summary)) for summary in summaries])
        print(f"{name:26} {one:8.1f} {two:8.1f} {longest:8.1f} {length:8.0f} {milliseconds:7.1f}")
    _proven(articles)


def _proven(articles: dict[str, str]) -> None:
    proven = total = 0
    for text in articles:
        story = _story(text)
        evidence = Evidence(source_sentences(story, "en"), "en")
        for chosen in extract(story).sentences:
            total += 1
            proven += verify_sentence(chosen.text, evidence).supported
    print(f"{proven} of {total} sentences of extracts are proven")


def _extract(text: str, limits: Limits) -> list[str]:
    return [chosen.text for chosen in extract(_story(text), limits).sentences]


def _story(text: str) -> Story:
    return Story((Article("article", "", text, "en"),))


def _sentences(reference: str) -> list[str]:
    return [sentence for sentence in re.split(r" \. ?", reference) if sentence.strip()]


if __name__ == "__main__":
    main(Path(sys.argv[1]))
