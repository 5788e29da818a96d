"""`pulse inspect claims`: verdicts on claims given as JSON lines."""

from collections.abc import AsyncIterator, Iterable, Mapping
from typing import Any

import orjson

from pulse.llm.sentences import split
from pulse.llm.shapes import Citation, SourceSentence, Verdict
from pulse.llm.verify import Evidence, of_text
from pulse.llm.verify.gate import RULES, Gate

LONGEST_LINE = 10_000_000
LONGEST_SOURCES = 1_000_000
LONGEST_TEXT = 100_000
MOST_SOURCES = 100


async def check_claims(lines: Iterable[str], gate: Gate = RULES) -> AsyncIterator[dict[str, Any]]:
    """Yield one answer for each line that is not blank, in order; an error is an answer too.

    A line is `{"id", "source", "text"}`, `source` a text or a list of texts, with an optional `language`. The answer is
    `{"id", "supported", "probability", "sentences"}`, and each sentence `{"text", "supported", "probability",
    "reasons", "citations", "layer", "judge", "entailment"}`. A text is supported when it has a sentence and all its
    sentences are; its probability is as good as the lowest of theirs. A line that cannot be read is answered not
    supported, with an `error`.
    """
    evidence: tuple[Any, Evidence] | None = None
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        identity: Any = None
        try:
            record = _record(line)
            identity = record.get("id")
            sources, text, language = _fields(record)
            if evidence is None or evidence[0] != (sources, language):
                evidence = (sources, language), Evidence(_sentences(sources, language), language)
            yield {"id": identity, **await check_text(text, evidence[1], gate)}
        except _BadLine as error:
            yield _error(identity, error.code, f"line {number}: {error}")
        except Exception as error:  # a claim that breaks the gate is an answer, and a claim not supported
            yield _error(identity, "failed", f"line {number}: {type(error).__name__}")


async def check_text(text: str, evidence: Evidence, gate: Gate = RULES) -> dict[str, Any]:
    """Judge every sentence of a text and the text as a whole."""
    sentences = [sentence.text for sentence in split(text, evidence.words.language)]
    found = list(zip(sentences, await gate.verify(sentences, evidence), strict=True))
    supported = bool(found) and all(verdict.supported for _, verdict in found)
    probability = of_text([verdict.probability for _, verdict in found], supported, evidence.in_order(text))
    texts = {sentence.citation: sentence.text for sentence in evidence.sentences}
    return {
        "supported": supported,
        "probability": round(probability, 4),
        "sentences": [_sentence(sentence, verdict, texts) for sentence, verdict in found],
    }


class _BadLine(ValueError):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def _record(line: str) -> dict[str, Any]:
    if len(line) > LONGEST_LINE:
        raise _BadLine("too_large", f"more than {LONGEST_LINE} characters")
    try:
        record = orjson.loads(line)
    except (orjson.JSONDecodeError, UnicodeError) as error:
        raise _BadLine("not_json", f"not JSON: {error}") from None
    if not isinstance(record, dict):
        raise _BadLine("not_an_object", "not a JSON object")
    return record


def _fields(record: dict[str, Any]) -> tuple[tuple[str, ...], str, str | None]:
    source, text, language = record.get("source"), record.get("text"), record.get("language")
    sources = [source] if isinstance(source, str) else source
    if (
        not isinstance(sources, list)
        or not all(isinstance(item, str) for item in sources)
        or len(sources) > MOST_SOURCES
    ):
        raise _BadLine("bad_source", f"`source` must be a text or a list of at most {MOST_SOURCES} texts")
    if sum(map(len, sources)) > LONGEST_SOURCES:
        raise _BadLine("too_large", f"`source` has more than {LONGEST_SOURCES} characters")
    if not isinstance(text, str):
        raise _BadLine("bad_text", "`text` must be a text")
    if len(text) > LONGEST_TEXT:
        raise _BadLine("too_large", f"`text` has more than {LONGEST_TEXT} characters")
    if language is not None and not isinstance(language, str):
        raise _BadLine("bad_language", "`language` must be a code like `en`")
    return tuple(sources), text, language


def _sentences(sources: tuple[str, ...], language: str | None) -> tuple[SourceSentence, ...]:
    return tuple(
        SourceSentence(str(number), sentence.index, sentence.text, language)
        for number, source in enumerate(sources)
        for sentence in split(source, language)
    )


def _sentence(text: str, verdict: Verdict, texts: Mapping[Citation, str]) -> dict[str, Any]:
    return {
        "text": text,
        "supported": verdict.supported,
        "probability": round(verdict.probability, 4),
        "reasons": [reason.as_dict() for reason in verdict.reasons],
        "citations": [
            {"source": _number(citation.article), "sentence": citation.index, "text": texts[citation]}
            for citation in verdict.citations
        ],
        "layer": str(verdict.layer),
        "judge": verdict.judge,
        "entailment": verdict.entailment,
    }


def _error(identity: Any, code: str, message: str) -> dict[str, Any]:
    return {
        "id": identity,
        "supported": False,
        "probability": 0.0,
        "sentences": [],
        "error": {"code": f"claims.{code}", "message": message},
    }


def _number(article: str) -> int | str:
    return int(article) if article.isdecimal() else article
