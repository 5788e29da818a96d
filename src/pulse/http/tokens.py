"""Bearer tokens: JWTs signed with Ed25519, verified in every service without asking anyone."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pulse.http.errors import NotAuthenticated
from pulse.kernel.clock import Clock, utc_now
from pulse.kernel.ids import new_id
from pulse.kernel.tenant import TenantId
from pulse.settings import BadSettings, Settings
from pulse.vault.seal import key_file

_ALGORITHM = "EdDSA"
_AUDIENCE = "pulse"
_MAX_CHARACTERS = 4_096
"""Ours have a few hundred."""


class Role(StrEnum):
    """What a person may do in a workspace. `service` is Pulse itself, asking on behalf of a tenant."""

    OWNER = "owner"
    EDITOR = "editor"
    ANALYST = "analyst"
    VIEWER = "viewer"
    SERVICE = "service"


class Permission(StrEnum):
    """What a route asks for."""

    READ = "read"
    WRITE = "write"
    APPROVE = "approve"
    MANAGE = "manage"
    INTERNAL = "internal"


PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset({Permission.READ, Permission.WRITE, Permission.APPROVE, Permission.MANAGE}),
    Role.EDITOR: frozenset({Permission.READ, Permission.WRITE, Permission.APPROVE}),
    Role.ANALYST: frozenset({Permission.READ}),
    Role.VIEWER: frozenset({Permission.READ}),
    Role.SERVICE: frozenset(Permission),
}


@dataclass(frozen=True, slots=True)
class Principal:
    """Who asks, and for which tenant."""

    tenant: TenantId
    subject: str
    role: Role

    def may(self, permission: Permission) -> bool:
        """Return whether the role includes the permission."""
        return permission in PERMISSIONS[self.role]


class Tokens:
    """Signs and verifies."""

    def __init__(self, key_pem: bytes, clock: Clock = utc_now) -> None:
        key = serialization.load_pem_private_key(key_pem, None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("the token key must be an Ed25519 private key in PEM")
        self._private, self._public, self._clock = key, key.public_key(), clock

    def issue(self, principal: Principal, lifetime: timedelta) -> str:
        """Return a token for `principal` that is good for `lifetime`."""
        now = self._clock()
        claims = {
            "jti": str(new_id()),
            "aud": _AUDIENCE,
            "sub": principal.subject,
            "tenant": str(principal.tenant),
            "role": principal.role.value,
            "iat": now,
            "exp": now + lifetime,
        }
        return jwt.encode(claims, self._private, algorithm=_ALGORITHM)

    def verify(self, token: str) -> Principal:
        """Return whom the token speaks for. Raises `NotAuthenticated` when it is not good, saying why."""
        return self.verify_until(token)[0]

    def verify_until(self, token: str) -> tuple[Principal, datetime]:
        """Like `verify`, and when the token ends: for connections that outlive one request."""
        if len(token) > _MAX_CHARACTERS:
            raise NotAuthenticated("the token is not one of ours")
        try:
            claims = jwt.decode(
                token,
                self._public,
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                options={"require": ["exp", "aud", "sub", "tenant", "role"], "verify_exp": False, "verify_iat": False},
            )
            expires = datetime.fromtimestamp(int(claims["exp"]), self._clock().tzinfo)
            principal = Principal(TenantId(UUID(claims["tenant"])), str(claims["sub"]), Role(claims["role"]))
        except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError, OverflowError):
            raise NotAuthenticated("the token is not one of ours") from None
        if expires <= self._clock():
            raise NotAuthenticated("the token is expired")
        return principal, expires


def open_tokens(settings: Settings) -> Tokens:
    """Return the signer with the key of the settings, or of the data folder (made on first use).

    Raises `BadSettings` when the key is not one.
    """
    path = settings.home / "keys" / "token.pem"
    configured = settings.http.token_key
    try:
        return Tokens(key_file(path, new_key) if configured is None else configured.get_secret_value().encode())
    except (ValueError, TypeError, UnsupportedAlgorithm):
        where = str(path) if configured is None else "PULSE_HTTP__TOKEN_KEY"
        allowed = "an Ed25519 private key in PEM, without password"
        raise BadSettings(f"{where} must be {allowed} (`openssl genpkey -algorithm ed25519` makes one)") from None


def new_key() -> bytes:
    """Return a fresh Ed25519 private key in PEM."""
    return Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
