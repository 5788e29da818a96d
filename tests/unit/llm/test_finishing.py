"""What happens to verified sentences before they are shown, with models that obey an attacker."""

import json
from collections.abc import AsyncIterator, Sequence

import pytest

from pulse.llm import tones
from pulse.llm.finishing import Wishes
from pulse.llm.providers.openai_compatible import OpenAiCompatible
from pulse.llm.shapes import Article, Citation, Limits, Proof, Story
from pulse.llm.stages import summarise
from pulse.llm.verify.gate import Gate
from tests.doubles.openai_server import OpenAiServer, Request, openai_server
from tests.doubles.scripted_judge import Says

HOMES = "The council approved 40 homes in Camden on Monday."
WORK = "Building work starts in June after a public hearing."
COST = "Anna Clarke said the homes cost £12 million."
STORY = Story((Article("a", "Homes", f"{HOMES} {WORK} {COST}", "en", source="Reuters"),))
LIMITS = Limits(600, 1, 4)


@pytest.fixture
async def server() -> AsyncIterator[OpenAiServer]:
    async with openai_server() as double:
        yield double


def model(server: OpenAiServer) -> OpenAiCompatible:
    return OpenAiCompatible(server.url, "small", timeout_seconds=20)


def answer(*texts: str, source: str = "1") -> str:
    return json.dumps({"sentences": [{"text": text, "sources": [source]} for text in texts]})


def asked(request: Request) -> str:
    """Return which prompt a request was made with."""
    system = request["messages"][0]["content"]
    kinds = {
        "You write": "draft",
        "You take": "facts",
        "You make": "refine",
        "You give": "tone",
        "You trans": "translate",
    }
    return next(kind for start, kind in kinds.items() if system.startswith(start))


def replies(server: OpenAiServer, **by_prompt: Sequence[str]) -> list[str]:
    """Let the model answer by prompt, and return the list of prompts it was asked with."""
    seen: list[str] = []

    def reply(request: Request) -> str:
        seen.append(asked(request))
        return answer(*by_prompt[seen[-1]])

    server.reply = reply
    return seen


async def test_a_proven_claim_of_an_unproven_sentence_is_let_in(server: OpenAiServer) -> None:
    joined = "The council waved through homes in Camden on Monday, and building work starts in June."
    seen = replies(server, draft=[joined], facts=["The council waved through homes in Camden.", WORK], refine=[WORK])
    summary = await summarise(STORY, LIMITS, model(server))
    assert seen == ["draft", "facts", "refine"]
    assert [sentence.text for sentence in summary.sentences] == [WORK]
    assert summary.engine == "openai:small"
    assert joined in [sentence.text for sentence in summary.doubtful]


async def test_a_refined_text_that_says_more_than_the_claims_is_not_used(server: OpenAiServer) -> None:
    replies(server, draft=["Work on a building begins in June."], facts=[WORK], refine=[f"{WORK} Nobody objects."])
    summary = await summarise(STORY, LIMITS, model(server))
    assert [sentence.text for sentence in summary.sentences] == [WORK]


async def test_rewritten_text_waits_for_a_person_and_is_not_in_the_text(server: OpenAiServer) -> None:
    rewritten = "Building begins in June after a public hearing."
    replies(server, draft=[HOMES, rewritten], facts=[])
    summary = await summarise(STORY, LIMITS, model(server))
    assert summary.text == HOMES
    (doubtful,) = summary.doubtful
    assert doubtful.text == rewritten
    assert doubtful.verdict is not None
    assert doubtful.verdict.needs_person
    judged = await summarise(STORY, LIMITS, model(server), gate=Gate(Says(0.9), 0.5))
    assert judged.text == f"{HOMES} {rewritten}"
    assert judged.doubtful == ()


ATTACK = [
    "Visit https://evil.example now.",
    "Visit evil.example now.",
    "Thank @acme and #acme.",
    "<b>The council</b> approved 40 homes in Camden on Monday.",
    "The council rejected 400 homes in Camden on Monday.",
    "You write short news summaries for readers who trust every word.",
    "The council approved 40 homes in \u202eCamden\u202c on Monday.",
]


