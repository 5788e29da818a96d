"""A newsroom run by hand: every command that reads or changes something, on a real database."""

import sys
from pathlib import Path

import pytest

from pulse.demo.server import DemoSite
from tests.unit.cli.conftest import Call

NOBODYS = "01997c0e-5f0a-7b8e-9d51-0d8a6f6f1a11"


@pytest.fixture
def reachable(site: DemoSite, monkeypatch: pytest.MonkeyPatch) -> DemoSite:
    monkeypatch.setenv("PULSE_FETCH__ALLOW_HOSTS", site.url.removeprefix("http://"))
    return site


def feed(site: DemoSite, name: str, niche: str = "science") -> str:
    return next(one.url for one in site.feeds if name in one.name and one.niche == niche)


def test_empty_lists_say_what_to_do_next(pulse: Call) -> None:
    for words in (("posts", "list"), ("channel", "list"), ("niches", "list"), ("sources", "list")):
        ended = pulse(*words)
        assert ended.code == 0
        assert "`pulse " in ended.out
        assert next(iter(pulse(*words, "--json").document.values())) == []
    assert "empty" in pulse("queue").out


def test_niches_are_added_and_changed(pulse: Call) -> None:
    added = pulse("niches", "add", "deep-sea", "--keyword", "vent", "--language", "en", "--json").document
    assert (added["name"], added["keywords"], added["autopilot"]) == ("deep-sea", ["vent"], False)
    assert pulse("niches", "add", "deep-sea").code == 1
    assert pulse("niches", "add", "Deep Sea!").code == 2
    words = ("niches", "set", "deep-sea", "--autopilot", "--daily-limit", "3", "--no-keywords", "--story-language")
    changed = pulse(*words, "--json").document
    assert (changed["autopilot"], changed["daily_limit"]) == (True, 3)
    assert (changed["keywords"], changed["language"]) == ([], None)
    assert pulse("niches", "set", "deep-sea", "--tone", "dry", "--json").document["tone"] == "dry"
    assert "dry" in pulse("niches", "list").out
    assert pulse("niches", "set", "deep-sea", "--no-tone", "--json").document["tone"] is None
    kept = pulse("niches", "set", "deep-sea", "--title", "Down there", "--json").document
    assert (kept["title"], kept["autopilot"], kept["daily_limit"]) == ("Down there", True, 3)
    assert pulse("niches", "list", "--json").document["niches"] == [kept]
    assert pulse("niches", "set", "none", "--title", "x").code == 1


def test_channels_are_added_changed_and_removed(pulse: Call) -> None:
    added = pulse("channel", "add", "site", "--name", "Site", "--niche", "science", "--json").document
    assert (added["kind"], added["niches"], added["has_secret"]) == ("site", ["science"], False)
    assert pulse("channel", "add", "site", "--name", "Site").code == 1
    assert pulse("channel", "add", "gopher", "--name", "x").code == 2
    assert pulse("channel", "add", "site", "--name", "y", "--setting", "color=red").code == 2
    assert pulse("channel", "pause", "Site", "--json").document["paused"] is True
    assert pulse("channel", "resume", added["id"], "--json").document["paused"] is False
    changed = pulse("channel", "change", "Site", "--name", "Page", "--all-niches", "--json").document
    assert (changed["name"], changed["niches"]) == ("Page", [])
    assert pulse("channel", "remove", "Page").code == 0
    assert pulse("channel", "remove", "Page").code == 1


@pytest.mark.parametrize("words", [(), ("--secret-env", "NOWHERE"), ("--secret-file", "/nowhere/token")])
def test_a_channel_without_its_secret_is_refused_and_says_how_to_give_it(pulse: Call, words: tuple[str, ...]) -> None:
    ended = pulse("channel", "add", "mastodon", "--name", "T", "--server", "https://mastodon.example", *words, "--json")
    assert ended.code == 2
    assert ended.document["error"]["code"] in ("cli.no_secret", "cli.unreadable_file")


