"""Who may call a route: `Depends(may(Permission.READ))` gives the caller, or answers 401 or 403."""

from collections.abc import Awaitable, Callable

from starlette.requests import HTTPConnection

from pulse.http.errors import NotAuthenticated, NotPermitted
from pulse.http.tokens import Permission, Principal, Tokens


def bearer(connection: HTTPConnection) -> str:
    """Return the token of the Authorization header. Raises `NotAuthenticated`."""
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise NotAuthenticated("the request carries no bearer token")
    return token.strip()


def may(permission: Permission) -> Callable[[HTTPConnection], Awaitable[Principal]]:
    """Return a dependency that lets callers through whose role has `permission`."""

    # A coroutine, although it waits for nothing: FastAPI sends plain functions through a thread.
    async def check(connection: HTTPConnection) -> Principal:
        tokens: Tokens = connection.app.state.tokens
        principal = tokens.verify(bearer(connection))
        if not principal.may(permission):
            raise NotPermitted(f"the role {principal.role.value} may not {permission.value}")
        return principal

    return check
