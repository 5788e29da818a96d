"""A text of any origin before the gate: each of its sentences as if a model had written it."""

from collections.abc import Sequence
from dataclasses import replace

from pulse.llm import disagreement, models, receipts, refining, stages, tones
from pulse.llm.extract import story_language
from pulse.llm.guard import guarded
from pulse.llm.sentences import split
from pulse.llm.shapes import Doubt, Layer, Reason, SummarySentence, Verdict
from pulse.llm.verify import Evidence
from pulse.llm.verify.gate import Gate
from pulse.news.models import Article


async def check(
    text: str, articles: Sequence[Article], language: str | None, gate: Gate
) -> list[models.SummarySentence]:
    """Return every sentence of a text with its verdict, given articles in a language (None: what theirs seems to be).

    What points back to a sentence that does not stand before it is not supported, whatever it says by itself.
    What Pulse composes over source sentences, a disagreement or a question, is proven by composing it again.
    """
    told = receipts.told(articles, language)
    language = story_language(told)
    evidence = Evidence(stages.source_sentences(told, language), language)
    sentences = [sentence.text for sentence in split(text, language)]
    verdicts = await gate.verify(sentences, evidence)
    known = [article.text for article in told.articles if article.independent]
    found: list[Verdict] = []
    before: SummarySentence | None = None
    for place, (sentence, verdict) in enumerate(zip(sentences, verdicts, strict=True)):
        composed = disagreement.prove(sentence, told.articles, evidence, language)
        if composed is None and place + 1 < len(sentences):
            composed = tones.prove_question(sentence, sentences[place + 1], verdicts[place + 1], evidence.words)
        verdict = guarded(sentence, composed or verdict, known)
        told_by = SummarySentence(sentence, verdict.citations, verdict)
        if verdict.supported and refining.leans(told_by, before, evidence.words):
            doubt = Reason(Doubt.DANGLING, "leans on a sentence that is not there")
            verdict = replace(
                verdict, supported=False, probability=0.0, reasons=(doubt,), proof=None, layer=Layer.RULES
            )
        before = told_by if verdict.supported else None
        found.append(verdict)
    places = receipts.Receipts(articles)
    return [
        places.sentence(sentence, verdict.citations, verdict, gate.version)
        for sentence, verdict in zip(sentences, found, strict=True)
    ]
