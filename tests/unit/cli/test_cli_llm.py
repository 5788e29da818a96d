"""`pulse llm` and `pulse summarize`: what they ask the llm service, what they print, and how they end."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from pulse.cli.why import spent
from pulse.http.tokens import Tokens, new_key
from tests.doubles.fake_peers import FakePulse
from tests.doubles.newsroom import newsroom, uid
from tests.unit.cli.conftest import Call

STORY = str(uid("cable"))


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> FakePulse:
    fake = FakePulse(newsroom(), Tokens(new_key()))
    peers = fake.peers()

    @asynccontextmanager
    async def opened(*_: object, **__: object) -> AsyncIterator[Any]:
        yield SimpleNamespace(peer=lambda caller, service: peers[service])

    for command in ("llm", "summarize"):
        monkeypatch.setattr(f"pulse.cli.{command}.opened", opened)
    return fake


def asked(service: FakePulse) -> list[tuple[str, str, Any]]:
    return [(method, path, body) for method, path, body, _ in service.requests]


def test_two_prompts_are_shown_side_by_side(call: Call, service: FakePulse, tmp_path: Path) -> None:
    (tmp_path / "terser.md").write_text("Write one sentence.")
    ended = call("llm", "try", STORY, "--prompt", tmp_path / "terser.md", "--json")
    assert ended.code == 0
    assert len(ended.document["current"]["sentences"]) > len(ended.document["other"]["sentences"]) == 1
    assert asked(service)[-1] == ("POST", "/llm/try", {"story_id": STORY, "prompt": "Write one sentence."})
    said = call("llm", "try", STORY, "--prompt", tmp_path / "terser.md").out
    assert said.index("The prompt in use") < said.index("draft-2") < said.index("terser.md") < said.index("tried")


def test_what_the_service_refuses_keeps_its_code_and_next_step(call: Call, service: FakePulse, tmp_path: Path) -> None:
    (tmp_path / "prompt").write_text("no model")
    ended = call("llm", "try", STORY, "--prompt", tmp_path / "prompt", "--json")
    assert ended.code == 1
    assert ended.document["error"] == {
        "code": "llm.no_model",
        "message": "no model is set",
        "next_step": "Set a provider and a model, and try again.",
    }


def test_a_prompt_that_cannot_be_read_is_a_bad_argument(call: Call, service: FakePulse, tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for file in (tmp_path / "missing", tmp_path / "binary", tmp_path):
        ended = call("llm", "try", STORY, "--prompt", file, "--json")
        assert (ended.code, ended.document["error"]["code"]) == (2, "cli.unreadable_file")
    assert service.requests == []


def test_a_text_is_checked_and_the_exit_code_says_whether_all_of_it_is_supported(
    call: Call, service: FakePulse
) -> None:
    story = next(item for item in service.room.stories if item["id"] == STORY)
    true = story["articles"][0]["content"].partition(".")[0] + "."
    ended = call("llm", "check", true, "--story", STORY, "--json")
    assert (ended.code, [one["verdict"]["supported"] for one in ended.document["sentences"]]) == (0, [True])
    ended = call("llm", "check", f"{true} It cost 987654 crowns.", "--story", STORY, "--json")
    assert (ended.code, [one["verdict"]["supported"] for one in ended.document["sentences"]]) == (1, [True, False])
    said = call("llm", "check", "It cost 987654 crowns.", "--story", STORY).out
    assert "not supported" in said
    assert "number 987654" in said
    assert "judge pulse-entail/1" in said
    # Nothing to check is nothing proven.
    assert call("llm", "check", "no sentence", "--story", STORY, "--json").code == 1
    assert call("llm", "check", "Without sources.", "--json").code == 2


def test_the_budget_is_shown_and_one_cap_is_set_without_touching_the_other(call: Call, service: FakePulse) -> None:
    before = call("llm", "budget", "--json").document
    ended = call("llm", "budget", "--set-day", "2.5", "--json")
    assert ended.code == 0
    assert (ended.document["day"]["cap"], ended.document["month"]["cap"]) == (2.5, before["month"]["cap"])
    assert call("llm", "budget", "--set-month", "none", "--json").document["month"]["cap"] is None
    said = call("llm", "budget").out
    assert "$2.50" in said
    assert "none" in said


@pytest.mark.parametrize("amount", ["-1", "many", "nan", "inf", ""])
def test_an_amount_that_is_none_is_refused(call: Call, service: FakePulse, amount: str) -> None:
    ended = call("llm", "budget", "--set-day", amount, "--json")
    assert (ended.code, ended.document["error"]["code"]) == (2, "cli.bad_arguments")
    assert service.requests == []


def test_the_ledger_lists_calls_with_their_cost(call: Call, service: FakePulse) -> None:
    ended = call("llm", "ledger", "--limit", "2", "--json")
    assert len(ended.document["entries"]) == 2
    assert "$0.0041" in call("llm", "ledger").out
    service.room.ledger.clear()
    assert "No model was called yet" in call("llm", "ledger").out


@pytest.mark.parametrize(
    "words", [(), ("01997c0e-5f0a-7b8e-9d51-0d8a6f6f1a11", "--story", STORY), ("--story", STORY, "--text", "-")]
)
def test_exactly_one_thing_is_summarised(call: Call, service: FakePulse, words: tuple[str, ...]) -> None:
    ended = call("summarize", *words, "--json")
    assert (ended.code, ended.document["error"]["code"]) == (2, "cli.bad_arguments")


async def test_the_cost_of_a_story_is_the_sum_of_all_pages_of_its_ledger() -> None:
    call = {"prompt_tokens": 100, "completion_tokens": 10, "cost": 0.001}
    pages = {None: ([call, call], "next"), "next": ([call], None)}

    class Ledger:
        async def ask(self, method: str, path: str, tenant: Any, *, json: Any, query: dict[str, Any]) -> Any:
            assert (method, path, query["story_id"]) == ("GET", "/llm/ledger", STORY)
            entries, cursor = pages[query["cursor"]]
            return {"entries": entries, "next_cursor": cursor}

    pulse: Any = SimpleNamespace(peer=lambda caller, service: Ledger())
    assert await spent(pulse, STORY) == {
        "calls": 3,
        "prompt_tokens": 300,
        "completion_tokens": 30,
        "dollars": 0.003,
    }
