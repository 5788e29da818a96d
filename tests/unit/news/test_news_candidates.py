"""The search for articles that might report the same event."""

import random
import time

import numpy as np

from pulse.news import candidates
from pulse.news.candidates import ENTRY, Candidates, keys_of, stem, telling_words
from tests.unit.news.reports import REPORTS

WORDS = [f"w{number:04d}x" for number in range(4_000)]


def entries(texts: list[tuple[str, str]], created: float = 0.0) -> candidates.Entries:
    rows = np.zeros(len(texts), dtype=ENTRY)
    rows["keys"] = keys_of(texts)
    rows["created"] = created
    return rows


def text(source: random.Random, count: int = 90) -> str:
    return " ".join(source.choices(WORDS, k=count))


def test_every_report_of_an_event_finds_another_one() -> None:
    search = Candidates()
    search.extend(entries([(title, body) for _, _, title, body in REPORTS]))
    found = {(REPORTS[row][0], REPORTS[other][0]) for row, other in search.similar(0)}
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
    first = search.extend(entries(copies))
    found = {row - first for row, other in search.similar(first) if other == row - first}
    assert len(found) >= 297


def test_rows_come_in_pairs_with_earlier_rows_and_few_of_them() -> None:
    source = random.Random(4)
    body = text(source)
    search = Candidates()
    search.extend(entries([("Same title for all of them", body)] * 200))
    pairs = search.similar(100)
    assert {row for row, _ in pairs} == set(range(100, 200))
    assert all(other < row for row, other in pairs)
    assert max(np.bincount([row for row, _ in pairs])) <= 6


def test_unrelated_texts_give_next_to_no_candidates() -> None:
    source = random.Random(5)
    search = Candidates()
    search.extend(entries([(text(source, 8), text(source)) for _ in range(1_000)]))
    assert len(search.similar(0)) < 20


def test_search_in_parts_equals_search_at_once() -> None:
    texts = [(title, body) for _, _, title, body in REPORTS] * 3
    whole, parts = Candidates(), Candidates()
    whole.extend(entries(texts))
    for start in range(0, len(texts), 7):
        parts.extend(entries(texts[start : start + 7]))
    assert parts.similar(150) == whole.similar(150)
    terms = ["bridge", "varnhem", "nowhere"]
    assert parts.frequencies(terms) == whole.frequencies(terms)
    assert whole.frequencies(terms)["nowhere"] == 0
    assert whole.frequencies(terms)["varnhem"] > 6


def test_old_articles_are_forgotten() -> None:
    texts = [(title, body) for _, _, title, body in REPORTS]
    search = Candidates()
    search.extend(entries(texts, created=100.0))
    search.extend(entries(texts, created=200.0))
    search.forget(150.0)
    assert len(search) == len(texts)
    assert set(search.entries["created"]) == {200.0}
    assert max(other for _, other in search.similar(0)) < len(texts)


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
    assert telling_words(["the", "harbour", "bridges"], ["said", "fenwick's", "bus", "ok"]) == [
        "harbour",
        "bridge",
        "fenwick",
        "bus",
    ]
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
        search.similar(search.extend(entries([(text(source, 8), text(source)) for _ in range(5)])))
    assert time.process_time() - began < 1.0
