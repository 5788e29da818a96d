"""Public corpora beside the repository, where they are; the tests on them skip where they are not."""

import os
from pathlib import Path

import pytest


def corpus(name: str) -> Path:
    """Return the folder of a public corpus, or skip the test."""
    beside = Path(__file__).parents[4]
    folders = [Path(os.environ["PULSE_CORPORA"])] if "PULSE_CORPORA" in os.environ else sorted(beside.glob("*/data"))
    for folder in folders:
        if (folder / name).is_dir():
            return folder / name
    pytest.skip(f"the corpus {name} is not here (a folder of corpora may be named in PULSE_CORPORA)")


@pytest.fixture(scope="session")
def feed_files() -> dict[str, bytes]:
    """Give feedparser's 2,107 test documents by path: what twenty years of feeds got wrong."""
    folder = corpus("feeds/feedparser")
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*.*")) if path.is_file()}


@pytest.fixture(scope="session")
def opml_files() -> dict[str, bytes]:
    """Give lists of real feeds."""
    return {path.name: path.read_bytes() for path in sorted(corpus("feeds/lists/opml").glob("*.opml"))}


@pytest.fixture(scope="session")
def article_pages() -> Path:
    """Give the article extraction benchmark: pages and the text of their articles."""
    return corpus("extraction")
