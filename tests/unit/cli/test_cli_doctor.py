"""The checks of the machine say ok, warn or fail for the right reasons."""

import shutil
import socket
from pathlib import Path
from types import SimpleNamespace

import pytest

from pulse.cli.doctor import machine
from pulse.settings import Settings, StorageSettings
from tests.unit.cli.conftest import Call


def test_a_folder_that_is_there_or_can_be_made_is_fine(tmp_path: Path) -> None:
    assert machine.home(tmp_path).state == "ok"
    assert machine.home(tmp_path / "a" / "b").state == "ok"
    assert not (tmp_path / "a").exists(), "a check must not make anything"


def test_a_folder_that_cannot_be_used_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    assert machine.home(tmp_path / "file").state == "fail"
    monkeypatch.setattr("os.access", lambda *_: False)
    for folder in (tmp_path, tmp_path / "a"):
        check = machine.home(folder)
        assert (check.state, bool(check.next_step)) == ("fail", True)


@pytest.mark.parametrize(("free", "state"), [(10**12, "ok"), (10**9, "warn"), (10**8, "fail")])
def test_disk_space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, state: str) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=free))
    assert machine.disk(tmp_path / "not" / "there").state == state


def test_a_taken_port_fails() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        number = listener.getsockname()[1]
        check = machine.port("127.0.0.1", number)
        assert check.state == "fail"
        assert str(number) in check.message
    assert machine.port("127.0.0.1", number).state == "ok"
    assert machine.port("127.0.0.1", 0).state == "ok"


def test_the_programs_of_postgres_are_run(tmp_path: Path) -> None:
    assert "PostgreSQL" in machine.programs(Settings(home=tmp_path)).message
    (tmp_path / "initdb").touch(0o755)
    (tmp_path / "postgres").write_text("#!/bin/sh\necho broken >&2; exit 3\n")
    (tmp_path / "postgres").chmod(0o755)
    check = machine.programs(Settings(home=tmp_path, storage=StorageSettings(binaries=tmp_path)))
    assert (check.state, "broken" in check.message) == ("fail", True)
    assert machine.programs(Settings(home=tmp_path, storage=StorageSettings(binaries=tmp_path / "x"))).state == "fail"


def test_missing_npm_is_only_a_warning(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("node", "npm"):
        (tmp_path / name).write_text("#!/bin/sh\necho v24.1.0\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert (machine.node().state, "v24.1.0" in machine.node().message) == ("ok", True)
    (tmp_path / "npm").unlink()
    assert (machine.node().state, "npm not found" in machine.node().message) == ("warn", True)
    (tmp_path / "node").unlink()
    assert machine.node().state == "warn"


def test_wrong_settings_are_a_failed_check_not_an_error(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_HTTP__PRT", "1")
    ended = call("doctor", "--json")
    assert ended.code == 1
    assert ended.document["ok"] is False
    assert "PULSE_HTTP__PRT" in ended.document["checks"][0]["message"]


def test_a_fresh_data_folder_needs_no_database_yet(call: Call, data_folder: Path) -> None:
    ended = call("doctor", "--json")
    states = {check["name"]: check["state"] for check in ended.document["checks"]}
    assert states["database"] == "ok"
    assert states["data folder"] == "ok"
    assert not data_folder.exists()
