"""The way to feedparser, for what the fast reader cannot read: in a child process, behind a time limit."""

from typing import Any

from pulse.news.feeds.raw import RawFeed
from pulse.news.killable import Killable

SECONDS = 4.0
"""CPU time for one document. A hostile one of 103 KB has kept feedparser busy for longer."""

patient_reader = Killable("pulse.news.feeds.patient:read_patiently", seconds=SECONDS)
"""The process's one feedparser; broken feeds wait for each other."""


def raw_feed(answer: dict[str, Any]) -> RawFeed:
    """Bring the child's answer into the form the fast reader has."""
    return RawFeed(answer["kind"], answer["head"], answer["entries"])
