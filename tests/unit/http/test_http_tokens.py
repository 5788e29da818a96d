"""Bearer tokens: only what we signed, for us, in time, is believed; and what each role may."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from pulse.http.errors import NotAuthenticated
from pulse.http.tokens import PERMISSIONS, Permission, Principal, Role, Tokens, new_key, open_tokens
from pulse.kernel.tenant import DEFAULT_TENANT
from pulse.settings import BadSettings, HttpSettings, Settings

KEY = new_key()
PRIVATE: Any = serialization.load_pem_private_key(KEY, None)
PUBLIC_PEM = PRIVATE.public_key().public_bytes(
    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
)
PUBLIC_RAW = PRIVATE.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
TOKENS = Tokens(KEY)
EDITOR = Principal(DEFAULT_TENANT, "ada", Role.EDITOR)


def claims(**changes: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    good = {
        "jti": "1",
        "aud": "pulse",
        "sub": "ada",
        "tenant": str(DEFAULT_TENANT),
        "role": "owner",
        "iat": now,
        "exp": now + timedelta(hours=1),
    }
    return {name: value for name, value in (good | changes).items() if value is not None}


def signed(payload: dict[str, Any], key: Any = PRIVATE, algorithm: str = "EdDSA", **headers: Any) -> str:
    return jwt.encode(payload, key, algorithm=algorithm, headers=headers or None)


def part(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def by_hand(header: dict[str, Any], payload: dict[str, Any], secret: bytes = b"") -> str:
    """Sign with HMAC (or not at all) as an attacker would, past the library's own checks."""
    body = json.dumps(payload, default=lambda at: int(at.timestamp()))
    signed_part = f"{part(json.dumps(header).encode())}.{part(body.encode())}"
    return f"{signed_part}.{part(hmac.digest(secret, signed_part.encode(), hashlib.sha256)) if secret else ''}"


def test_what_is_issued_is_believed() -> None:
    token = TOKENS.issue(EDITOR, timedelta(minutes=5))
    principal, expires = TOKENS.verify_until(token)
    assert principal == EDITOR
    assert timedelta(minutes=4) < expires - datetime.now(UTC) <= timedelta(minutes=5)
    assert TOKENS.verify(signed(claims())) == Principal(DEFAULT_TENANT, "ada", Role.OWNER), (
        "the forgeries differ in one point"
    )


FORGED = {
    "nothing": "",
    "one part": "abc",
    "three empty parts": "..",
    "not base64": "a.b.c",
    "not ASCII": "ä.ö.ü",
    "no signature": signed(claims()).rpartition(".")[0] + ".",
    "algorithm none": by_hand({"alg": "none", "typ": "JWT"}, claims()),
    "algorithm None in odd case": by_hand({"alg": "nOnE"}, claims()),
    "HMAC keyed with the public key (PEM)": by_hand({"alg": "HS256", "typ": "JWT"}, claims(), PUBLIC_PEM),
    "HMAC keyed with the public key (raw)": by_hand({"alg": "HS256", "typ": "JWT"}, claims(), PUBLIC_RAW),
    "HMAC under the name of EdDSA": by_hand({"alg": "EdDSA", "typ": "JWT"}, claims(), PUBLIC_PEM),
    "another key": signed(claims(), serialization.load_pem_private_key(new_key(), None)),
    "another key that the header brings": signed(
        claims(), serialization.load_pem_private_key(new_key(), None), jwk={"kty": "OKP", "crv": "Ed25519", "x": "AA"}
    ),
    "another curve": signed(claims(), ec.generate_private_key(ec.SECP256R1()), "ES256"),
    "another audience": signed(claims(aud="elsewhere")),
    "audiences none": signed(claims(aud=[])),
    "without audience": signed(claims(aud=None)),
    "without end": signed(claims(exp=None)),
    "without subject": signed(claims(sub=None)),
    "without tenant": signed(claims(tenant=None)),
    "without role": signed(claims(role=None)),
    "role unknown": signed(claims(role="root")),
    "role a list": signed(claims(role=["owner"])),
    "tenant no UUID": signed(claims(tenant="x")),
    "tenant a number": signed(claims(tenant=1)),
    "subject a number": signed(claims(sub=5)),
    "end a word": signed(claims(exp="tomorrow")),
    "end not a number": signed(claims(exp=float("nan"))),
    "end beyond all time": signed(claims(exp=10**30)),
    "end infinite": signed(claims(exp=float("inf"))),
    "not good yet": signed(claims(nbf=datetime.now(UTC) + timedelta(hours=1))),
    "a critical header we do not know": signed(claims(), crit=["x"], x=1),
    "claims no object": "e30.W10.e30",
    "claims nested deep": f"{part(b'[' * 100_000)}.{part(b'[' * 100_000)}.{part(b'x' * 64)}",
    "huge": "a" * 3_000_000,
    "huge and well formed": signed(claims(more="x" * 1_000_000)),
}