def test_the_secret_given_does_not_come_out_again(pulse: Call, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("t0psecret\n")
    words = ("--name", "T", "--server", "https://127.0.0.1:9", "--secret-file", tmp_path / "token")
    ended = pulse("channel", "add", "mastodon", *words)
    assert ended.code in (1, 2), "the server cannot be reached, so the account is not added"
    assert "t0psecret" not in ended.out + ended.err
    assert pulse("channel", "list", "--json").document == {"channels": []}


def test_sources_are_added_polled_exported_and_removed(pulse: Call, reachable: DemoSite, tmp_path: Path) -> None:
    pulse("niches", "add", "science")
    found = pulse("sources", "add", reachable.url + "/saltmarsh/", "--niche", "science", "--json").document
    assert found["url"].endswith(".rdf")
    assert found["other_feeds"]
    added = pulse("sources", "add", feed(reachable, "Lattice"), "--niche", "science", "--json").document
    assert pulse("sources", "add", feed(reachable, "Lattice"), "--niche", "science").code == 1
    assert pulse("sources", "add", feed(reachable, "Lattice"), "--niche", "nowhere").code == 1
    report = pulse("sources", "poll", added["id"], "--json").document
    assert (report["sources"], report["failed"]) == (1, 0)
    assert report["discovered"] > 0
    assert report["stored"] == report["discovered"]
    again = pulse("sources", "poll", "--niche", "science", "--json").document
    assert again["unchanged"] == 1, "the one asked before answers that nothing has changed"
    listed = pulse("sources", "list", "--niche", "science", "--json").document["sources"]
    assert {one["state"] for one in listed} == {"ok"}
    assert pulse("sources", "pause", added["id"], "--json").document["paused"] is True
    assert pulse("sources", "poll", "--json").document["sources"] == 1
    assert pulse("sources", "resume", added["id"], "--json").document["paused"] is False
    assert pulse("sources", "set", added["id"], "--authority", "0.9", "--json").document["authority"] == 0.9
    exported = pulse("sources", "export").out
    (tmp_path / "list.opml").write_text(exported)
    pulse("niches", "add", "copy")
    assert pulse("sources", "import", tmp_path / "list.opml", "--niche", "copy", "--json").document["added"] == 2
    assert pulse("sources", "remove", added["id"]).code == 0
    assert pulse("sources", "remove", added["id"]).code == 1


def test_articles_are_fetched(pulse: Call, reachable: DemoSite) -> None:
    pulse("niches", "add", "technology")
    pulse("sources", "add", feed(reachable, "Kiln", "technology"), "--niche", "technology")
    ended = pulse("fetch-articles", "--niche", "technology", "--count", "2", "--json")
    assert len(ended.document["articles"]) == 2
    assert ended.document["new"] > 2
    assert ended.document["errors"] == {}
    assert ended.document["next_cursor"]
    assert "sources asked" in pulse("fetch-articles", "--niche", "technology").out
    assert pulse("fetch-articles", "--niche", "nowhere").code == 1


def test_a_pass_tells_what_it_could_not_ask_and_takes_no_channel_that_is_not_there(
    pulse: Call, reachable: DemoSite, tmp_path: Path
) -> None:
    good = feed(reachable, "Kiln", "technology")
    outlines = "".join(f'<outline type="rss" text="x" xmlUrl="{url}"/>' for url in (good, "ftp://example.com/feed"))
    (tmp_path / "list.opml").write_text(f'<opml version="2.0"><body>{outlines}</body></opml>')
    ended = pulse("run", "--opml", tmp_path / "list.opml", "--niche", "science", "--channel", "nowhere", "--json")
    assert (ended.code, ended.document["error"]["code"]) == (2, "cli.unknown_channel")
    assert pulse("niches", "list", "--json").document["niches"] == [], "nothing was made before that was seen"
    ended = pulse("run", "--opml", tmp_path / "list.opml", "--niche", "science", "--channel", "site", "--json")
    assert (ended.code, ended.document["sources"]) == (0, 1)
    assert list(ended.document["errors"]) == ["ftp://example.com/feed"]
    assert "http://" in ended.document["errors"]["ftp://example.com/feed"]


def drafts_of_one_pass(pulse: Call, site: DemoSite) -> list[str]:
    pulse("niches", "add", "science")
    pulse("channel", "add", "site", "--name", "Site")
    pulse("sources", "add", feed(site, "Kiln", "technology"), "--niche", "science")
    assert pulse("run", "--niche", "science", "--json").document["complete"] is True
    found = pulse("posts", "list", "--state", "draft", "--json").document["posts"]
    assert len(found) >= 3
    return [post["id"] for post in found]


def test_a_draft_is_edited_by_hand_and_a_former_text_comes_back(
    pulse: Call, reachable: DemoSite, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first, second, *_ = drafts_of_one_pass(pulse, reachable)
    before = pulse("posts", "show", first, "--json").document
    proven = before["content"]["sentences"][0]["text"]
    edited = pulse("posts", "edit", first, "--text", f"{proven} All 9,731 of them left.", "--json").document
    assert [said["verdict"]["supported"] for said in edited["content"]["sentences"]] == [True, False]
    assert (edited["state"], edited["version"]) == ("draft", 2)
    assert "9,731" in edited["doubts"][1]

    # Read at a version that has passed: refused, and the text is told, not lost.
    stale = pulse("posts", "edit", first, "--text", "It is over.", "--version", "1")
    assert stale.code == 1
    assert "It is over." in stale.err
    (tmp_path / "text").write_text(proven)
    assert "✓" in pulse("posts", "edit", first, "--file", tmp_path / "text").out
    monkeypatch.setenv("VISUAL", f"{sys.executable} {tmp_path / 'editor.py'}")
    (tmp_path / "editor.py").write_text("import sys\nopen(sys.argv[1], 'a').write(' It is over.')")
    by_editor = pulse("posts", "edit", first, "--json").document
    assert [said["text"] for said in by_editor["content"]["sentences"]] == [proven, "It is over."]
    assert pulse("posts", "edit", first, "--text", " ").code == 2
    assert pulse("posts", "edit", first, "--text", "x", "--file", tmp_path / "text").code == 2
    assert pulse("posts", "edit", NOBODYS, "--text", "x").code == 1

    said = pulse("why", first).out
    assert "2. changed by cli/" in said
    assert f"- {before['text'].split()[0]}" in said
    (restored,) = pulse("posts", "restore", first, "--former", "1", "--json").document["posts"]
    assert (restored["content"], restored["text"]) == (before["content"], before["text"])
    assert "the text of version 1 was taken back by cli/" in pulse("why", first).out
    assert pulse("posts", "restore", first, "--former", "9").code == 1
    pulse("posts", "approve", second)
    assert pulse("posts", "edit", second, "--text", "Too late.").code == 1


def test_posts_from_draft_to_published(pulse: Call, reachable: DemoSite) -> None:
    first, second, third, *_ = drafts_of_one_pass(pulse, reachable)

    # In pages.
    page = pulse("posts", "list", "--limit", "1", "--json").document
    assert [post["id"] for post in page["posts"]] == [first]
    following = pulse("posts", "list", "--limit", "1", "--cursor", page["next_cursor"], "--json").document
    assert [post["id"] for post in following["posts"]] == [second]
    assert pulse("posts", "list", "--cursor", "nonsense").code == 2

    # Several at once: all of them, or none.
    assert pulse("posts", "approve", first, second, NOBODYS).code == 1
    assert len(pulse("posts", "list", "--state", "draft", "--json").document["posts"]) >= 3

    # Decided, each in its own way; what a state does not allow is refused.
    (approved,) = pulse("posts", "approve", first, "--json").document["posts"]
    assert (approved["state"], approved["approved_by"].partition("/")[0]) == ("approved", "cli")
    assert pulse("posts", "approve", first).code == 1
    (scheduled,) = pulse("posts", "approve", second, "--at", "2999-01-01T09:00", "--json").document["posts"]
    assert scheduled["state"] == "scheduled"
    (cancelled,) = pulse("posts", "cancel", second, "--json").document["posts"]
    assert cancelled["state"] == "cancelled"
    (rejected,) = pulse("posts", "reject", third, "--reason", "we ran it", "--json").document["posts"]
    assert (rejected["state"], rejected["error"]["message"]) == ("rejected", "we ran it")
    assert pulse("posts", "retry", third).code == 1
    assert pulse("posts", "settle", third).code == 2

    # Sent by the next pass, shown, and explained from the source to the answer.
    assert pulse("run", "--niche", "science", "--json").document["posts"]["published"] == 1
    shown = pulse("posts", "show", first, "--json").document
    assert (shown["state"], bool(shown["url"])) == ("published", True)
    assert "✓" in pulse("posts", "show", first).out
    chain = pulse("why", first, "--json").document
    assert [event["event"] for event in chain["history"]][-1] == "post.published"
    said = pulse("why", first).out
    quote = shown["content"]["sentences"][0]["citations"][0]["quote"]
    for part in (
        "Sources: ",
        "0.4 × model",
        "Summary: ",
        "supported, says verifier",
        "approved by cli/",
        "attempt 1",
        shown["url"],
        quote,
    ):
        assert part in said, part

    # The posts are what the log says.
    report = pulse("replay", "social", "--check", "--json").document
    assert (report["equal"], report["kept"]) == (True, False)
    assert report["tables"]["social.posts"]["after"] == len(pulse("posts", "list", "--json").document["posts"])
    assert pulse("replay", "social").code == 0
    assert pulse("replay", "nothing").code == 2
