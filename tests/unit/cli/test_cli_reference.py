"""The reference pages say what the code does: every command, option, setting, event and metric is in them."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import click
import pytest

from tests.unit.cli.test_cli_frame import every_command

ROOT = Path(__file__).resolve().parents[3]
REFERENCE = ROOT / "docs" / "reference"


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("write_reference", ROOT / "scripts" / "write_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_pages_are_up_to_date() -> None:
    command = [sys.executable, str(ROOT / "scripts" / "write_reference.py"), "--check"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100)
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"


def test_every_command_and_option_is_documented() -> None:
    page = (REFERENCE / "cli.md").read_text()
    for name, command in every_command():
        section = page.partition(f" {name}\n")[2].partition("\n#")[0]
        assert section, f"{name} is not in cli.md"
        for parameter in command.params:
            for option in parameter.opts if isinstance(parameter, click.Option) else ():
                assert option in section, f"{name} {option} is not in cli.md"


def test_what_is_written_by_hand_stays_and_the_rest_follows_the_code(script: ModuleType, tmp_path: Path) -> None:
    path = tmp_path / "cli.md"
    path.write_text(f"# Mine\n\nBy hand.\n\n{script.MARKER}\n\nold\n")
    assert script.page(path, "new") == f"# Mine\n\nBy hand.\n\n{script.MARKER}\n\nnew\n"


def test_a_stale_page_is_noticed(
    script: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(script, "FOLDER", tmp_path)
    monkeypatch.setattr(script, "PAGES", {"metrics": script.metrics})
    monkeypatch.setattr(sys, "argv", ["write_reference.py"])
    assert script.main() == 0
    monkeypatch.setattr(sys, "argv", ["write_reference.py", "--check"])
    assert script.main() == 0
    page = tmp_path / "metrics.md"
    page.write_text(page.read_text().replace("http_requests_total", "requests_total"))
    assert script.main() == 1
    assert "metrics.md" in capsys.readouterr().out


def test_every_metric_of_the_code_is_one_that_the_page_can_see() -> None:
    """Metrics are declared in one file; one declared elsewhere would be missing from the page."""
    declared = [
        path.relative_to(ROOT)
        for path in (ROOT / "src").rglob("*.py")
        if path.name != "metrics.py" and "from prometheus_client import" in path.read_text()
    ]
    for path in declared:
        text = (ROOT / path).read_text()
        assert not any(f" {kind}(" in text for kind in ("Counter", "Gauge", "Histogram", "Summary")), path