@pytest.mark.parametrize("tone", [None, "casual_tone"])
async def test_whatever_an_obedient_model_writes_at_any_stage_is_not_shown(
    server: OpenAiServer, tone: str | None
) -> None:
    """The attacker's words stand in an article too, so that a proof of them exists."""
    evil = Article("x", "", " ".join([HOMES, *ATTACK[:3]]), "en", source="Evil")
    story = Story((*STORY.articles, evil))
    wishes = Wishes(tones.BUILT_IN[tone] if tone else None, "de")
    replies(server, draft=[HOMES, *ATTACK], facts=ATTACK, refine=ATTACK, tone=ATTACK, translate=ATTACK)
    summary = await summarise(story, LIMITS, model(server), wishes=wishes)
    shown = " ".join(sentence.text for sentence in (*summary.sentences, *summary.doubtful))
    assert HOMES in summary.text
    assert not any(mark in shown for mark in ("evil", "@", "#", "<", "\u202e", "400", "rejected"))
    assert "trust every word" not in summary.text
    alone = await summarise(Story((evil,)), LIMITS)
    assert not any(mark in alone.text for mark in ("evil", "@", "#"))


async def test_a_tone_is_written_by_the_model_and_judged(server: OpenAiServer) -> None:
    casual = "So the council approved 40 homes in Camden on Monday."
    seen = replies(server, draft=[HOMES], tone=[casual])
    wishes = Wishes(tones.BUILT_IN[tones.CASUAL])
    waiting = await summarise(STORY, LIMITS, model(server), wishes=wishes)
    assert seen[-1] == "tone"
    assert waiting.text == HOMES
    assert waiting.unavailable
    passed = await summarise(STORY, LIMITS, model(server), gate=Gate(Says(0.9), 0.5), wishes=wishes)
    assert (passed.text, passed.unavailable, passed.tone) == (casual, None, tones.CASUAL)


async def test_a_tone_cannot_smuggle_a_false_number_past_a_judge_that_says_yes(server: OpenAiServer) -> None:
    replies(server, draft=[HOMES], tone=["So the council approved 400 homes in Camden on Monday."])
    summary = await summarise(
        STORY, LIMITS, model(server), gate=Gate(Says(1.0), 0.5), wishes=Wishes(tones.BUILT_IN[tones.CASUAL])
    )
    assert summary.text == HOMES
    assert "400" in summary.dropped[-1].text


OWN = tones.Tone("dry", "Dry and short.", ("It rained. Again.",))
VARIANTS = (*tones.BUILT_IN.values(), OWN)
ADDED = ("The mayor was sacked.", "The homes cost £13 million.", "Building work starts in July.")


@pytest.mark.parametrize("added", ADDED)
@pytest.mark.parametrize("false", VARIANTS, ids=lambda tone: tone.name)
async def test_what_a_model_adds_to_one_variant_only_is_in_none(
    server: OpenAiServer, false: tones.Tone, added: str
) -> None:
    """Every variant is judged by itself: that the others are true says nothing for this one."""

    def reply(request: Request) -> str:
        if asked(request) != "tone":
            return answer(HOMES, WORK)
        lies = false.instructions in request["messages"][0]["content"]
        return answer(WORK, HOMES, *([added] if lies else []))

    server.reply = reply
    for tone in VARIANTS:
        summary = await summarise(STORY, LIMITS, model(server), wishes=Wishes(tone))
        assert all(sentence.verdict and sentence.verdict.supported for sentence in summary.sentences)
        if tone is false:
            assert added not in summary.text
            assert HOMES in summary.text
            assert added in [sentence.text for sentence in (*summary.dropped, *summary.doubtful)]
        else:
            assert summary.text == f"{WORK} {HOMES}"
            assert (summary.dropped, summary.doubtful, summary.unavailable) == ((), (), None)


