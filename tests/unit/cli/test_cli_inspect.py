"""`pulse inspect`: feeds, pages and claims as Pulse reads them, and errors as values."""

import gzip
import io
import json
import subprocess
import sys
from pathlib import Path

import pytest

from pulse.cli.inspect.claims import bounded
from tests.unit.cli.conftest import Call

FEED = """<?xml version="1.0"?>
<rss version="2.0"><channel><title>The \x85 Ledger</title><link>https://ledger.example/</link><language>en</language>
<item><title>Bridge &amp; tunnel open</title><link>/news/1</link><guid>one</guid><author>Edda Q</author>
<pubDate>Mon, 23 Nov 2026 09:00:00 GMT</pubDate>
<description>&lt;p&gt;The bridge opened.&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;</description></item>
</channel></rss>""".replace("\x85 ", "")


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    path = tmp_path / "feed.xml"
    path.write_text(FEED)
    return path


def test_entries_are_shown_as_pulse_reads_them(call: Call, feed: Path) -> None:
    ended = call("inspect", "feed", feed, "--url", "https://ledger.example/feed.xml", "--json")
    assert (ended.code, ended.err) == (0, "")
    document = ended.document
    assert document["error"] is None
    assert (document["feed"]["title"], document["feed"]["kind"]) == ("The Ledger", "rss")
    (entry,) = document["entries"]
    assert entry["title"] == "Bridge & tunnel open"
    assert entry["url"] == "https://ledger.example/news/1"
    assert entry["id"] == "one"
    assert entry["published"] == "2026-11-23T09:00:00+00:00"
    assert entry["text"] == "The bridge opened."
    assert "script" not in entry["html"]
    assert {"updated", "author", "language", "summary", "content", "categories", "enclosures"} < set(entry)


def test_people_get_a_table(call: Call, feed: Path) -> None:
    ended = call("inspect", "feed", feed)
    assert ended.code == 0
    assert "The Ledger (rss, en)" in ended.out
    assert "Bridge & tunnel open" in ended.out


def test_gzip_and_standard_input_are_read(call: Call, feed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packed = feed.with_suffix(".xml.gz")
    packed.write_bytes(gzip.compress(feed.read_bytes()))
    plain = call("inspect", "feed", feed, "--json").document["entries"]
    assert call("inspect", "feed", packed, "--json").document["entries"] == plain
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(feed.read_bytes())))
    assert call("inspect", "feed", "-", "--json").document["entries"] == plain


def test_a_bomb_is_not_unpacked(call: Call, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_FETCH__MAX_BYTES", "100000")
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(b" " * 5_000_000))
    ended = call("inspect", "feed", tmp_path / "bomb.gz", "--json")
    assert ended.document["error"]["code"] == "cli.unreadable_file"


@pytest.mark.parametrize("body", [b"", b"just words", b"<html><body>No</body></html>", b"\x00\xff" * 50, b"{}"])
def test_what_is_no_feed_is_an_error_as_a_value(call: Call, tmp_path: Path, body: bytes) -> None:
    (tmp_path / "no").write_bytes(body)
    ended = call("inspect", "feed", tmp_path / "no", "--json")
    assert ended.code in (1, 2)
    assert ended.err == ""
    assert ended.document["entries"] == []
    assert ended.document["error"]["next_step"]
    assert call("inspect", "feed", tmp_path / "no").code == ended.code


def test_a_private_address_is_refused(call: Call) -> None:
    ended = call("inspect", "feed", "http://127.0.0.1:9/feed", "--json")
    assert ended.code == 1
    assert ended.document["error"]["code"] == "fetch.address_refused"


def test_a_missing_file_is_a_bad_argument(call: Call, tmp_path: Path) -> None:
    assert call("inspect", "feed", tmp_path / "none.xml", "--json").code == 2


