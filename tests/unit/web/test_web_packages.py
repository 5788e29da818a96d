"""The JavaScript the pages use: locked to the byte, and from nowhere in particular."""

import json
import re
from pathlib import Path

import pytest
from scripts.build_web import COPIED, NODE_WHEEL

from pulse.web.assets import FOLDER

PACKAGE = FOLDER.parent


def test_the_lock_names_every_byte_and_no_address() -> None:
    text = (PACKAGE / "package-lock.json").read_text()
    packages = {name: entry for name, entry in json.loads(text)["packages"].items() if name}
    assert packages
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    assert not re.search(r"https?:|resolved", text)


def test_versions_are_exact() -> None:
    package = json.loads((PACKAGE / "package.json").read_text())
    versions = [*package["dependencies"].values(), *package["devDependencies"].values()]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in versions)
    assert NODE_WHEEL.count("--hash=sha256:") == len(NODE_WHEEL.strip().splitlines()) - 1


def test_everything_that_is_copied_comes_with_its_licence() -> None:
    vendor = FOLDER / "vendor"
    if not vendor.exists():
        pytest.skip("run `python scripts/build_web.py` first")
    assert {path.name for path in vendor.iterdir() if not path.name.startswith(".")} == set(COPIED.values())
    assert {name.split(".")[0] for name in COPIED.values()} == {
        name.split(".")[0] for name in COPIED.values() if "LICENSE" in name
    }


def test_our_own_scripts_name_no_other_site() -> None:
    for path in (*FOLDER.glob("*.js"), *FOLDER.glob("*.css"), *Path(PACKAGE / "templates").glob("*.html")):
        assert not re.search(r"""(src|href|url\(|import|fetch\()\s*[=(]?\s*["']?(https?:)?//""", path.read_text()), path
