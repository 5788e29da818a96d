"""Seal and open short secrets."""

import base64
import binascii
import os
from collections.abc import Callable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from pulse.settings import BadSettings, Settings
from pulse.storage.files import named_file_errors
from pulse.vault.errors import SecretUnreadable

_KEY_BYTES = 32


class Vault:
    """Holds the key. `context` names tenant, table, row and column: what is moved elsewhere does not open."""

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, secret: str, context: str) -> bytes:
        """Return the secret sealed for `context`: 12 bytes of nonce, then ciphertext and tag."""
        nonce = os.urandom(12)
        return nonce + self._cipher.encrypt(nonce, secret.encode(), context.encode())

    def open(self, sealed: bytes, context: str) -> str:
        """Return the secret. Raises `SecretUnreadable` when it was sealed for another context or key."""
        try:
            return self._cipher.decrypt(sealed[:12], sealed[12:], context.encode()).decode()
        except (InvalidTag, ValueError):
            raise SecretUnreadable(f"the secret of {context} does not open") from None


def open_vault(settings: Settings) -> Vault:
    """Return the vault with the key of the settings, or of the data folder (made on first use).

    Raises `BadSettings` when the key is not one.
    """
    if settings.vault.key is not None:
        return Vault(_key(settings.vault.key.get_secret_value().encode(), "PULSE_VAULT__KEY"))
    path = settings.home / "keys" / "vault.key"
    return Vault(_key(key_file(path, lambda: base64.b64encode(os.urandom(_KEY_BYTES))), str(path)))


def _key(text: bytes, where: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error:
        key = b""
    if len(key) != _KEY_BYTES:
        raise BadSettings(f"{where} must be {_KEY_BYTES} bytes in base64 (`openssl rand -base64 32` makes such a key)")
    return key


def key_file(path: Path, make: Callable[[], bytes]) -> bytes:
    """Return the content of `path`; when it is not there, make it so that of several processes one wins."""
    with named_file_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not path.exists():
            _make(path, make)
        return path.read_bytes()


def _make(path: Path, make: Callable[[], bytes]) -> None:
    draft = path.with_suffix(f".{os.getpid()}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(make())
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass  # another process was first; its key is the key
    finally:
        draft.unlink()
