"""A text checked against a story's sources; copies of one text counted once; stages that outlive a crash."""

from collections.abc import AsyncIterator

import pytest

from pulse.kernel.tenant import TenantId
from pulse.llm import handlers, receipts
from pulse.llm.room import LlmRoom
from pulse.llm.shapes import Citation, Verdict
from tests.doubles.fake_services import FakeNews, article
from tests.doubles.openai_server import OpenAiServer, openai_server
from tests.doubles.service_http import ServiceHttp, problem
from tests.integration.llm.test_summarizing import FIRST, SECOND, summaries, told, with_model


@pytest.fixture
async def server() -> AsyncIterator[OpenAiServer]:
    async with openai_server() as double:
        yield double


async def test_each_sentence_of_a_text_gets_its_verdict(http: ServiceHttp, news: FakeNews, tenant: TenantId) -> None:
    item = told(news, tenant)
    text = f"{SECOND} The council waved through 40 homes in Camden. The council approved 41 homes in Camden."
    answer = await http.ask("POST", "/llm/check", tenant, json={"story_id": str(item.id), "text": text})
    assert answer.status_code == 200
    proven, rewritten, false = answer.json()["sentences"]
    assert proven["verdict"]["supported"]
    assert proven["verdict"]["layer"] == "proof"
    assert proven["citations"][0]["quote"] == SECOND
    assert (rewritten["verdict"]["supported"], rewritten["verdict"]["needs_person"]) == (False, True)
    assert (false["verdict"]["supported"], false["verdict"]["needs_person"]) == (False, False)
    assert false["verdict"]["reasons"] == ["number: 41"]


async def test_a_question_of_pulses_own_is_proven_by_its_answer_alone(
    http: ServiceHttp, news: FakeNews, tenant: TenantId
) -> None:
    answer = "Anna Clarke resigned on Monday in Camden."
    item = told(news, tenant, answer)

    async def supported(text: str) -> list[bool]:
        wanted = {"story_id": str(item.id), "text": text}
        found = (await http.ask("POST", "/llm/check", tenant, json=wanted)).json()["sentences"]
        return [sentence["verdict"]["supported"] for sentence in found]

    assert await supported(f"What is known about Anna Clarke? {answer}") == [True, True]
    assert await supported("What is known about Anna Clarke? Anna Clarke resigned on Friday in Camden.") == [False] * 2
    assert await supported(f"{answer} What is known about Anna Clarke?") == [True, False]


async def test_a_proven_sentence_behind_another_one_than_its_own_is_not_supported(
    http: ServiceHttp, news: FakeNews, tenant: TenantId
) -> None:
    clarke, smith, resigned = "Anna Clarke opened the hearing.", "Ben Smith runs the firm there.", "He resigned."
    item = told(news, tenant, f"{clarke} {smith} {resigned}")

    async def verdicts(text: str) -> list[tuple[bool, list[str]]]:
        wanted = {"story_id": str(item.id), "text": text}
        found = (await http.ask("POST", "/llm/check", tenant, json=wanted)).json()["sentences"]
        return [(sentence["verdict"]["supported"], sentence["verdict"]["reasons"]) for sentence in found]

    assert await verdicts(f"{clarke} {smith} {resigned}") == [(True, [])] * 3
    leaning = (False, ["dangling: leans on a sentence that is not there"])
    assert await verdicts(f"{smith} {clarke} {resigned}") == [(True, []), (True, []), leaning]
    assert await verdicts(resigned) == [leaning]


async def test_a_check_needs_known_sources(http: ServiceHttp, tenant: TenantId) -> None:
    both = await http.ask("POST", "/llm/check", tenant, json={"text": "It rained."})
    assert both.status_code == 422
    unknown = await http.ask(
        "POST", "/llm/check", tenant, json={"text": "It rained.", "story_id": "01890a5d-ac96-774b-bcce-b302099a8057"}
    )
    assert problem(unknown, 404)["code"] == "news.unknown_story"


def test_copies_of_one_text_are_one_independent_source() -> None:
    wire, other = article(FIRST), article(FIRST)
    copy = article(FIRST).model_copy(update={"copy_of": wire.id})
    told_story = receipts.told([wire, copy, other], "en")
    assert [report.independent for report in told_story.articles] == [True, False, True]
    everywhere = [Citation(str(report.id), 0) for report in (wire, copy, other)]
    shown = receipts.Receipts([wire, copy, other]).sentence(FIRST, everywhere, Verdict(True, 0.99), "2")
    assert len(shown.citations) == 3
    assert shown.independent_sources == 2


async def test_a_crash_after_a_paid_answer_pays_nothing_again(
    room: LlmRoom, news: FakeNews, tenant: TenantId, server: OpenAiServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.reply = lambda _: f'{{"sentences": [{{"text": "{SECOND}", "sources": ["1.1"]}}]}}'
    item = told(news, tenant)
    written = with_model(room, server)

    async def crash(*_: object) -> None:
        raise SystemExit("killed")

    with monkeypatch.context() as patch:
        patch.setattr(handlers, "keep", crash)
        with pytest.raises(SystemExit):
            await handlers.summarize_stories(written, tenant, {"stories": [str(item.id)]})
    assert await summaries(room, tenant) == []
    await handlers.summarize_stories(written, tenant, {"stories": [str(item.id)]})
    assert len(server.requests) == 1
    [summary] = await summaries(room, tenant)
    assert summary.text == SECOND
