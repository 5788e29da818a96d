"""`pulse inspect feed`: entries as Pulse reads them, and errors as values."""

import gzip
import io
from pathlib import Path

import pytest
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
