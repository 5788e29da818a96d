"""`pulse summarize` and `pulse llm` on a real database: summaries, tones, budget, ledger, a checked text."""

from pathlib import Path

import pytest

from pulse.demo.server import DemoSite
from tests.integration.cli.test_cli_newsroom import feed
from tests.unit.cli.conftest import Call


@pytest.fixture
def article(pulse: Call, site: DemoSite, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("PULSE_FETCH__ALLOW_HOSTS", site.url.removeprefix("http://"))
    pulse("niches", "add", "technology")
    pulse("sources", "add", feed(site, "Kiln", "technology"), "--niche", "technology")
    found = pulse("fetch-articles", "--niche", "technology", "--count", "1", "--json").document["articles"]
    return str(found[0]["id"])


def test_an_article_is_summarised_checked_and_given_a_tone(pulse: Call, article: str, tmp_path: Path) -> None:
    first = pulse("summarize", article, "--json").document
    assert first["sentences"]
    assert all(sentence["verdict"]["supported"] for sentence in first["sentences"])
    assert pulse("summarize", article, "--json").document["id"] == first["id"], "the same input is summarised once"
    short = pulse("summarize", article, "--max-length", "140", "--json").document
    assert 0 < len(short["text"]) <= 140
    assert first["sentences"][0]["text"] in pulse("summarize", article).out

    true = first["sentences"][0]["text"]
    assert pulse("llm", "check", true, "--article", article).code == 0
    ended = pulse("llm", "check", "It cost 987654 crowns.", "--article", article, "--json")
    assert (ended.code, ended.document["sentences"][0]["verdict"]["supported"]) == (1, False)

    names = [tone["name"] for tone in pulse("llm", "tones", "--json").document["tones"]]
    assert {"casual_tone", "formal_tone", "question_hook", "statistic_lead"} <= set(names)
    assert pulse("summarize", article, "--tone", "statistic_lead", "--json").document["tone"] == "statistic_lead"
    ended = pulse("summarize", article, "--tone", "no_such_tone", "--json")
    assert (ended.code, ended.document["error"]["code"].partition(".")[0]) != (0, "pulse")
    (tmp_path / "text.txt").write_text("The bridge opened on Monday. It cost 40 million euros. Two people spoke.")
    found = pulse("summarize", "--text", tmp_path / "text.txt", "--json").document
    assert "40 million" in found["text"]


def test_a_niche_has_tones_of_its_own(pulse: Call) -> None:
    ended = pulse("llm", "set-tone", "technology", "dry", "--instructions", "Dry.", "--example", "It rained.", "--json")
    assert (ended.code, ended.document["name"]) == (0, "dry")
    assert "dry" in pulse("llm", "tones", "--niche", "technology").out
    assert pulse("llm", "remove-tone", "technology", "dry").code == 0
    assert pulse("llm", "remove-tone", "technology", "dry").code == 1


def test_the_budget_is_kept_and_the_ledger_is_empty_without_a_model(pulse: Call) -> None:
    assert pulse("llm", "budget", "--set-day", "2.5", "--set-month", "40", "--json").code == 0
    found = pulse("llm", "budget", "--set-day", "none", "--json").document
    assert (found["day"]["cap"], found["month"]["cap"]) == (None, 40)
    assert pulse("llm", "ledger", "--niche", "art", "--json").document == {"entries": [], "next_cursor": None}
    assert pulse("llm", "costs", "--by", "niche", "--json").document["costs"] == []
    assert "No model was called yet" in pulse("llm", "costs").out
