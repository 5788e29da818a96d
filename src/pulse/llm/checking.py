"""A text of any origin before the gate: each of its sentences as if a model had written it."""

from collections.abc import Sequence

from pulse.llm import disagreement, receipts, stages, tones
from pulse.llm.extract import story_language
from pulse.llm.guard import guarded
from pulse.llm.models import SummarySentence
from pulse.llm.sentences import split
from pulse.llm.verify import Evidence
from pulse.llm.verify.gate import Gate
from pulse.news.models import Article


async def check(text: str, articles: Sequence[Article], language: str | None, gate: Gate) -> list[SummarySentence]:
    """Return every sentence of a text with its verdict, given articles in a language (None: what theirs seems to be).

    What Pulse composes over source sentences, a disagreement or a question, is proven by composing it again.
    """
    told = receipts.told(articles, language)
    language = story_language(told)
    evidence = Evidence(stages.source_sentences(told, language), language)
    sentences = [sentence.text for sentence in split(text, language)]
    verdicts = await gate.verify(sentences, evidence)
    known = [article.text for article in told.articles if article.independent]
    found = []
    for place, (sentence, verdict) in enumerate(zip(sentences, verdicts, strict=True)):
        composed = disagreement.prove(sentence, told.articles, evidence, language)
        if composed is None and place + 1 < len(sentences):
            composed = tones.prove_question(sentence, sentences[place + 1], verdicts[place + 1], evidence.words)
        found.append(guarded(sentence, composed or verdict, known))
    places = receipts.Receipts(articles)
    return [
        places.sentence(sentence, verdict.citations, verdict, gate.version)
        for sentence, verdict in zip(sentences, found, strict=True)
    ]
