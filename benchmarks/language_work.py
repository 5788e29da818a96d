"""What the work on language costs, on one core: the extractive engine, the gate, its judge, detection; and by length.

    python -m benchmarks.language_work            the demo's articles
    python -m benchmarks.language_work --json

Articles a second of wall and of CPU time, peak memory, and CPU milliseconds by the length of an article, with the
factor that each doubling costs (2.0 is linear). Texts are made from the demo's articles.
"""

import asyncio
import os
import re
import time
from collections.abc import Callable, Sequence
from typing import Any

import click
import orjson
from rich.console import Console
from rich.table import Table

from benchmarks import processor
from pulse.demo.corpus import load
from pulse.llm.extract import extract, split_article
from pulse.llm.judges.onnx import COMPACT, OnnxJudge
from pulse.llm.judges.port import Pair
from pulse.llm.shapes import Article, SourceSentence, Story
from pulse.llm.verify import Evidence, verify_sentence
from pulse.llm.verify.gate import passage
from pulse.news.language import detect

WORDS = (125, 250, 500, 1_000, 2_000, 4_000)
_ROUNDS = 3
_LEAST_SECONDS = 1.0
_JUDGE = OnnxJudge(COMPACT)


def stories(words: int | None = None) -> list[Article]:
    """Return the demo's articles, or English ones of about so many words made from them."""
    told = load().articles
    if words is None:
        return [Article(one.slug, one.title, one.text, one.language) for one in told]
    pool = [one.text for one in told if one.language == "en"]
    found = []
    for number in range(10):
        told_words: list[str] = []
        turn = number
        while len(told_words) < words:
            told_words += re.sub(r"\d+", rf"\g<0>{turn}", pool[turn % len(pool)]).split(" ")
            turn += 1
        found.append(Article(str(number), "", " ".join(told_words[:words]), "en"))
    return found


def summarised(article: Article) -> None:
    """Choose an article's sentences."""
    extract(Story((article,)))


def verified(article: Article) -> None:
    """Read an article as evidence and judge each sentence of its extract, and each with a changed number or word."""
    sentences = [SourceSentence(article.id, s.index, s.text) for s in split_article(article.text, article.language)]
    evidence = Evidence(sentences, article.language)
    for sentence in sentences[:3]:
        verify_sentence(sentence.text, evidence)
        verify_sentence(sentence.text.replace("1", "7").replace(" the ", " a "), evidence)


def judged(article: Article) -> None:
    """Ask the compact judge about the first three sentences of an article, each with its passage."""
    sentences = [SourceSentence(article.id, s.index, s.text) for s in split_article(article.text, article.language)]
    evidence = Evidence(sentences, article.language)
    claims = [sentence.text for sentence in sentences[:3]]
    asyncio.run(_JUDGE.judge([Pair(passage(claim, evidence, _JUDGE.room), claim) for claim in claims]))


def detected(article: Article) -> None:
    """Detect an article's language."""
    detect(article.title, article.text)


WORK: dict[str, Callable[[Article], None]] = {
    "summarise": summarised,
    "verify (evidence, 6 sentences)": verified,
    "judge (evidence, 3 sentences)": judged,
    "detect": detected,
}


def measure(work: Callable[[Article], None], texts: Sequence[Article]) -> dict[str, float]:
    """Return articles a second, wall and CPU, of the best of three rounds."""
    for article in texts[:3]:
        work(article)
    best: tuple[float, float, int] | None = None
    for _ in range(_ROUNDS):
        wall, cpu, done = time.perf_counter(), time.process_time(), 0
        while done == 0 or time.perf_counter() - wall < _LEAST_SECONDS:
            split_article.cache_clear()
            for article in texts:
                work(article)
            done += len(texts)
        seconds = time.perf_counter() - wall, time.process_time() - cpu, done
        if best is None or seconds[1] / done < best[1] / best[2]:
            best = seconds
    assert best is not None
    return {"per_second": best[2] / best[0], "per_cpu_second": best[2] / best[1], "cpu_ms": 1000 * best[1] / best[2]}


def run() -> dict[str, Any]:
    """Measure everything on one core."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    demo = stories()
    speed = {name: measure(work, demo) for name, work in WORK.items()}
    by_length = {
        words: {name: measure(work, texts)["cpu_ms"] for name, work in WORK.items()}
        for words, texts in ((words, stories(words)) for words in WORDS)
    }
    words = sum(len(article.text.split()) for article in demo) / len(demo)
    return {
        "articles": len(demo),
        "words_each": round(words),
        "speed": speed,
        "cpu_ms_by_words": by_length,
        "peak_memory": processor.peak_memory(),
    }


def show(result: dict[str, Any]) -> None:
    """Print tables."""
    table = Table(title=f"{result['articles']} articles of {result['words_each']} words, one core")
    for column in ("", "articles/s", "articles/CPU s", "CPU ms"):
        table.add_column(column, justify="right")
    for name, one in result["speed"].items():
        table.add_row(name, f"{one['per_second']:,.0f}", f"{one['per_cpu_second']:,.0f}", f"{one['cpu_ms']:.2f}")
    curve = Table(title="CPU ms by words of an article (factor of the doubling)")
    for column in ("words", *WORK):
        curve.add_column(column, justify="right")
    before: dict[str, float] = {}
    for words, costs in result["cpu_ms_by_words"].items():
        cells = [f"{cost:.2f} ({cost / before[name]:.1f})" if before else f"{cost:.2f}" for name, cost in costs.items()]
        curve.add_row(f"{words:,}", *cells)
        before = costs
    console = Console()
    console.print(table, curve, f"peak memory: {result['peak_memory'] / 1e6:.0f} MB")


@click.command(help=__doc__)
@click.option("--json", "as_json", is_flag=True, help="print JSON instead of tables")
def main(as_json: bool) -> None:
    """Run the benchmark."""
    result = run()
    if as_json:
        print(orjson.dumps(result, option=orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS).decode())
    else:
        show(result)


if __name__ == "__main__":
    main()
