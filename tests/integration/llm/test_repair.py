"""The repair round on a real ledger: a call of its own, of the same stage, paid and kept as any other."""

from collections.abc import AsyncIterator, Callable

import pytest

from pulse.kernel.tenant import TenantId
from pulse.llm.room import LlmRoom
from tests.doubles.fake_services import FakeNews
from tests.doubles.openai_server import OpenAiServer, Request, openai_server
from tests.integration.llm.test_ledger import rows
from tests.integration.llm.test_summarizing import FIRST, draft, summaries, summarize, told, with_model


@pytest.fixture
async def server() -> AsyncIterator[OpenAiServer]:
    async with openai_server() as double:
        yield double


def at_first(bad: str) -> Callable[[Request], str]:
    """Write something bad, and something good when asked again."""
    return lambda request: draft(FIRST) if "cannot be used" in request["messages"][1]["content"] else bad


async def test_a_draft_that_cannot_be_read_is_repaired_and_both_calls_are_paid(
    room: LlmRoom, news: FakeNews, tenant: TenantId, server: OpenAiServer
) -> None:
    server.reply = at_first("Here is your summary: it rains.")
    item = told(news, tenant)
    await summarize(with_model(room, server), tenant, item)
    (summary,) = await summaries(room, tenant)
    assert (summary.engine, summary.model) == ("openai", "small")
    assert [sentence.text for sentence in summary.sentences] == [FIRST]
    assert [(row["stage"], row["state"]) for row in await rows(room, tenant)] == [("draft", "answered")] * 2
    assert len(server.requests) == 2


async def test_after_one_repair_the_stage_fails_and_nothing_is_asked_again(
    room: LlmRoom, news: FakeNews, tenant: TenantId, server: OpenAiServer
) -> None:
    server.reply = lambda request: "I would rather write a poem."
    item = told(news, tenant)
    for _ in range(2):
        await summarize(with_model(room, server), tenant, item)
    (summary,) = await summaries(room, tenant)
    assert summary.engine == "extractive"
    (fallback,) = [stage for stage in summary.stages if stage["name"] == "fallback"]
    assert "llm.draft_unreadable" in fallback["output"]["reason"]
    assert len(server.requests) == 2
    assert len(await rows(room, tenant)) == 2
