"""From verified sentences to the text that is shown: claims rescued, disagreement stated, tone, language, length.

Whatever changes a sentence here is followed by its verification: nothing is shown that the gate has not seen as it is.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from pulse.llm import clauses, disagreement, refining, rewriting, tones, translation
from pulse.llm.errors import DraftUnreadable, ProviderError
from pulse.llm.extract import count_characters
from pulse.llm.guard import guarded
from pulse.llm.judges.port import JudgeFailed, Pair, checked
from pulse.llm.providers.port import Provider
from pulse.llm.shapes import Summary, SummarySentence, Usage, Verdict
from pulse.llm.verify.gate import decide
from pulse.llm.work import Work

Count = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a summary is to be like: `language` is the code it is to be in, `count` how its length is counted.

    `keywords` are what its niche is about; `lost` is a tone that the niche names and nobody has.
    """

    tone: tones.Tone | None = None
    language: str | None = None
    count: Count = count_characters
    keywords: tuple[str, ...] = ()
    lost: str | None = None


async def finish(work: Work, summary: Summary, wishes: Wishes, provider: Provider | None) -> Summary:
    """Return a summary that was sorted out as it is shown; what could not be had is named in `unavailable`."""
    before = summary.sentences
    summary = _disagreeing(work, summary)
    if wishes.tone is not None:
        summary = await _toned(work, summary, wishes.tone, provider)
    elif wishes.lost is not None:
        summary = replace(summary, unavailable=f"the niche's tone {wishes.lost} is not there any more")
    summary = _fitted(work, _standing(work, summary), wishes.count)
    if wishes.language and code_of(wishes.language) != (work.language or ""):
        summary = await _translated(work, summary, wishes.language, provider)
    if summary.sentences != before:
        await work.stage("shown", [sentence.text for sentence in summary.sentences], partial(_shown, summary))
    copies = frozenset(article.id for article in work.story.articles if not article.independent)
    confidence = refining.confidence(summary.sentences, (*summary.dropped, *summary.doubtful), copies)
    return replace(summary, confidence=confidence, stages=tuple(work.stages))


async def _shown(summary: Summary) -> Mapping[str, Any]:
    return {
        "sentences": [
            {"text": sentence.text, "verdict": sentence.verdict and sentence.verdict.as_dict()}
            for sentence in summary.sentences
        ]
    }


def code_of(language: str) -> str:
    """Return the code of a language tag: `pt` of `pt-BR`."""
    return language.lower().replace("_", "-").split("-")[0]


async def rescue(work: Work, summary: Summary, provider: Provider) -> Summary:
    """Sort out what a model wrote, and let those claims in that are proven where their whole sentence is not."""
    summary = sort_out(work, summary)
    return await _rescued(work, summary, provider) if summary.doubtful else summary


def _texts(work: Work) -> list[str]:
    return [article.text for article in work.story.articles if article.independent]


def sort_out(work: Work, summary: Summary) -> Summary:
    """Guard every sentence, and keep those apart that a person may decide on."""
    texts = _texts(work)
    looked = [_guarded(sentence, texts) for sentence in summary.sentences]
    others = [_guarded(sentence, texts) for sentence in summary.dropped]
    kept = tuple(sentence for sentence in looked if sentence.verdict and sentence.verdict.supported)
    refused = [sentence for sentence in looked if sentence not in kept]
    doubtful = tuple(sentence for sentence in others if sentence.verdict and sentence.verdict.needs_person)
    dropped = (*refused, *(sentence for sentence in others if sentence not in doubtful))
    return replace(summary, sentences=kept, dropped=dropped, doubtful=doubtful)


def _guarded(sentence: SummarySentence, texts: Sequence[str]) -> SummarySentence:
    if sentence.verdict is None:
        return sentence
    return replace(sentence, verdict=guarded(sentence.text, sentence.verdict, texts))


async def _verified(work: Work, name: str, sentences: Sequence[SummarySentence]) -> list[SummarySentence]:
    """Return sentences with the gate's verdicts on them as they are, kept as the stage `name`."""

    async def verify() -> Mapping[str, Any]:
        verdicts = await work.gate.verify([sentence.text for sentence in sentences], work.evidence)
        return {"verdicts": [verdict.as_dict() for verdict in verdicts]}

    texts = _texts(work)
    material = [work.gate.version, work.material, [sentence.text for sentence in sentences]]
    output = await work.stage(name, material, verify, refining.nothing_failed)
    judged = [
        refining.judged(sentence, Verdict.of(value))
        for sentence, value in zip(sentences, output["verdicts"], strict=True)
    ]
    return [_guarded(sentence, texts) for sentence in judged]


