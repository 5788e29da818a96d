"""How one service asks another: HTTP, with a short-lived token of its own.

In one process the same client speaks to the other service's application in memory; no code differs.
"""

from datetime import timedelta
from typing import Any

import httpx

from pulse.http.errors import PeerRefused, PeerUnavailable
from pulse.http.tokens import Principal, Role, Tokens
from pulse.kernel.tenant import TenantId
from pulse.telemetry import tracing

_LIFETIME = timedelta(minutes=5)


class Peer:
    """Another service, as seen by `caller`."""

    def __init__(self, http: httpx.AsyncClient, tokens: Tokens, *, caller: str, service: str) -> None:
        self._http = http
        self._tokens = tokens
        self._caller = caller
        self.service = service

    async def ask(
        self,
        method: str,
        path: str,
        tenant: TenantId,
        *,
        json: Any = None,
        content: bytes | None = None,
        content_type: str | None = None,
        query: dict[str, Any] | None = None,
        on_behalf: Principal | None = None,
        idempotency_key: str | None = None,
    ) -> Any:
        """Send a request, with `json` or another document as its body, and return the answer: JSON, or else text.

        As the calling service, or `on_behalf` of a person, whose role then decides what is allowed.
        Raises `PeerUnavailable` (no answer, or 503) and `PeerRefused` (any other error; with `status`, `problem`).
        """
        principal = on_behalf or Principal(tenant, f"service:{self._caller}", Role.SERVICE)
        headers = tracing.inject({"authorization": f"Bearer {self._tokens.issue(principal, _LIFETIME)}"})
        if idempotency_key:
            headers["idempotency-key"] = idempotency_key
        if content_type:
            headers["content-type"] = content_type
        query = {name: value for name, value in (query or {}).items() if value is not None}
        try:
            answer = await self._http.request(method, path, json=json, content=content, params=query, headers=headers)
        except httpx.HTTPError as error:
            raise PeerUnavailable(f"{self.service} does not answer {method} {path}: {error!r}") from error
        if answer.status_code == 503:
            raise PeerUnavailable(f"{self.service} is not ready for {method} {path}")
        if answer.is_error:
            problem = _problem(answer)
            detail = problem.get("detail", answer.reason_phrase)
            raise PeerRefused(detail, status=answer.status_code, problem=problem, request=f"{method} {path}")
        if not answer.content:
            return None
        return answer.json() if "json" in answer.headers.get("content-type", "") else answer.text

    async def close(self) -> None:
        """Close its connections."""
        await self._http.aclose()


def _problem(answer: httpx.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
