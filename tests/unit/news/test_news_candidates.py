"""The search for articles that might report the same event."""

import random
import time
from zlib import crc32

import numpy as np
import pytest

from pulse.news import candidates
from pulse.news.candidates import ENTRY, Candidates, keys_of, stem
from tests.unit.news.reports import REPORTS

WORDS = [f"w{number:04d}x" for number in range(4_000)]


def entries(texts: list[tuple[str, str]], created: float = 0.0) -> candidates.Entries:
    rows = np.zeros(len(texts), dtype=ENTRY)
    rows["keys"] = keys_of(texts)
    rows["created"] = created
    return rows


def pairs(search: Candidates, texts: list[tuple[str, str]]) -> list[tuple[int, int]]:
    """Add texts and return what they are like."""
    added = entries(texts)
    return search.similar(search.extend(added), added["keys"])


def text(source: random.Random, count: int = 90) -> str:
    return " ".join(source.choices(WORDS, k=count))


def test_every_report_of_an_event_finds_another_one() -> None:
    similar = pairs(Candidates(), [(title, body) for _, _, title, body in REPORTS])
    found = {(REPORTS[row][0], REPORTS[other][0]) for row, other in similar}
    events = {name for name, *_ in REPORTS if not name.startswith("-")}
    assert {event for event, other in found if event == other} == events