async def _asked(
    work: Work, provider: Provider, name: str, version: str, sentences: Sequence[SummarySentence], **values: object
) -> tuple[list[SummarySentence], Usage]:
    """Return what a model makes of sentences, each citing what those it is made from cite. Raises `ProviderError`."""
    texts = [sentence.text for sentence in sentences]

    async def ask() -> Mapping[str, Any]:
        answer = await provider.complete(replace(rewriting.request(version, texts, **values), stage=name))
        usage = [answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.estimated]
        return {"text": answer.text, "prompt": version, "model": answer.model, "usage": usage}

    material = [provider.name, provider.model, version, texts, {key: str(value) for key, value in values.items()}]
    output = await work.stage(name, material, ask)
    written = [
        SummarySentence(text, tuple(dict.fromkeys(cite for place in places for cite in sentences[place].citations)))
        for text, places in rewriting.read(output["text"], len(texts))
    ]
    return written, Usage(*output["usage"])


async def _rescued(work: Work, summary: Summary, provider: Provider) -> Summary:
    """Take what is not proven as a whole apart, and let the claims in that are proven by themselves."""
    by_clauses = [
        SummarySentence(clause, sentence.citations)
        for sentence in summary.doubtful
        for clause in clauses.split_claims(sentence.text, work.evidence.words)
    ]
    try:
        claims, usage = await _asked(
            work, provider, "claims", rewriting.FACTS, summary.doubtful, language=work.language or "of the material"
        )
        summary = _billed(summary, usage)
    except ProviderError as error:
        work.failed("claims", error)
        claims = by_clauses
    known = {sentence.text for sentence in (*summary.sentences, *summary.doubtful)}
    judged = await _verified(work, "claims verified", [claim for claim in claims if claim.text not in known])
    proven = [claim for claim in judged if claim.verdict and claim.verdict.supported]
    if not proven:
        return summary
    together = [*summary.sentences, *proven]
    try:
        values = {
            "language": work.language or "of the material",
            "characters": work.limits.max_characters,
            "maximum": work.limits.max_sentences,
        }
        written, usage = await _asked(work, provider, "refined again", rewriting.REFINE, together, **values)
        summary = _billed(summary, usage)
        refined = await _verified(work, "refined verified", written)
        if refined and all(sentence.verdict and sentence.verdict.supported for sentence in refined):
            together = refined
    except ProviderError as error:
        work.failed("refined again", error)
    kept, _ = refining.refine(together, work.limits, work.evidence.words, strict=True)
    return replace(summary, sentences=kept) if kept else summary


def _disagreeing(work: Work, summary: Summary) -> Summary:
    """State the first disagreement of the sources where the text has room for it."""
    found = disagreement.find(work.story.articles, work.evidence)
    if not found or not summary.sentences:
        return summary
    text = found[0].text(work.language)
    verdict = disagreement.prove(text, work.story.articles, work.evidence, work.language)
    if verdict is None:
        return summary
    stated = SummarySentence(text, verdict.citations, guarded(text, verdict, _texts(work)))
    # A sentence that takes a side would be contradicted by the next one: the statement takes its place.
    sides = set(verdict.citations)
    others = [sentence for sentence in summary.sentences if not sides & set(sentence.citations)]
    told = [sentence for sentence in summary.sentences if sides & set(sentence.citations)]
    if told:
        told = [replace(told[0], disputed_by=tuple(sides - set(told[0].citations)))]
    sentences = (*told, stated, *others)
    while len(sentences) > 2 and count_characters(" ".join(s.text for s in sentences)) > work.limits.max_characters:
        sentences = sentences[:-1]
    fits = count_characters(" ".join(s.text for s in sentences)) <= work.limits.max_characters
    return replace(summary, sentences=sentences) if fits and stated in sentences else summary


async def _toned(work: Work, summary: Summary, tone: tones.Tone, provider: Provider | None) -> Summary:
    summary = replace(summary, tone=tone.name)
    why = None
    if provider is not None and summary.sentences:
        values = {
            "language": work.language or "of the material",
            "characters": work.limits.max_characters,
            "instructions": tone.instructions,
            "examples": " / ".join(tone.examples) or "none",
        }
        try:
            written, usage = await _asked(work, provider, "tone", rewriting.TONE, summary.sentences, **values)
        except ProviderError as error:
            work.failed("tone", error)
            why = f"{error.code}: {error.message}"
        else:
            summary = _billed(summary, usage)
            judged = await _verified(work, "tone verified", written)
            proven = [
                # What a model says that it took a sentence from is no receipt.
                replace(sentence, citations=sentence.verdict.citations)
                for sentence in judged
                if sentence.verdict and sentence.verdict.supported
            ]
            others = [sentence for sentence in judged if sentence.verdict and not sentence.verdict.supported]
            waiting = tuple(sentence for sentence in others if _for_a_person(sentence))
            refused = [sentence for sentence in others if not _for_a_person(sentence)]
            # Each may be proven and the text still wrong: a model that turns the order round changes who "he" is.
            kept, leaning = refining.standing(tuple(dict.fromkeys(proven)), work.evidence.words)
            gone = (*refused, *leaning)
            summary = replace(summary, doubtful=(*summary.doubtful, *waiting), dropped=(*summary.dropped, *gone))
            if kept and not waiting and not gone:
                return replace(summary, sentences=kept)
            why = "the gate does not prove all that the model wrote in this tone"
    toned = tones.offline(tone.name, summary.sentences, work.evidence.words)
    unavailable = toned.unavailable and (f"{why}; {toned.unavailable}" if why else toned.unavailable)
    return replace(summary, sentences=toned.sentences, unavailable=unavailable)


