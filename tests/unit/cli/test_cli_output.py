"""What is written where: hostile text, pipes, JSON."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from pulse.cli.output import Output, plain, when


class Model(BaseModel):
    at: datetime


@given(st.text())
def test_nothing_a_terminal_obeys_is_left(text: str) -> None:
    shown = plain(text)
    assert all(character == "\n" or ord(character) >= 32 for character in shown)
    assert not any(0x7F <= ord(character) <= 0x9F for character in shown)
    assert not set(shown) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def test_escape_sequences_and_markup_of_a_feed_are_shown_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(json=False)
    output.line("\x1b[31mred\x1b]0;title\x07 [bold]not bold[/bold]")
    output.table(("title",), [("\x1b[2Jgone [red]x[/red]",)], empty="")
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "[bold]not bold[/bold]" in out
    assert "[red]x[/red]" in out


def test_with_json_only_the_document_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    output = Output(json=True)
    output.line("a line")
    output.note("a note")
    output.table(("a",), [("b",)], empty="nothing")
    with output.progress() as progress:
        progress.stage("work", 3)
        progress.advance()
    moment = datetime(2026, 11, 23, 9, tzinfo=UTC)
    output.document({"id": UUID(int=7), "at": moment, "path": Path("/a"), "many": {1}, "model": Model(at=moment)})
    captured = capsys.readouterr()
    assert captured.err == ""
    assert captured.out.count("\n") == 1
    assert json.loads(captured.out) == {
        "id": "00000000-0000-0000-0000-000000000007",
        "at": "2026-11-23T09:00:00+00:00",
        "path": "/a",
        "many": [1],
        "model": {"at": "2026-11-23T09:00:00Z"},
    }


def test_a_table_is_not_cut_for_a_pipe(capsys: pytest.CaptureFixture[str]) -> None:
    identity = str(UUID(int=2**127))
    Output(json=False).table(("id", "text", "n#"), [(identity, "word " * 20, 5)], empty="")
    lines = capsys.readouterr().out.splitlines()
    assert any(identity in line and ("word " * 20).strip() in line and line.rstrip().endswith("5") for line in lines)


def test_an_empty_table_says_what_to_do(capsys: pytest.CaptureFixture[str]) -> None:
    Output(json=False).table(("id",), [], empty="None yet. `pulse up` makes some.")
    assert capsys.readouterr().out == "None yet. `pulse up` makes some.\n"


def test_moments_are_in_the_readers_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        assert when("2026-11-23T09:00:00+00:00") == "2026-11-23 14:30"
    finally:
        monkeypatch.undo()
        time.tzset()
    assert when(None) == ""