def test_copies_are_found_whatever_else_is_there_and_however_they_came() -> None:
    source = random.Random(3)
    originals = [("Title " + text(source, 6), text(source)) for _ in range(1_500)]
    # Another headline, another beginning, cut at the end.
    copies = [("Other " + text(source, 6), "Agency " + body[: len(body) * 3 // 4]) for _, body in originals[:300]]
    search = Candidates()
    search.extend(entries(originals[:700]))
    search.extend(entries(originals[700:]))
    first = len(search)
    found = {row - first for row, other in pairs(search, copies) if other == row - first}
    assert len(found) >= 297


def test_rows_come_in_pairs_with_earlier_rows_and_few_of_them() -> None:
    source = random.Random(4)
    body = text(source)
    search = Candidates()
    search.extend(entries([("Same title for all of them", body)] * 100))
    found = pairs(search, [("Same title for all of them", body)] * 100)
    assert {row for row, _ in found} == set(range(100, 200))
    assert all(other < row for row, other in found)
    assert max(np.bincount([row for row, _ in found])) <= 6


def test_a_report_finds_a_story_of_hundreds_of_reports() -> None:
    source = random.Random(9)
    event = [
        "quake",
        "parenta",
        "sulo",
        "magnitude",
        "tsunami",
        "masonry",
        "survey",
        "coast",
        "harbour",
        "sunday-night",
    ]

    def report() -> tuple[str, str]:
        # As invented reports above: half of the telling words are those of the event.
        lead = source.sample(event, 9) + source.choices(WORDS, k=9)
        source.shuffle(lead)
        return " ".join(source.sample(event, 4)), " ".join(lead) + " " + text(source, 60)

    search = Candidates()
    search.extend(entries([(text(source, 8), text(source)) for _ in range(1_500)]))
    search.extend(entries([report() for _ in range(300)]))
    first = len(search)
    found = pairs(search, [report() for _ in range(20)])
    assert {row for row, other in found if other >= 1_500} == set(range(first, first + 20))


def test_unrelated_texts_give_next_to_no_candidates() -> None:
    source = random.Random(5)
    assert len(pairs(Candidates(), [(text(source, 8), text(source)) for _ in range(1_000)])) < 20


def test_search_in_parts_equals_search_at_once() -> None:
    texts = [(title, body) for _, _, title, body in REPORTS] * 3
    whole, parts = Candidates(), Candidates()
    whole.extend(entries(texts[:-24]))
    for start in range(0, len(texts) - 24, 7):
        parts.extend(entries(texts[start : min(start + 7, len(texts) - 24)]))
    assert pairs(parts, texts[-24:]) == pairs(whole, texts[-24:])
    terms = ["bridge", "varnhem", "nowhere"]
    assert parts.frequencies(terms) == whole.frequencies(terms)
    assert whole.frequencies(terms)["nowhere"] == 0
    assert whole.frequencies(terms)["varnhem"] > 6


def test_the_largest_key_is_a_key_like_others() -> None:
    search = Candidates()
    added = entries([("One title", "one text")] * 2)
    added["keys"] = 0
    added["keys"][:, 0] = 0xFFFF_FFFF
    search.extend(added)
    search.extend(entries([("Another", "of another text")] * 2 * 5))
    first = search.extend(added[:1])
    assert search.similar(first, added["keys"][:1]) == [(first, 1), (first, 0)]


def test_old_articles_are_forgotten() -> None:
    texts = [(title, body) for _, _, title, body in REPORTS]
    search = Candidates()
    search.extend(entries(texts, created=100.0))
    search.extend(entries(texts, created=200.0))
    search.forget(150.0)
    assert len(search) == len(texts)
    assert set(search.entries["created"]) == {200.0}
    whole = Candidates()
    whole.extend(entries(texts))
    assert search.frequencies(["varnhem"]) == whole.frequencies(["varnhem"])
    found = pairs(search, texts)
    assert {(row - len(texts), other) for row, other in found} >= {(row, row) for row in range(len(texts))}


def test_forgetting_a_little_waits() -> None:
    texts = [(title, body) for _, _, title, body in REPORTS]
    search = Candidates()
    search.extend(entries(texts[:3], created=100.0))
    search.extend(entries(texts, created=200.0))
    search.forget(150.0)
    assert len(search) == len(texts) + 3


def test_keys_are_the_same_in_every_process() -> None:
    keys = keys_of([("A title of five words", "And a text, which has some more words than that.")])
    assert keys.shape == (1, 32)
    # Stored entries are compared with new ones: a change of the hashes needs a new candidates.FORMAT.
    assert keys[0, 12:15].tolist() == [724990059, 1018350795, 3287381265], candidates.FORMAT
    assert keys[0, 0] == 1005005381, candidates.FORMAT


def test_empty_and_tiny_texts_have_keys() -> None:
    assert keys_of([]).shape == (0, 32)
    assert keys_of([("", ""), ("x", ""), ("", "one two")]).shape == (3, 32)


def test_telling_words_leave_out_what_every_text_has() -> None:
    keys = keys_of([("The harbour bridges", "said Fenwick's bridge. Bus, ok?")])
    assert keys[0, 12:17].tolist() == [*(crc32(word) for word in (b"harbour", b"bridge", b"fenwick", b"bus")), 0]
    assert stem("北島") == "北島"
    assert stem("12") == "12"


def test_a_large_search_is_fast() -> None:
    source = random.Random(6)
    search = Candidates()
    keys = np.random.default_rng(1).integers(1, 2**32, (50_000, 32), dtype=np.uint32)
    rows = np.zeros(len(keys), dtype=ENTRY)
    rows["keys"] = keys
    search.extend(rows)
    began = time.process_time()
    for _ in range(20):
        pairs(search, [(text(source, 8), text(source)) for _ in range(5)])
    assert time.process_time() - began < 1.0


def test_no_more_than_the_largest_number_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candidates, "LARGEST", 100)
    source = random.Random(8)
    search = Candidates()
    texts = [(text(source, 8), text(source)) for _ in range(160)]
    search.extend(entries(texts))
    search.forget(-1.0)
    assert len(search) == 100
    assert pairs(search, texts[60:70]) == [(100 + row, row) for row in range(10)]


def test_settled_entries_are_kept() -> None:
    search = Candidates()
    added = entries([("One title", "one text")])
    first = search.extend(added)
    added["first"] = 1
    search.settle(first, added)
    assert search.entries["first"].tolist() == [1]