def _standing(work: Work, summary: Summary) -> Summary:
    kept, leaning = refining.standing(summary.sentences, work.evidence.words)
    return replace(summary, sentences=kept, dropped=(*summary.dropped, *leaning))


def _fitted(work: Work, summary: Summary, count: Count) -> Summary:
    """Leave out the last sentences until the text fits, counted as the platform counts."""
    sentences = summary.sentences
    while sentences and count(replace(summary, sentences=sentences).text) > work.limits.max_characters:
        sentences = sentences[:-1]
    return replace(summary, sentences=sentences, reason=summary.reason or (None if sentences else "nothing_fits"))


async def _translated(work: Work, summary: Summary, target: str, provider: Provider | None) -> Summary:
    """Add a translation as sentences for a person; only a judge that reads both languages lets it pass by itself."""

    def unavailable(why: str) -> Summary:
        said = f"{summary.unavailable}; {why}" if summary.unavailable else why
        return replace(summary, unavailable=said)

    if provider is None:
        return unavailable(f"a text in {target} needs a model to translate it")
    try:
        written, usage = await _asked(
            work, provider, "translated", rewriting.TRANSLATE, summary.sentences, target=target
        )
        if len(written) != len(summary.sentences):
            raise DraftUnreadable("the translation has not as many sentences as the text")
    except ProviderError as error:
        work.failed("translated", error)
        return unavailable(f"{error.code}: {error.message}")
    summary = _billed(summary, usage)
    texts, code = _texts(work), code_of(target)
    judged = [
        replace(
            made,
            citations=original.citations,
            verdict=guarded(made.text, translation.compare(original, made.text, work.language, code), texts),
        )
        for original, made in zip(summary.sentences, written, strict=True)
    ]
    judged = await _judged_across(work, summary.sentences, judged)
    kept = tuple(sentence for sentence in judged if sentence.verdict and sentence.verdict.supported)
    if judged and len(kept) == len(judged):
        return replace(summary, sentences=kept, language=code)
    # What a judge found entailed waits as well: half a translation is none.
    waiting = tuple(sentence for sentence in judged if sentence in kept or _for_a_person(sentence))
    gone = tuple(sentence for sentence in judged if sentence not in waiting)
    summary = replace(summary, doubtful=(*summary.doubtful, *waiting), dropped=(*summary.dropped, *gone))
    return unavailable(f"the translation into {target} waits for a person: no judge found all of it to say the same")


def _for_a_person(sentence: SummarySentence) -> bool:
    return sentence.verdict is not None and sentence.verdict.needs_person


async def _judged_across(
    work: Work, originals: Sequence[SummarySentence], made: list[SummarySentence]
) -> list[SummarySentence]:
    """Let a judge decide on translations, if it says that it can judge across languages and has a threshold."""
    judge, threshold = work.gate.judge, work.gate.threshold
    open_ones = [place for place, sentence in enumerate(made) if _for_a_person(sentence)]
    if judge is None or threshold is None or not getattr(judge, "across_languages", False) or not open_ones:
        return made
    pairs = [Pair(originals[place].text, made[place].text) for place in open_ones]
    try:
        found = checked(await judge.judge(pairs), pairs)
    except JudgeFailed:
        return made
    judged = list(made)
    for place, entailment in zip(open_ones, found, strict=True):
        verdict = judged[place].verdict
        if verdict is not None:
            verdict = replace(
                decide(verdict, entailment, threshold, judge.weight), judge=f"{judge.name} {judge.version}"
            )
            judged[place] = replace(judged[place], verdict=verdict)
    return judged


def _billed(summary: Summary, usage: Usage) -> Summary:
    before = summary.usage or Usage(0, 0)
    total = Usage(
        before.prompt_tokens + usage.prompt_tokens,
        before.completion_tokens + usage.completion_tokens,
        before.estimated or usage.estimated,
    )
    return replace(summary, usage=total)
