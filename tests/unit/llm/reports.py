"""Short news reports of our own writing in thirteen languages, with the names that occur in them."""

import json
from pathlib import Path

REPORTS: dict[str, tuple[str, tuple[str, ...]]] = {
    language: (report["text"], tuple(report["names"]))
    for language, report in json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8")).items()
}
