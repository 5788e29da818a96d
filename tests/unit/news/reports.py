"""Invented news: reports of the same events by different desks, and reports that only look alike.

`reports.txt` holds blocks of: event and desk, title, text. Reports of one event share its name; those whose name
begins with `-` stand alone, most of them close relatives of an event: the same subject, another happening.
"""

from pathlib import Path


def _read() -> list[tuple[str, str, str, str]]:
    reports = []
    for block in (Path(__file__).parent / "reports.txt").read_text().strip().split("\n\n"):
        head, title, *text = block.split("\n")
        event, _, desk = head.partition(" ")
        reports.append((event, desk, title, " ".join(text)))
    return reports


REPORTS = _read()