@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED.keys())
def test_what_is_forged_is_refused_in_words(token: str) -> None:
    with pytest.raises(NotAuthenticated) as refused:
        TOKENS.verify(token)
    assert refused.value.message == "the token is not one of ours"


def test_a_token_ends() -> None:
    now = datetime(2026, 7, 1, tzinfo=UTC)
    token = Tokens(KEY, lambda: now).issue(EDITOR, timedelta(seconds=10))
    assert Tokens(KEY, lambda: now + timedelta(seconds=9)).verify(token) == EDITOR
    for later in (10, 11, 10**8):
        with pytest.raises(NotAuthenticated, match="expired"):
            Tokens(KEY, lambda later=later: now + timedelta(seconds=later)).verify(token)  # type: ignore[misc]


@given(st.text() | st.binary().map(lambda some: some.decode("latin-1")))
def test_no_text_does_more_than_be_refused(token: str) -> None:
    with pytest.raises(NotAuthenticated):
        TOKENS.verify(token)


@given(st.data())
def test_no_changed_character_goes_through(data: st.DataObject) -> None:
    token = TOKENS.issue(EDITOR, timedelta(minutes=5))
    place = data.draw(st.integers(0, len(token) - 2))  # the last character carries bits that mean nothing
    letter = data.draw(st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_."))
    changed = token[:place] + letter + token[place + 1 :]
    if changed != token:
        with pytest.raises(NotAuthenticated):
            TOKENS.verify(changed)


def test_only_an_ed25519_key_signs() -> None:
    other = ec.generate_private_key(ec.SECP256R1()).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(ValueError, match="Ed25519"):
        Tokens(other)


@pytest.mark.parametrize("key", ["", "x", "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n", "ü"])
def test_a_key_that_is_none_is_a_bad_setting_that_is_not_shown(key: str, tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, http=HttpSettings.model_validate({"token_key": key}))
    with pytest.raises(BadSettings, match="PULSE_HTTP__TOKEN_KEY must be an Ed25519 private key") as refused:
        open_tokens(settings)
    assert "hunter2" not in refused.value.message


def test_the_key_is_made_once_and_may_be_set(tmp_path: Path) -> None:
    token = open_tokens(Settings(home=tmp_path)).issue(EDITOR, timedelta(minutes=5))
    assert open_tokens(Settings(home=tmp_path)).verify(token) == EDITOR
    made = (tmp_path / "keys" / "token.pem").read_text()
    moved = Settings(home=tmp_path / "elsewhere", http=HttpSettings.model_validate({"token_key": made}))
    assert open_tokens(moved).verify(token) == EDITOR
    with pytest.raises(NotAuthenticated):
        open_tokens(Settings(home=tmp_path / "another")).verify(token)


MAY = {
    Role.OWNER: {"read", "write", "approve", "manage"},
    Role.EDITOR: {"read", "write", "approve"},
    Role.ANALYST: {"read"},
    Role.VIEWER: {"read"},
    Role.SERVICE: {"read", "write", "approve", "manage", "internal"},
}


def test_every_role_may_what_the_table_says_and_no_more() -> None:
    assert set(PERMISSIONS) == set(Role) == set(MAY)
    for role in Role:
        principal = Principal(DEFAULT_TENANT, "x", role)
        assert {permission.value for permission in Permission if principal.may(permission)} == MAY[role]
