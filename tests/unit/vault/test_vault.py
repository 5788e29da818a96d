"""Sealed secrets open only with their key, in their place, unchanged; keys are made once and kept private."""

import base64
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pulse.settings import BadSettings, Settings, VaultSettings
from pulse.vault.errors import SecretUnreadable
from pulse.vault.seal import Vault, key_file, open_vault

VAULT = Vault(bytes(range(32)))
PLACE = "tenant/social.channels/1/secret"


@given(st.text(), st.text())
def test_what_is_sealed_opens_again(secret: str, context: str) -> None:
    sealed = VAULT.seal(secret, context)
    assert VAULT.open(sealed, context) == secret
    assert VAULT.seal(secret, context) != sealed, "equal secrets do not look equal"


def test_a_secret_moved_elsewhere_does_not_open() -> None:
    sealed = VAULT.seal("hush", PLACE)
    assert b"hush" not in sealed
    for context in ("", "tenant/social.channels/2/secret", PLACE + " "):
        with pytest.raises(SecretUnreadable) as refused:
            VAULT.open(sealed, context)
        assert "hush" not in str(refused.value)


@given(st.data())
def test_a_changed_or_cut_secret_does_not_open(data: st.DataObject) -> None:
    sealed = VAULT.seal("hush", PLACE)
    place = data.draw(st.integers(0, len(sealed) - 1))
    changed = bytearray(sealed)
    changed[place] ^= data.draw(st.integers(1, 255))
    for wrong in (bytes(changed), sealed[:place], sealed + b"\0"):
        with pytest.raises(SecretUnreadable):
            VAULT.open(wrong, PLACE)


@given(st.binary(max_size=64))
def test_what_was_never_sealed_does_not_open(sealed: bytes) -> None:
    with pytest.raises(SecretUnreadable):
        VAULT.open(sealed, PLACE)


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(SecretUnreadable):
        Vault(bytes(32)).open(VAULT.seal("hush", PLACE), PLACE)


def test_the_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    sealed = open_vault(settings).seal("hush", PLACE)
    assert open_vault(settings).open(sealed, PLACE) == "hush"
    file = tmp_path / "home" / "keys" / "vault.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert [one.name for one in file.parent.iterdir()] == ["vault.key"], "no draft stays"


def test_the_key_of_the_settings_wins(tmp_path: Path) -> None:
    key = base64.b64encode(bytes(range(32))).decode()
    vault = open_vault(Settings(home=tmp_path, vault=VaultSettings.model_validate({"key": key})))
    assert vault.open(VAULT.seal("hush", PLACE), PLACE) == "hush"
    assert not (tmp_path / "keys").exists()


@pytest.mark.parametrize("key", ["", "short", "c2hvcnQ=", "äöü", "x" * 44, base64.b64encode(bytes(16)).decode()])
def test_a_key_that_is_none_is_a_bad_setting_that_is_not_shown(tmp_path: Path, key: str) -> None:
    with pytest.raises(BadSettings, match="PULSE_VAULT__KEY") as refused:
        open_vault(Settings(home=tmp_path, vault=VaultSettings.model_validate({"key": key})))
    assert "32 bytes" in refused.value.message
    assert not key or key not in refused.value.message


def test_an_existing_key_is_read_and_not_made(tmp_path: Path) -> None:
    (tmp_path / "key").write_bytes(b"here")

    def make() -> bytes:
        raise AssertionError("not asked for")

    assert key_file(tmp_path / "key", make) == b"here"


RACE = """
import os, sys, time
from pathlib import Path
from pulse.vault.seal import key_file

def make():
    time.sleep(0.3)  # until the others, too, have seen that there is none
    return os.urandom(32).hex().encode()

print("ready", flush=True)
sys.stdin.readline()
print(key_file(Path(sys.argv[1]) / "keys" / "vault.key", make).decode())
"""


def test_of_several_processes_one_makes_the_key_and_all_have_it(tmp_path: Path) -> None:
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", RACE, str(tmp_path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    found = {process.communicate(timeout=30)[0].strip() for process in processes}
    assert all(process.returncode == 0 for process in processes)
    assert found == {(tmp_path / "keys" / "vault.key").read_text()}
    assert len(list((tmp_path / "keys").iterdir())) == 1