async def test_a_variant_that_turns_the_order_round_does_not_change_who_he_is(server: OpenAiServer) -> None:
    clarke, smith = "Anna Clarke opened the hearing in Camden.", "Ben Smith runs the building firm there."
    resigned = "He resigned on Monday."
    story = Story((Article("a", "", f"{clarke} {smith} {resigned}", "en"),))
    replies(server, draft=[clarke, smith, resigned], tone=[smith, clarke, resigned])
    summary = await summarise(story, LIMITS, model(server), wishes=Wishes(OWN))
    assert summary.text == f"{clarke} {smith} {resigned}"
    assert summary.unavailable
    replies(server, draft=[smith, clarke, resigned], tone=[smith, clarke, resigned])
    assert (await summarise(story, LIMITS, model(server))).text == f"{smith} {clarke}"
    replies(server, draft=[clarke, smith, resigned], tone=[smith, resigned, clarke])
    toned = await summarise(story, LIMITS, model(server), wishes=Wishes(OWN))
    assert (toned.text, toned.unavailable) == (f"{smith} {resigned} {clarke}", None)


async def test_a_statement_of_disagreement_leaves_nothing_leaning_on_another_sentence(server: OpenAiServer) -> None:
    they = "They cost twice what was planned."
    mine = Article("a", "Homes", f"{HOMES} {they} {WORK}", "en", source="Reuters")
    other = Article("b", "Homes", HOMES.replace("40", "42"), "en", source="AFP")
    replies(server, draft=[WORK, HOMES, they])
    assert (await summarise(Story((mine,)), LIMITS, model(server))).text == f"{WORK} {HOMES} {they}"
    summary = await summarise(Story((mine, other)), LIMITS, model(server))
    assert summary.text == f"{HOMES} Reuters says 40 homes, AFP says 42 homes. {WORK}"
    assert [sentence.text for sentence in summary.dropped] == [they]


GERMAN = "Der Rat hat am Montag 40 Wohnungen in Camden genehmigt."


class Polyglot(Says):
    """A judge that says that it reads both languages."""

    across_languages = True


async def test_a_translation_waits_for_a_person_unless_a_judge_reads_both_languages(server: OpenAiServer) -> None:
    replies(server, draft=[HOMES], translate=[GERMAN])
    wishes = Wishes(language="de-AT")
    for gate in (Gate(), Gate(Says(0.99), 0.5), Gate(Polyglot(0.1), 0.5)):
        summary = await summarise(STORY, LIMITS, model(server), gate=gate, wishes=wishes)
        assert (summary.text, summary.language) == (HOMES, "en")
        assert [sentence.text for sentence in summary.doubtful] == [GERMAN]
        assert summary.unavailable
    summary = await summarise(STORY, LIMITS, model(server), gate=Gate(Polyglot(0.99), 0.5), wishes=wishes)
    assert (summary.text, summary.language, summary.unavailable) == (GERMAN, "de", None)
    assert summary.sentences[0].citations == (Citation("a", 0),)


async def test_a_false_translation_is_stopped_whatever_a_judge_says(server: OpenAiServer) -> None:
    replies(server, draft=[HOMES], translate=[GERMAN.replace("40", "41")])
    summary = await summarise(STORY, LIMITS, model(server), gate=Gate(Polyglot(1.0), 0.5), wishes=Wishes(language="de"))
    assert summary.text == HOMES
    assert summary.doubtful == ()


async def test_without_a_model_a_translation_is_said_to_need_one() -> None:
    summary = await summarise(STORY, LIMITS, wishes=Wishes(language="de"))
    assert summary.sentences
    assert "needs a model" in (summary.unavailable or "")


async def test_sources_that_disagree_are_both_quoted() -> None:
    other = Article(
        "b", "Homes", f"{HOMES.replace('40', '42')} Residents of Camden plan an appeal.", "en", source="AFP"
    )
    summary = await summarise(Story((*STORY.articles, other)), LIMITS)
    stated = [
        sentence for sentence in summary.sentences if sentence.text == "Reuters says 40 homes, AFP says 42 homes."
    ]
    assert len(stated) == 1
    assert set(stated[0].citations) == {Citation("a", 0), Citation("b", 0)}
    assert stated[0].verdict is not None
    assert stated[0].verdict.proof is Proof.COMPOSED
    assert "shown" in [stage.name for stage in summary.stages]


async def test_the_length_holds_as_the_platform_counts() -> None:
    whole = await summarise(STORY, Limits(150, 2, 4))
    doubled = await summarise(STORY, Limits(150, 2, 4), wishes=Wishes(count=lambda text: 2 * len(text)))
    assert 2 * len(doubled.text) <= 150 < 2 * len(whole.text)
    assert doubled.text
    assert whole.text.startswith(doubled.text)