PAGE = (
    "<html lang='en'><head><title>Bridge opens</title><meta name='author' content='Edda Q'></head><body><nav>Home</nav>"
    "<article><h1>Bridge opens</h1>"
    + "".join(f"<p>The bridge over the Sorrel was opened by its engineers on day {n}.</p>" for n in range(9))
    + "</article></body></html>"
)


def test_the_article_of_a_page_is_shown(call: Call, tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text(PAGE)
    document = call("inspect", "page", tmp_path / "page.html", "--json").document
    assert document["error"] is None
    assert document["title"] == "Bridge opens"
    assert "The bridge over the Sorrel was opened by its engineers on day 8." in document["text"]
    assert "Home" not in document["text"]
    assert {"author", "published", "language", "canonical_url", "image_url"} < set(document)
    assert "The bridge over the Sorrel" in call("inspect", "page", tmp_path / "page.html").out


def test_a_page_without_an_article_is_an_error_as_a_value(call: Call, tmp_path: Path) -> None:
    (tmp_path / "empty.html").write_text("<html><body></body></html>")
    ended = call("inspect", "page", tmp_path / "empty.html", "--json")
    assert (ended.code, ended.document["text"]) == (1, "")
    assert ended.document["error"]["code"] == "cli.no_article"
    (tmp_path / "page.html").write_text(PAGE)
    assert set(ended.document) == set(call("inspect", "page", tmp_path / "page.html", "--json").document)


CLAIMS = [
    b'{"id": "a", "source": "It rained for 3 days in Port Aldous.", "text": "It rained for 5 days in Port Aldous."}',
    b'{"id": "b", "source": "It rained for 3 days in Port Aldous.", "text": "It rained for 3 days in Port Aldous."}',
    b"not json",
    b'{"id": "c", "source": "\xff", "text": "x"}',
    b'{"id": "d", "source": "It rained.", "text": "It rained."}',
]


def test_a_judge_is_named_for_one_run(call: Call, tmp_path: Path) -> None:
    claim = {"id": 1, "source": ["The council approved 40 new homes on Monday."], "language": "en"}
    claim["text"] = "Council approved 40 new homes on Monday."
    (tmp_path / "claims.jsonl").write_text(json.dumps(claim))
    without = call("inspect", "claims", "--jsonl", tmp_path / "claims.jsonl").document
    judged = call("inspect", "claims", "--jsonl", tmp_path / "claims.jsonl", "--judge", "compact").document
    assert (without["sentences"][0]["judge"], without["sentences"][0]["entailment"]) == (None, None)
    assert judged["sentences"][0]["judge"].startswith("pulse-compact-en ")
    wrong = call("inspect", "claims", "--jsonl", tmp_path / "claims.jsonl", "--judge", tmp_path)
    assert wrong.code == 2


def test_claims_are_answered_in_order_and_a_bad_line_harms_no_other(call: Call, tmp_path: Path) -> None:
    (tmp_path / "claims.jsonl").write_bytes(b"\n".join(CLAIMS))
    ended = call("inspect", "claims", "--jsonl", tmp_path / "claims.jsonl")
    answers = [json.loads(line) for line in ended.out.splitlines()]
    assert ended.code == 0
    assert [(one["id"], one["supported"]) for one in answers] == [
        ("a", False),
        ("b", True),
        (None, False),
        (None, False),
        ("d", True),
    ]
    assert ["error" in one for one in answers] == [False, False, True, True, False]
    (sentence,) = answers[0]["sentences"]
    assert sentence["reasons"][0]["code"] == "number"
    assert sentence["citations"]


def test_claims_are_answered_while_they_come(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pulse.cli", "inspect", "claims", "--jsonl", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for line in CLAIMS[:2]:
            process.stdin.write(line + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["id"] == json.loads(line)["id"]


def test_a_line_without_end_is_bounded() -> None:
    lines = list(bounded(io.StringIO("x" * 95 + "\nshort\n" + "y" * 30), 10))
    assert lines == ["x" * 10, "short\n", "y" * 10]
